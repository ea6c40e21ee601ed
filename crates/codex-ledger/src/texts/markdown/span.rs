//! Texts within a line: [`one_line`], [`inline`], [`code_span`], and both as cells of a table.

use super::{longest_run, visible};

/// Puts a text on one line: white space becomes a space, what cannot be seen becomes visible.
///
/// ```
/// assert_eq!(codex_ledger::texts::markdown::one_line("a\r\n b\t c\u{7}"), r"a b c\u{7}");
/// ```
pub fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    visible(&words.join(" ")).into_owned()
}

/// Writes a text that is nothing but text: no heading, no list, no link, no HTML.
///
/// ```
/// assert_eq!(codex_ledger::texts::markdown::inline("# *a* <b>"), r"\# \*a\* \<b\>");
/// ```
pub fn inline(text: &str) -> String {
    let line = one_line(text);
    let mut escaped = String::with_capacity(line.len() + 8);
    for (at, letter) in line.char_indices() {
        // At the start of a line more means something: headings, lists, numbers of lists.
        let starts = at == 0 && matches!(letter, '#' | '+' | '-' | '=' | ':');
        let number = matches!(letter, '.' | ')') && line[..at].bytes().all(|byte| byte.is_ascii_digit());
        let means =
            matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '$' | '^');
        if starts || means || (number && at > 0) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// Writes a text as a span of code, whatever backticks it has; line feeds become visible.
///
/// ```
/// assert_eq!(codex_ledger::texts::markdown::code_span("a`b"), "``a`b``");
/// ```
pub fn code_span(text: &str) -> String {
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let text = visible(text).replace('\n', "\\u{a}").replace('\t', "\\u{9}");
    let marks = "`".repeat(longest_run(&text) + 1);
    // A space at both ends is taken off again by the reader, which only happens where there are two.
    let is_padded = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    let space = if is_padded && !text.bytes().all(|byte| byte == b' ') { " " } else { "" };
    format!("{marks}{space}{text}{space}{marks}")
}

/// Writes a text as the text of a cell of a table; an empty cell stays empty.
///
/// ```
/// assert_eq!(codex_ledger::texts::markdown::cell("a | b"), "a \\| b");
/// ```
pub fn cell(text: &str) -> String {
    inline(text)
}

/// Writes a text as a [`code_span`] in a cell of a table, where a bar has to be escaped even within code.
///
/// A backslash before the bar would escape the escape, so that such a bar is made visible instead.
///
/// ```
/// assert_eq!(codex_ledger::texts::markdown::code_cell("a|b"), "`a\\|b`");
/// ```
pub fn code_cell(text: &str) -> String {
    let span = code_span(text);
    let mut cell = String::with_capacity(span.len());
    for letter in span.chars() {
        match letter {
            '|' if cell.ends_with('\\') => cell.push_str("u{7c}"),
            '|' => cell.push_str("\\|"),
            other => cell.push(other),
        }
    }
    cell
}
