//! [`Keep`]: which lines of a turn its result holds.

use std::collections::VecDeque;

use codex_protocol::EventLine;

/// Says which lines of a turn its result holds.
///
/// What lines *mean* (items, answer, usage, notices) is kept whatever is chosen here; this is about the raw
/// lines themselves, and so about memory: [`Keep::All`] grows with the turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Keep {
    /// All of them.
    #[default]
    All,
    /// The last ones, at most so many.
    Last(usize),
    /// None.
    None,
}

/// Collects lines as [`Keep`] says.
#[derive(Debug)]
pub(crate) struct KeptLines {
    keep: Keep,
    lines: VecDeque<EventLine>,
}

impl KeptLines {
    pub(crate) fn new(keep: Keep) -> Self {
        Self { keep, lines: VecDeque::new() }
    }

    pub(crate) fn add(&mut self, line: &EventLine) {
        let most = match self.keep {
            Keep::All => usize::MAX,
            Keep::Last(most) => most,
            Keep::None => 0,
        };
        if most == 0 {
            return;
        }
        if self.lines.len() >= most {
            self.lines.pop_front();
        }
        self.lines.push_back(line.clone());
    }

    pub(crate) fn take(&mut self) -> Vec<EventLine> {
        std::mem::take(&mut self.lines).into()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Keep::All, &[1, 2, 3])]
    #[case(Keep::Last(2), &[2, 3])]
    #[case(Keep::Last(9), &[1, 2, 3])]
    #[case(Keep::Last(0), &[])]
    #[case(Keep::None, &[])]
    fn the_newest_lines_are_kept(#[case] keep: Keep, #[case] numbers: &[u64]) {
        let mut kept = KeptLines::new(keep);
        for number in 1..=3 {
            kept.add(&EventLine::new(number, b"{}".to_vec()));
        }
        let kept: Vec<u64> = kept.take().iter().map(EventLine::number).collect();
        assert_eq!(kept, numbers);
    }
}
