//! [`Line`]: one line of text in tones, safe to print on a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::ci_command::without_ci_commands;
use super::sanitize::one_line;

/// What marks the place where a line was cut.
const CUT: char = '…';

/// What a piece of a line means, from which its colour follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Dim,
    Strong,
    Good,
    Bad,
    Warning,
}

/// One line of text in tones.
///
/// Whatever is put into it comes out without control characters: a command or a message of the agent cannot
/// steer the terminal, nor a build service that reads commands from what is printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pieces: Vec<(Tone, String)>,
    /// The piece that is cut before the others.
    long: Option<usize>,
}

impl Line {
    /// Begins with a piece.
    pub(crate) fn new(tone: Tone, text: &str) -> Self {
        Self::default().and(tone, text)
    }

    /// Adds a piece.
    pub(crate) fn and(mut self, tone: Tone, text: &str) -> Self {
        self.pieces.push((tone, one_line(text)));
        self
    }

    /// Adds a piece that may be long: where the line is cut, this one is cut first, down to a third of the line.
    pub(crate) fn and_long(mut self, text: &str) -> Self {
        self.long = Some(self.pieces.len());
        self.and(Tone::Plain, text)
    }

    /// Adds all pieces of another line.
    pub(crate) fn followed_by(mut self, other: Self) -> Self {
        self.long = self.long.or(other.long.map(|long| long + self.pieces.len()));
        self.pieces.extend(other.pieces);
        self
    }

    /// The text alone.
    pub(crate) fn text(&self) -> String {
        without_ci_commands(&self.joined()).into_owned()
    }

    fn joined(&self) -> String {
        self.pieces.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// How many columns of a terminal it takes.
    pub(crate) fn columns(&self) -> usize {
        self.pieces.iter().map(|(_, text)| text.width()).sum()
    }

    /// The same line, cut to so many columns; a character that takes two columns is never cut in half.
    pub(crate) fn cut(&self, columns: usize) -> Self {
        let mut line = self.clone();
        let over = line.columns().saturating_sub(columns);
        if let Some(long) = line.long.filter(|_| over > 0) {
            let text = &mut line.pieces[long].1;
            let room = text.width().saturating_sub(over).max(columns / 3);
            *text = cut(text, room);
        }
        let mut left = columns;
        let mut last = line.pieces.len();
        for (at, (_, text)) in line.pieces.iter_mut().enumerate() {
            let width = text.width();
            if width > left {
                *text = cut(text, left);
                last = at + 1;
                break;
            }
            left -= width;
        }
        line.pieces.truncate(last);
        line
    }

    /// The text with the escape codes of its tones.
    pub(crate) fn painted(&self) -> String {
        let mut painted = String::new();
        let whole = self.joined();
        // A command may begin in one piece and go on in the next.
        let safe = match without_ci_commands(&whole) {
            Cow::Borrowed(_) => None,
            Cow::Owned(text) => self.pieces.first().map(|(tone, _)| [(*tone, text)]),
        };
        for (tone, text) in safe.as_ref().map_or(&self.pieces[..], |safe| &safe[..]) {
            let style = style(*tone);
            // Writing to a string cannot fail.
            let _ = write!(painted, "{style}{text}{style:#}");
        }
        painted
    }
}

/// Cuts a text and marks the place, within so many columns.
fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let mut kept = String::new();
    for character in text.chars() {
        let width = character.width().unwrap_or(0);
        if width > left {
            break;
        }
        left -= width;
        kept.push(character);
    }
    kept.extend((columns > 0).then_some(CUT));
    kept
}

fn style(tone: Tone) -> Style {
    match tone {
        Tone::Plain => Style::new(),
        Tone::Dim => Style::new().dimmed(),
        Tone::Strong => Style::new().bold(),
        Tone::Good => AnsiColor::Green.on_default(),
        Tone::Bad => AnsiColor::Red.on_default(),
        Tone::Warning => AnsiColor::Yellow.on_default(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("hello", 5, "hello")]
    #[case("hello", 4, "hel…")]
    #[case("hello", 1, "…")]
    #[case("hello", 0, "")]
    #[case::two_columns_each("日本語", 6, "日本語")]
    #[case::half_a_character_is_left_out("日本語", 4, "日…")]
    #[case::not_quite_two("日本語", 2, "…")]
    fn a_line_is_cut_at_whole_characters(#[case] text: &str, #[case] columns: usize, #[case] expected: &str) {
        let cut = Line::new(Tone::Plain, text).cut(columns);
        assert_eq!(cut.text(), expected);
        assert!(cut.columns() <= columns);
    }

    #[test]
    fn pieces_after_the_cut_are_gone() {
        let line = Line::new(Tone::Good, "✓ ").and(Tone::Plain, "abc").and(Tone::Dim, "def");
        assert_eq!(line.cut(4).text(), "✓ a…");
        assert_eq!(line.cut(6).text(), "✓ abc…");
        assert_eq!(line.cut(8).text(), "✓ abcdef");
    }

    #[test]
    fn a_long_piece_leaves_room_for_the_result() {
        let line = Line::new(Tone::Good, "✗ ").and_long("a long command").and(Tone::Dim, " → exit 3");
        assert_eq!(line.cut(30).text(), "✗ a long command → exit 3");
        assert_eq!(line.cut(20).text(), "✗ a long c… → exit 3");
        assert_eq!(line.cut(12).text(), "✗ a l… → ex…");
    }

    #[test]
    fn only_tones_become_escape_codes() {
        let line = Line::new(Tone::Bad, "no").and(Tone::Plain, "\u{1b}[2Jgone\u{7}");
        assert_eq!(line.painted(), "\u{1b}[31mno\u{1b}[0mgone");
    }

    #[test]
    fn a_line_is_no_command_of_a_build_service() {
        let line = Line::new(Tone::Dim, ":").and(Tone::Plain, ":set-output a ##vso[b]");
        assert_eq!(line.text(), ": :set-output a # #vso[b]");
        assert!(line.painted().contains(": :set-output a # #vso[b]"));
    }
}
