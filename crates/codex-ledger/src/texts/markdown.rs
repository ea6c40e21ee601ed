//! Text of others inside our Markdown, without a way out of its place.
//!
//! Every function here takes any text whatever and gives a text that a reader of `CommonMark` takes for what it
//! is meant to be: a block of code, a span, the text of a heading or a cell, prose below a heading of ours.
//! Control characters, and those that change the direction of text, become visible as `\u{1b}`.

mod prose;
mod span;
mod visible;

pub use prose::prose;
pub use span::{cell, code_cell, code_span, inline, one_line};
pub use visible::visible;

/// Writes a text as a block of code whose fence is longer than any run of backticks in it.
///
/// A text without a line feed at its end gets one, and a note below the block says so.
///
/// ```
/// use codex_ledger::texts::markdown::fence;
///
/// assert_eq!(fence("# no heading\n", "text"), "```text\n# no heading\n```\n");
/// assert_eq!(fence("```\n", "text"), "````text\n```\n````\n");
/// ```
pub fn fence(text: &str, info: &str) -> String {
    let text = visible(text);
    let marks = "`".repeat(longest_run(&text).max(2) + 1);
    let info: String = info.chars().filter(char::is_ascii_alphanumeric).collect();
    if text.is_empty() || text.ends_with('\n') {
        format!("{marks}{info}\n{text}{marks}\n")
    } else {
        format!("{marks}{info}\n{text}\n{marks}\n\n(no line feed at the end)\n")
    }
}

/// The length of the longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
pub(crate) mod tests;
