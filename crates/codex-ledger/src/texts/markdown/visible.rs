//! [`visible`]: characters that cannot be seen, made visible.

use std::borrow::Cow;
use std::fmt::Write as _;

use codex_protocol::steering;

/// Writes every control character but tab and line feed, and every character that hides or reorders text, as
/// `\u{..}`; joiners stay where a script or an emoji needs them.
///
/// ```
/// assert_eq!(codex_ledger::texts::markdown::visible("\u{1b}[31mred\u{202e}"), r"\u{1b}[31mred\u{202e}");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    let mut hidden = steering(text).filter(|(_, letter)| !matches!(letter, '\t' | '\n')).peekable();
    if hidden.peek().is_none() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut done = 0;
    for (at, letter) in hidden {
        shown.push_str(&text[done..at]);
        write!(shown, "\\u{{{:x}}}", u32::from(letter)).expect("writing to a string does not fail");
        done = at + letter.len_utf8();
    }
    shown.push_str(&text[done..]);
    Cow::Owned(shown)
}
