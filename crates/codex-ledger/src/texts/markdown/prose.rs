//! [`prose`]: what a model wrote, kept in its place.

use std::collections::HashMap;

use super::visible;

/// Writes a text in Markdown so that it stays below a heading of the given level and ends where it ends.
///
/// Its lists, tables, code and emphasis stay. Headings become deeper ones, fences that are left open are closed,
/// and HTML, pictures and definitions of links become text. The result is empty or ends with a line feed.
///
/// ```
/// use codex_ledger::texts::markdown::prose;
///
/// assert_eq!(prose("# Done\n\n<b>`x < y`</b>", 2), "### Done\n\n\\<b>`x < y`\\</b>\n");
/// assert_eq!(prose("```\nopen", 2), "```\nopen\n```\n");
/// ```
pub fn prose(text: &str, level: usize) -> String {
    let text = text.replace("\r\n", "\n");
    let text = visible(text.trim_end());
    let mut written = String::with_capacity(text.len() + 64);
    let mut open: Option<Fence> = None;
    for line in text.trim_start_matches('\n').lines() {
        match &open {
            Some(fence) if fence.is_closed_by(line) => {
                written.push_str(&fence.mark());
                open = None;
            }
            Some(_) => written.push_str(line),
            None => match Fence::opened_by(line) {
                Some((fence, info)) => {
                    written.push_str(&fence.mark());
                    written.push_str(&info);
                    open = Some(fence);
                }
                None => push_line(&mut written, line, level),
            },
        }
        written.push('\n');
    }
    if let Some(fence) = open {
        written.push_str(&fence.mark());
        written.push('\n');
    }
    written
}

/// An open fence; it is written without its indentation, so that no list or quotation can end it.
struct Fence {
    letter: char,
    length: usize,
}

impl Fence {
    fn opened_by(line: &str) -> Option<(Self, String)> {
        let line = line.trim_matches([' ', '\t']);
        let letter = line.chars().next().filter(|letter| matches!(letter, '`' | '~'))?;
        let info = line.trim_start_matches(letter);
        let length = line.len() - info.len();
        let is_fence = length >= 3 && !(letter == '`' && info.contains('`'));
        let word =
            info.trim().chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
        is_fence.then_some((Self { letter, length }, word))
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let line = line.trim_matches([' ', '\t']);
        line.len() >= self.length && line.chars().all(|letter| letter == self.letter)
    }

    fn mark(&self) -> String {
        self.letter.to_string().repeat(self.length)
    }
}

fn push_line(written: &mut String, line: &str, level: usize) {
    let rest = &line[containers(line)..];
    if rest.is_empty() && line.trim_end().ends_with('-') {
        // An item without a text is an underline to the line above.
        written.push_str(line.trim_end().trim_end_matches('-'));
        written.push_str("\\-");
        return;
    }
    written.push_str(&line[..line.len() - rest.len()]);
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    let is_heading = (1..=6).contains(&hashes)
        && rest[hashes..].chars().next().is_none_or(|letter| matches!(letter, ' ' | '\t'));
    let is_underline = !rest.is_empty()
        && (rest.trim_end().bytes().all(|byte| byte == b'=')
            || rest.trim_end().bytes().all(|byte| byte == b'-'));
    let is_label = LABELS.iter().any(|label| {
        rest.strip_prefix("**")
            .and_then(|rest| rest.strip_prefix(label))
            .is_some_and(|rest| rest.starts_with("**"))
    });
    if is_heading {
        written.push_str(&"#".repeat((level + hashes).min(6)));
        push_inline(written, &rest[hashes..]);
    } else if is_underline {
        written.push('\\');
        written.push_str(rest);
    } else if is_label {
        written.push_str("\\*\\*");
        push_inline(written, &rest[2..]);
    } else if rest.starts_with('[') && (rest.contains("]:") || !rest.contains(']')) {
        written.push('\\');
        written.push('[');
        push_inline(written, &rest[1..]);
    } else {
        push_inline(written, rest);
    }
}

/// What our own decision records have as labels, which no text may imitate.
const LABELS: &[&str] =
    &["Turn", "Status", "Date", "Context", "Options Considered", "Decision", "Result", "Consequences"];

/// The length of what stands before the text of a line: indentation, signs of quotations and of lists.
///
/// A heading can stand behind them, and a list or quotation would hide it from a look at the start of the line.
fn containers(line: &str) -> usize {
    let mut length = 0;
    loop {
        let rest = &line[length..];
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        if blank > 0 {
            length += blank;
            continue;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let sign = match rest.as_bytes() {
            [b'>', ..] | [b'-' | b'+' | b'*', b' ' | b'\t', ..] => 1,
            bytes if (1..=9).contains(&digits) => match bytes[digits..] {
                [b'.' | b')', b' ' | b'\t', ..] => digits + 1,
                _ => return length,
            },
            _ => return length,
        };
        length += sign;
    }
}

/// Writes text within a line: spans of code as they are, everything else without HTML and pictures.
///
/// A run of backticks that no other in its line closes is escaped, since it could hide what follows it.
fn push_inline(written: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let runs = BacktickRuns::of(bytes);
    let (mut at, mut copied) = (0, 0);
    while at < bytes.len() {
        let next = bytes.get(at + 1).copied();
        let (escaped, length) = match bytes[at] {
            b'\\' if next == Some(b'`') => ("\\`", 1 + run_length(bytes, at + 1)),
            b'\\' if next.is_some_and(|next| next.is_ascii_punctuation()) => {
                at += 2;
                continue;
            }
            b'`' => {
                let length = run_length(bytes, at);
                if let Some(end) = runs.end_of_closing(at, length) {
                    at = end;
                    continue;
                }
                ("\\`", length)
            }
            b'<' => ("\\<", 1),
            b'!' if next == Some(b'[') => ("\\!", 1),
            _ => {
                at += 1;
                continue;
            }
        };
        written.push_str(&text[copied..at]);
        let times = if escaped == "\\`" { length - usize::from(bytes[at] == b'\\') } else { 1 };
        written.push_str(&escaped.repeat(times));
        at += length;
        copied = at;
    }
    written.push_str(&text[copied..]);
}

fn run_length(bytes: &[u8], start: usize) -> usize {
    bytes[start..].iter().take_while(|byte| **byte == b'`').count()
}

/// The runs of backticks in a line by their length, so that each is looked for once.
struct BacktickRuns(HashMap<usize, Vec<usize>>);

impl BacktickRuns {
    fn of(bytes: &[u8]) -> Self {
        let mut runs: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut at = 0;
        while let Some(start) = memchr::memchr(b'`', &bytes[at..]).map(|offset| at + offset) {
            let length = run_length(bytes, start);
            runs.entry(length).or_default().push(start);
            at = start + length;
        }
        Self(runs)
    }

    /// The end of the next run of this length.
    fn end_of_closing(&self, opening: usize, length: usize) -> Option<usize> {
        let starts = self.0.get(&length)?;
        let next = starts.partition_point(|start| *start <= opening);
        starts.get(next).map(|start| start + length)
    }
}
