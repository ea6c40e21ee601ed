//! What comes from the agent, made safe to print: it may not move the cursor, clear the screen, set a title, turn the
//! direction of what follows or hide from the reader.

use std::borrow::Cow;

use anstream::adapter::strip_str;
use codex_protocol::steering;

/// Stands for a line break within one line.
const BREAK: &str = " ⏎ ";
/// Stands for a control character.
const REPLACED: char = '\u{fffd}';

/// How many characters of a text are shown in one line; a command can be a script of a megabyte.
const LIMIT_CHARACTERS: usize = 8192;

/// Makes one line of a text: escape sequences are gone, line breaks shown, other control characters replaced.
pub(super) fn one_line(text: &str) -> String {
    let end = text.char_indices().nth(LIMIT_CHARACTERS).map(|(end, _)| end);
    let stripped = stripped(&text[..end.unwrap_or(text.len())]);
    let mut line = String::with_capacity(stripped.len());
    for (character, role) in characters(&stripped) {
        match (character, role) {
            ('\r', _) => {}
            ('\n' | '\u{2028}' | '\u{2029}', _) => line.push_str(BREAK),
            ('\t', _) => line.push(' '),
            (_, CharRole::Steers) => line.push(REPLACED),
            (_, CharRole::Reads) => line.push(character),
        }
    }
    line.extend(end.map(|_| '…'));
    line
}

/// Makes a text safe and keeps its lines and tabs.
pub(super) fn many_lines(text: &str) -> String {
    let kept = stripped(text).replace("\r\n", "\n");
    let safe = |found| match found {
        (character @ ('\n' | '\t'), _) | (character, CharRole::Reads) => character,
        (_, CharRole::Steers) => REPLACED,
    };
    characters(&kept).map(safe).collect()
}

fn stripped(text: &str) -> Cow<'_, str> {
    if text.contains('\u{1b}') { Cow::Owned(strip_str(text).to_string()) } else { Cow::Borrowed(text) }
}

/// Whom a character is for.
enum CharRole {
    /// The reader.
    Reads,
    /// The terminal.
    Steers,
}

fn characters(text: &str) -> impl Iterator<Item = (char, CharRole)> {
    let mut found = steering(text).peekable();
    text.char_indices().map(move |here| {
        let role = if found.next_if_eq(&here).is_some() { CharRole::Steers } else { CharRole::Reads };
        (here.1, role)
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::plain("cargo test", "cargo test")]
    #[case::colours("\u{1b}[31mred\u{1b}[0m", "red")]
    #[case::title("a\u{1b}]0;owned\u{7}b", "ab")]
    #[case::clear_screen("\u{1b}[2J\u{1b}[Hgone", "gone")]
    #[case::lone_escape("a\u{1b}", "a")]
    #[case::eight_bit_sequence("a\u{9b}31mb", "a\u{fffd}31mb")]
    #[case::bell_and_backspace("a\u{7}\u{8}b", "a\u{fffd}\u{fffd}b")]
    #[case::nul("a\0b", "a\u{fffd}b")]
    #[case::lines("one\r\ntwo\nthree", "one ⏎ two ⏎ three")]
    #[case::tab("a\tb", "a b")]
    #[case::direction("a\u{202e}b", "a\u{fffd}b")]
    #[case::direction_of_arabic("a\u{61c}b", "a\u{fffd}b")]
    #[case::no_width("pass\u{200b}wd\u{ad}x\u{feff}", "pass\u{fffd}wd\u{fffd}x\u{fffd}")]
    #[case::tags("a\u{e0049}\u{e007f}b", "a\u{fffd}\u{fffd}b")]
    #[case::joiner_between_letters("a\u{200d}b", "a\u{fffd}b")]
    #[case::emoji("👩\u{200d}🔬 ✔\u{fe0f}", "👩\u{200d}🔬 ✔\u{fe0f}")]
    #[case::lines_of_unicode("a\u{2028}b\u{85}c", "a ⏎ b\u{fffd}c")]
    #[case::other_scripts("日本語 é 🦀", "日本語 é 🦀")]
    fn one_line_holds_nothing_for_the_terminal(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(one_line(text), expected);
    }

    #[test]
    fn a_long_text_is_shown_in_part() {
        let line = one_line(&"ä".repeat(1 << 20));
        assert_eq!(line.chars().count(), LIMIT_CHARACTERS + 1);
        assert!(line.ends_with("ä…"));
    }

    #[test]
    fn many_lines_keep_lines_and_tabs() {
        assert_eq!(many_lines("a\tb\r\nc\u{1b}[1md\u{7}\n"), "a\tb\ncd\n");
        assert_eq!(many_lines("a\u{7}b\rc"), "a\u{fffd}b\u{fffd}c");
    }
}
