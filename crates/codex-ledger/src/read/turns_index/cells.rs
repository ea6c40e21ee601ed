//! Cells of a line of CSV: splitting, quoting, and the guard against formulas.

/// Splits a line into its cells; `None` if its quotes do not close.
pub(super) fn split(line: &str) -> Option<Vec<String>> {
    let mut cells = Vec::new();
    let mut rest = line;
    loop {
        let (cell, after) = if let Some(quoted) = rest.strip_prefix('"') {
            unquote(quoted)?
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            (rest[..end].to_owned(), &rest[end..])
        };
        cells.push(cell);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None if after.is_empty() => return Some(cells),
            None => return None,
        }
    }
}

fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut cell = String::new();
    let mut rest = quoted;
    loop {
        let end = rest.find('"')?;
        cell.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                cell.push('"');
                rest = after;
            }
            None => return Some((cell, rest)),
        }
    }
}

/// Quotes a cell, where that is needed.
pub(super) fn quote(cell: &str) -> String {
    if cell.contains([',', '"', '\r', '\n']) || cell.starts_with(' ') || cell.ends_with(' ') {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// Puts a `'` before a text that a spreadsheet would take for a formula, and before one that looks so guarded.
pub(super) fn guard(text: &str) -> String {
    if needs_guard(text) { format!("'{text}") } else { text.to_owned() }
}

/// Takes the guard off again.
pub(super) fn strip(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if needs_guard(text) => text,
        _ => cell,
    }
}

fn needs_guard(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r']) || text.strip_prefix('\'').is_some_and(needs_guard)
}

/// Puts a text on one line: control characters become spaces, and so does what ends a line or turns the direction of a row
/// elsewhere; what is beyond the limit is left out.
pub(super) fn one_line(text: &str, limit_letters: usize) -> String {
    let breaks_a_row = |letter: char| {
        letter.is_control() || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|letter| if breaks_a_row(letter) { ' ' } else { letter }).take(limit_letters).collect()
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn nothing_in_a_cell_turns_the_row_or_ends_it() {
        assert_eq!(one_line("a\u{202e}b\u{2066}c\u{2029}d\re", 200), "a b c d e");
    }
}
