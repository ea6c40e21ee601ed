//! [`visible`]: characters that cannot be seen, made visible.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Writes every control character but tab and line feed, and every character that hides or reorders text, as
/// `\u{..}`.
///
/// ```
/// assert_eq!(codex_ledger::markdown::visible("\u{1b}[31mred\u{202e}"), r"\u{1b}[31mred\u{202e}");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        if is_hidden(letter) {
            write!(shown, "\\u{{{:x}}}", u32::from(letter)).expect("writing to a string does not fail");
        } else {
            shown.push(letter);
        }
    }
    Cow::Owned(shown)
}

fn is_hidden(letter: char) -> bool {
    match letter {
        '\t' | '\n' => false,
        // Marks of direction, embeddings, overrides and isolates; separators of lines and paragraphs; what has
        // no width; tags, which spell ASCII out of sight.
        '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => true,
        _ => letter.is_control(),
    }
}
