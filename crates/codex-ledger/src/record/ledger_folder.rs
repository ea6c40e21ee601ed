//! [`LedgerFolder`]: what stands where the ledger belongs.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::values::{LEDGER_ROOT, Places};

/// Says what stands where the ledger of a worktree belongs. Looks at links and follows none.
///
/// ```
/// use codex_ledger::record::LedgerFolder;
///
/// let scratch = tempfile::tempdir()?;
/// assert_eq!(LedgerFolder::look(scratch.path()), LedgerFolder::Absent);
/// std::fs::create_dir_all(scratch.path().join("ai/agentic-pipeline/turns"))?;
/// assert_eq!(LedgerFolder::look(scratch.path()), LedgerFolder::Here);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LedgerFolder {
    /// A ledger: an index, or a folder of records.
    Here,
    /// Nothing that belongs to a ledger.
    Absent,
    /// Something that is not a folder, such as a symbolic link, in the place of a folder of the ledger or of one above.
    #[non_exhaustive]
    Replaced {
        /// What was replaced.
        path: PathBuf,
        /// What stands there.
        by: &'static str,
    },
}

impl LedgerFolder {
    /// Looks below the top of a worktree.
    pub fn look(worktree: impl AsRef<Path>) -> Self {
        let worktree = worktree.as_ref();
        let mut path = worktree.to_owned();
        for part in Path::new(LEDGER_ROOT) {
            path.push(part);
            match folder(&path) {
                Ok(None) => {}
                Ok(Some(by)) => return Self::Replaced { path, by },
                Err(_) => return Self::Absent,
            }
        }
        let places = Places::below(worktree);
        let turns = folder(&places.turns());
        if let Ok(Some(by)) = turns {
            return Self::Replaced { path: places.turns(), by };
        }
        let has_index = fs::symlink_metadata(places.index()).is_ok_and(|found| found.is_file());
        if has_index || turns.is_ok() { Self::Here } else { Self::Absent }
    }

    /// What stands on the way to the folder of the ledger and is not a folder that its owner can use.
    pub(crate) fn obstacle(worktree: &Path) -> Option<(PathBuf, &'static str)> {
        let mut path = worktree.to_owned();
        for part in Path::new(LEDGER_ROOT) {
            path.push(part);
            match folder(&path) {
                Ok(None) if is_locked(&path) => return Some((path, "a locked folder")),
                Ok(None) => {}
                Ok(Some(by)) => return Some((path, by)),
                Err(_) => return None,
            }
        }
        None
    }
}

/// What stands in the place of a folder, if it is not one.
fn folder(path: &Path) -> io::Result<Option<&'static str>> {
    let kind = fs::symlink_metadata(path)?.file_type();
    Ok((!kind.is_dir()).then(|| kind_name(kind)))
}

fn is_locked(folder: &Path) -> bool {
    fs::symlink_metadata(folder).is_ok_and(|found| found.mode() & 0o700 != 0o700)
}

pub(crate) fn kind_name(kind: fs::FileType) -> &'static str {
    if kind.is_symlink() {
        "a symbolic link"
    } else if kind.is_dir() {
        "a folder"
    } else if kind.is_file() {
        "a file"
    } else {
        "a pipe, socket or device"
    }
}
