//! [`parse_dotenv`]: the pairs of an `.env` file.

/// Reads the pairs of an `.env` file: `NAME=value`, `export NAME='value'`, comments; what is none is passed over.
///
/// Nothing is expanded. A value between double quotes may go over several lines.
///
/// ```
/// let pairs = codex_ledger::redaction::parse_dotenv(b"# db\nexport DB_PASSWORD='s3cr3t-x' # old\nEMPTY=\n");
/// let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
/// assert_eq!(pairs, [("DB_PASSWORD", "s3cr3t-x"), ("EMPTY", "")]);
/// ```
pub fn parse_dotenv(bytes: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(bytes);
    let mut rest = text.trim_start_matches('\u{feff}');
    let mut pairs = Vec::new();
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        rest = after;
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=') else { continue };
        let name = name.trim();
        if name.is_empty() || name.starts_with('#') {
            continue;
        }
        let value = value.trim();
        let value = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => match value[1..].split_once(quote) {
                Some((inside, _)) => inside.to_owned(),
                None => continued(&value[1..], quote, &mut rest),
            },
            _ => value.split(" #").next().unwrap_or_default().trim_end().to_owned(),
        };
        pairs.push((name.to_owned(), value));
    }
    pairs
}

/// A value whose quote is closed on a later line, or one line if it never is.
fn continued(first: &str, quote: char, rest: &mut &str) -> String {
    match rest.split_once(quote) {
        Some((inside, after)) => {
            *rest = after.split_once('\n').map_or("", |(_, after)| after);
            format!("{first}\n{inside}")
        }
        None => first.to_owned(),
    }
}
