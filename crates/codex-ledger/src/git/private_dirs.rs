//! [`PrivateDirs`]: where the ledger keeps what is no record.

use std::path::{Path, PathBuf};

use crate::git::Worktree;
use crate::system::DiskRoot;

/// The folders in the git directories: one per worktree, one that all worktrees share.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PrivateDirs {
    /// `turns` in the git directory of the worktree.
    pub worktree: PathBuf,
    /// `turns` in the git directory that all worktrees share; the same folder in the main worktree.
    pub common: PathBuf,
}

impl PrivateDirs {
    /// Those of a repository.
    pub fn of(worktree: &dyn Worktree) -> Self {
        Self { worktree: worktree.git_dir().join("turns"), common: worktree.common_dir().join("turns") }
    }

    /// The folders as a [`RealDisk`](crate::system::RealDisk) takes them.
    pub fn disk_roots(worktree: &dyn Worktree) -> [DiskRoot; 2] {
        // A journal has what was said before it was redacted.
        let own = DiskRoot::below(worktree.git_dir(), "turns").private_folders_in("journal");
        [own, DiskRoot::below(worktree.common_dir(), "turns")]
    }

    /// Where the heads of the hash chain are kept, so that a claim need not read every record.
    pub(crate) fn heads_cache(&self) -> PathBuf {
        self.worktree.join("heads.json")
    }

    /// Where a record is staged until it is published.
    pub fn journal(&self, uid: &str) -> PathBuf {
        self.journals().join(uid)
    }

    /// The folder of all that is staged.
    pub fn journals(&self) -> PathBuf {
        self.worktree.join("journal")
    }

    /// Held for a whole turn: one at a time in a worktree.
    pub fn turn_lock(&self) -> PathBuf {
        self.worktree.join("lock")
    }

    /// Held for moments, such as the append of a row. Not the same file as the turn's lock, which in the main worktree
    /// lies in the same folder and is held by the same process.
    pub fn common_lock(&self) -> PathBuf {
        self.common.join("common.lock")
    }

    /// The highest number known, so that a claim need not look at every record.
    pub fn head_cache(&self) -> PathBuf {
        self.common.join("head.json")
    }

    /// Claims of which a remote did not say whether it took them.
    pub fn unknown_claims(&self) -> PathBuf {
        self.common.join("claim-unknown")
    }

    /// Seals and tags that a remote does not have yet.
    pub(crate) fn unpushed(&self) -> PathBuf {
        self.common.join("unpushed")
    }

    /// Indexes for looks at the worktree.
    pub(crate) fn indexes(git_dir: &Path) -> PathBuf {
        git_dir.join("turns").join("index")
    }
}
