//! [`VisibleIds`]: the highest number among the records that lie in the worktree.

use std::fs;
use std::path::Path;

use crate::system::plain_file::read_index;
use crate::values::TurnId;

/// The highest number among the folders and index rows of a ledger.
///
/// They come with every merge and checkout, and no claim of this repository need know of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VisibleIds(u64);

impl VisibleIds {
    /// No records are visible.
    pub fn none() -> Self {
        Self::default()
    }

    /// Counts a number as visible, too.
    #[must_use]
    pub fn and(self, turn_id: TurnId) -> Self {
        Self(self.0.max(turn_id.get()))
    }

    /// Looks at the names below `turns` and at the first cells of `turns_index.csv`; reads no record.
    ///
    /// Folders of other forms count as well: `turn-7`, `turn-007`, `turn-T7`. What cannot be read counts as not there.
    pub fn scan(ledger_root: &Path) -> Self {
        let names = fs::read_dir(ledger_root.join("turns")).into_iter().flatten().flatten();
        let names: Vec<_> = names.map(|entry| entry.file_name()).collect();
        Self::among(names.iter().filter_map(|name| name.to_str()), ledger_root)
    }

    /// As [`scan`](Self::scan), where the names below `turns` are known.
    pub(crate) fn among<'n>(names: impl Iterator<Item = &'n str>, ledger_root: &Path) -> Self {
        let folders = names.filter_map(number_of_folder).max().unwrap_or(0);
        Self(folders.max(highest_row(&ledger_root.join("turns_index.csv"))))
    }

    /// The highest number, or 0.
    pub fn highest(self) -> u64 {
        self.0
    }
}

fn number_of_folder(name: &str) -> Option<u64> {
    let digits = match name.strip_prefix("turn-") {
        Some(foreign) => foreign.strip_prefix('T').unwrap_or(foreign).trim_start_matches('0'),
        None => name,
    };
    digits.parse::<TurnId>().ok().map(TurnId::get)
}

fn highest_row(index: &Path) -> u64 {
    let rows = read_index(index).unwrap_or_default();
    let starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', &rows).map(|end| end + 1));
    let first_cells = starts.filter_map(|start| {
        let row = &rows[start..];
        // The byte order mark, two quotes and sixteen digits fit in here.
        let cell = &row[..row.len().min(24)];
        let cell = cell.split(|byte| matches!(byte, b',' | b'\n' | b'\r')).next().unwrap_or_default();
        let cell = cell.strip_prefix(b"\xef\xbb\xbf").unwrap_or(cell);
        std::str::from_utf8(cell).ok()?.trim_matches('"').parse::<TurnId>().ok()
    });
    first_cells.map(TurnId::get).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rstest::rstest;

    use super::{VisibleIds, number_of_folder};

    #[rstest]
    #[case("7", Some(7))]
    #[case("turn-7", Some(7))]
    #[case("turn-007", Some(7))]
    #[case("turn-T7", Some(7))]
    #[case("turn-T07", Some(7))]
    #[case("07", None)]
    #[case("turn-", None)]
    #[case("turn-0", None)]
    #[case(".open-7", None)]
    #[case("99999999999999999999", None)]
    fn a_folder_counts_by_its_number(#[case] name: &str, #[case] number: Option<u64>) {
        assert_eq!(number_of_folder(name), number);
    }

    #[test]
    fn the_highest_of_folders_and_rows_counts() {
        let scratch = tempfile::tempdir().unwrap();
        assert_eq!(VisibleIds::scan(scratch.path()), VisibleIds::none());
        fs::create_dir_all(scratch.path().join("turns/turn-012")).unwrap();
        fs::create_dir_all(scratch.path().join("turns/3")).unwrap();
        assert_eq!(VisibleIds::scan(scratch.path()).highest(), 12);
        let index = "turnId,timestampUtc\n4,a\r\n\"40\",b\n<<<<<<< HEAD\nx,y\n9999999999999999999,z\n41";
        fs::write(scratch.path().join("turns_index.csv"), index).unwrap();
        assert_eq!(VisibleIds::scan(scratch.path()).highest(), 41);
    }
}
