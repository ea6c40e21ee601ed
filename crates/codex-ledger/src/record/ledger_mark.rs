//! [`LedgerMark`]: a note in the private folder that this worktree had a ledger at its last turn.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::git::git_dir::git_dirs;
use crate::record::ledger_folder::LedgerFolder;
use crate::record::parts::LedgerParts;
use crate::system::plain_file::read_plain;

const FILE: &str = "ledger-here.json";

/// Says that there was a ledger, and on which branch. The folder that it is in cannot be written from the sandbox of an
/// agent, so that a ledger that is gone does not pass for one that never was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LedgerMark {
    branch: Option<String>,
    head: Option<String>,
}

impl LedgerMark {
    pub(crate) fn new(branch: Option<String>, head: Option<String>) -> Self {
        Self { branch, head }
    }

    /// Writes it where it is not written yet; that it cannot be written costs no turn.
    pub(crate) fn write(&self, parts: &LedgerParts) {
        if Self::read(parts).is_some_and(|last| last.is_of_same_place(self)) {
            return;
        }
        let Ok(bytes) = serde_json::to_vec(self) else { return };
        let disk = parts.disk.as_ref();
        let path = path(parts);
        let written = disk.create_dir_all(&parts.dirs.worktree).and_then(|()| disk.write_new(&path, &bytes));
        if let Err(error) = written {
            tracing::warn!(path = %path.display(), %error, "that there is a ledger is not noted");
        }
    }

    fn read(parts: &LedgerParts) -> Option<Self> {
        serde_json::from_slice(&read_plain(&path(parts)).ok()?).ok()
    }

    /// Whether both are of one branch, or of one commit where none is checked out.
    fn is_of_same_place(&self, other: &Self) -> bool {
        match (&self.branch, &other.branch) {
            (None, None) => self.head == other.head,
            (branch, other) => branch == other,
        }
    }

    /// Whether a ledger was here at the last turn on this branch, and is not any more.
    ///
    /// Another branch may have none, and its own.
    pub(crate) fn is_missed(parts: &LedgerParts) -> bool {
        if LedgerFolder::look(parts.vcs.worktree_root()) == LedgerFolder::Here {
            return false;
        }
        let Some(last) = Self::read(parts) else { return false };
        let (Ok(branch), Ok(head)) = (parts.vcs.branch(), parts.vcs.head()) else { return true };
        last.is_of_same_place(&Self::new(branch, head.map(|head| head.to_string())))
    }
}

fn path(parts: &LedgerParts) -> PathBuf {
    parts.dirs.worktree.join(FILE)
}

/// Returns whether a turn was recorded in this worktree before, without asking git: the git directory says so, which an agent
/// in a sandbox cannot write.
///
/// So git worked here, and if it fails now, something changed.
pub fn was_recorded(worktree: &Path) -> bool {
    git_dirs(worktree).is_some_and(|(git_dir, _)| git_dir.join("turns").join(FILE).is_file())
}
