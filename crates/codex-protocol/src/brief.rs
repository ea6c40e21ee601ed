//! [`Brief`]: the beginning of what the `Debug` of a value says.

use std::fmt::{self, Write as _};

/// Shows at most a number of characters of what the `Debug` of a value says, and `…` where there is more.
///
/// The `Debug` of a turn is read on a screen and in logs, and a turn may hold many megabytes.
///
/// ```
/// use codex_protocol::Brief;
///
/// let output = "0123456789".repeat(1_000_000);
/// assert_eq!(format!("{:?}", Brief::new(&output, 6)), "\"01234…");
/// assert_eq!(format!("{:?}", Brief::new(&[1, 2], 6)), "[1, 2]");
/// ```
#[derive(Clone, Copy)]
pub struct Brief<'a, T: ?Sized> {
    value: &'a T,
    characters: usize,
}

impl<'a, T: fmt::Debug + ?Sized> Brief<'a, T> {
    /// Shows at most this many characters of the value.
    pub fn new(value: &'a T, characters: usize) -> Self {
        Self { value, characters }
    }
}

impl<T: fmt::Debug + ?Sized> fmt::Debug for Brief<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_pretty = f.alternate();
        let mut limited = LimitedWriter { inner: f, left: self.characters, is_full: false };
        let written = if is_pretty {
            write!(limited, "{:#?}", self.value)
        } else {
            write!(limited, "{:?}", self.value)
        };
        if limited.is_full { f.write_char('…') } else { written }
    }
}

/// Takes characters until there were enough of them; from then on it fails, so that the rest is not made.
struct LimitedWriter<'a, 'f> {
    inner: &'a mut fmt::Formatter<'f>,
    left: usize,
    is_full: bool,
}

impl fmt::Write for LimitedWriter<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let Some((end, _)) = text.char_indices().nth(self.left) else {
            self.left -= text.chars().count();
            return self.inner.write_str(text);
        };
        self.inner.write_str(&text[..end])?;
        (self.left, self.is_full) = (0, true);
        Err(fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::all("abc", 5, r#""abc""#)]
    #[case::one_too_many("abcd", 5, r#""abcd…"#)]
    #[case::wide("ääää", 3, "\"ää…")]
    #[case::nothing("abc", 0, "…")]
    fn a_text_is_cut_at_a_character(#[case] text: &str, #[case] characters: usize, #[case] shown: &str) {
        assert_eq!(format!("{:?}", Brief::new(text, characters)), shown);
    }

    #[test]
    fn the_rest_is_not_made() {
        struct Endless;
        impl fmt::Debug for Endless {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                loop {
                    f.write_str("again ")?;
                }
            }
        }
        assert_eq!(format!("{:?}", Brief::new(&Endless, 11)), "again again…");
    }

    #[test]
    fn it_is_as_pretty_as_it_is_asked_to_be() {
        #[derive(Debug)]
        #[expect(dead_code, reason = "it is shown")]
        struct Pair(u8, u8);
        assert_eq!(format!("{:#?}", Brief::new(&Pair(1, 2), 99)), format!("{:#?}", Pair(1, 2)));
    }
}
