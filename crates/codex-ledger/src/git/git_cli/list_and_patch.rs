//! [`ListAndPatch`]: a list of what differs and the patch after it, as one start of git prints them.

/// Divides `:<modes and names>\0<path>\0` for each path, `<added>\t<deleted>\t<path>\0` for each path, `\0` and the patch,
/// however they are cut into pieces.
#[derive(Debug, Default)]
pub(super) struct ListAndPatch {
    /// What is there of the list.
    pub(super) list: Vec<u8>,
    /// How much of the list is divided.
    divided: usize,
    place: ListPlace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum ListPlace {
    #[default]
    Line,
    Path,
    Ended,
}

impl ListAndPatch {
    /// Gives what of a piece belongs to the patch.
    pub(super) fn feed<'p>(&mut self, mut piece: &'p [u8]) -> &'p [u8] {
        while self.place != ListPlace::Ended {
            let Some(end) = memchr::memchr(0, piece) else {
                self.list.extend_from_slice(piece);
                return &[];
            };
            self.list.extend_from_slice(&piece[..=end]);
            piece = &piece[end + 1..];
            let token = &self.list[self.divided..self.list.len() - 1];
            // Counts begin with a digit or a dash.
            self.place = if self.place == ListPlace::Line && token.starts_with(b":") {
                ListPlace::Path
            } else if self.place == ListPlace::Line && token.is_empty() {
                ListPlace::Ended
            } else {
                ListPlace::Line
            };
            self.divided = self.list.len();
        }
        piece
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::ListAndPatch;

    proptest! {
        #[test]
        fn where_the_output_is_cut_makes_no_difference(first in 0_usize..60, second in 0_usize..60) {
            let (list, patch) = (&b":100644 M\0:odd\0:100644 A\0b\n\x001\t2\t:odd\x001\t0\tb\n\0\0"[..], &b"diff --git \0 \0\0\n"[..]);
            let whole = [list, patch].concat();
            let (one, other) = (first.min(whole.len()), second.min(whole.len()));
            let (one, other) = (one.min(other), one.max(other));
            let mut found = ListAndPatch::default();
            let pieces = [&whole[..one], &whole[one..other], &whole[other..]];
            let rest: Vec<u8> = pieces.iter().flat_map(|piece| found.feed(piece).to_vec()).collect();
            prop_assert_eq!((found.list.as_slice(), rest.as_slice()), (list, patch));
        }
    }
}
