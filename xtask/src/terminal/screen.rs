//! [`TerminalScreen`]: what stands on a terminal, as lines of pieces that look alike.

use anyhow::{Context, Result, bail};

/// What a piece of text looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) bold: bool,
    pub(super) dim: bool,
    /// Of the eight colours of a terminal.
    pub(super) colour: Option<u8>,
}

/// Text of one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ScreenText {
    pub(super) look: Look,
    pub(super) text: String,
}

/// Lines from the top on.
#[derive(Debug, Default)]
pub(super) struct TerminalScreen {
    pub(super) lines: Vec<Vec<ScreenText>>,
}

impl TerminalScreen {
    /// Adds a line that a person typed, after a prompt.
    pub(super) fn typed(&mut self, line: &str) {
        let prompt = ScreenText { look: Look { dim: true, ..Look::default() }, text: "$ ".to_owned() };
        let typed = ScreenText { look: Look { bold: true, ..Look::default() }, text: line.to_owned() };
        self.lines.push(vec![prompt, typed]);
    }

    pub(super) fn blank(&mut self) {
        self.lines.push(Vec::new());
    }

    /// Adds what a program printed.
    ///
    /// # Errors
    ///
    /// If there is a control character that does more than set the look.
    pub(super) fn printed(&mut self, text: &str) -> Result<()> {
        let mut look = Look::default();
        for line in text.lines() {
            let mut pieces: Vec<ScreenText> = Vec::new();
            let mut rest = line;
            while !rest.is_empty() {
                let (plain, escape) = rest.split_at(rest.find(char::is_control).unwrap_or(rest.len()));
                if !plain.is_empty() {
                    pieces.push(ScreenText { look, text: plain.to_owned() });
                }
                rest = escape;
                if !escape.is_empty() {
                    let (codes, after) = escape
                        .strip_prefix("\u{1b}[")
                        .and_then(|codes| codes.split_once('m'))
                        .with_context(|| format!("no drawing of {escape:?}"))?;
                    look = look.after(codes)?;
                    rest = after;
                }
            }
            self.lines.push(pieces);
        }
        Ok(())
    }

    /// How many characters the longest line has.
    pub(super) fn columns(&self) -> usize {
        let length = |line: &Vec<ScreenText>| line.iter().map(|piece| piece.text.chars().count()).sum();
        self.lines.iter().map(length).max().unwrap_or(0)
    }
}

impl Look {
    /// Follows the numbers of a "select graphic rendition".
    fn after(self, codes: &str) -> Result<Self> {
        codes.split(';').try_fold(self, |look, code| {
            let number: u8 = if code.is_empty() { 0 } else { code.parse().context("a look is a number")? };
            Ok(match number {
                0 => Self::default(),
                1 => Self { bold: true, ..look },
                2 => Self { dim: true, ..look },
                30..=37 => Self { colour: Some(number - 30), ..look },
                90..=97 => Self { colour: Some(number - 90), ..look },
                _ => bail!("no drawing of the look {number}"),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_told_apart() {
        let mut screen = TerminalScreen::default();
        screen.printed("\u{1b}[2mold\u{1b}[0m \u{1b}[1;32m✓ done\u{1b}[0m\n\nplain").unwrap();
        let piece = |bold, dim, colour, text: &str| ScreenText {
            look: Look { bold, dim, colour },
            text: text.to_owned(),
        };
        let first = vec![
            piece(false, true, None, "old"),
            piece(false, false, None, " "),
            piece(true, false, Some(2), "✓ done"),
        ];
        assert_eq!(screen.lines, [first, vec![], vec![piece(false, false, None, "plain")]]);
        assert_eq!(screen.columns(), "old ✓ done".chars().count());
    }

    #[test]
    fn a_cursor_that_moves_cannot_be_drawn() {
        assert!(TerminalScreen::default().printed("\u{1b}[2K gone").is_err());
        assert!(TerminalScreen::default().printed("a\rb").is_err());
        assert!(TerminalScreen::default().printed("\u{1b}[48m").is_err());
    }
}
