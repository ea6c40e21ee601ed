//! [`Worktree`]: a worktree, its folders, and what it holds.

use std::path::Path;

use crate::git::vcs::{Exclude, Identity, Rules, Snapshot, Standing, VcsError};
use crate::values::{RepoPath, TreeId};

/// Knows the folders of a worktree, and takes what it holds as trees.
///
/// The user's index, worktree and configuration are never changed, except by [`advance_index`](Self::advance_index) and
/// [`attach_head`](Self::attach_head), which say so.
///
/// # Errors
///
/// All methods: git cannot be started, fails, takes longer than its limit, or prints what cannot be read.
#[cfg_attr(feature = "mock", mockall::automock)]
#[expect(clippy::missing_errors_doc, reason = "the section above holds for every method")]
pub trait Worktree: Send + Sync {
    /// The folder at the top of the worktree.
    fn worktree_root(&self) -> &Path;

    /// The git directory of this worktree.
    fn git_dir(&self) -> &Path;

    /// The git directory that all worktrees share.
    fn common_dir(&self) -> &Path;

    /// `user.name` as configured.
    fn user_name(&self) -> Result<Option<String>, VcsError>;

    /// `user.name` and `user.email` as configured, where both are.
    fn identity(&self) -> Result<Option<Identity>, VcsError>;

    /// Where the worktree stands and its [`snapshot`](Self::snapshot), of one moment and out of one status.
    fn look(&self, exclude: &Exclude) -> Result<(Standing, Snapshot), VcsError>;

    /// The worktree as a tree: tracked files and those untracked ones that are not ignored, without what is excluded.
    ///
    /// Written through a private index; the user's own is read and never changed.
    fn snapshot(&self, exclude: &Exclude) -> Result<Snapshot, VcsError>;

    /// The same, but what is ignored and which attributes count is decided by `rules`, which are those of an earlier
    /// moment: nobody hides a file by a rule that he has written since.
    fn snapshot_by(&self, exclude: &Exclude, rules: &Rules) -> Result<Snapshot, VcsError>;

    /// A folder of the worktree as a tree, ignored files included, bytes as they are (no filter of the user's runs);
    /// `None` if there is no such folder or nothing in it.
    fn folder_tree(&self, folder: &RepoPath) -> Result<Option<TreeId>, VcsError>;

    /// Puts HEAD on a branch without touching index or worktree.
    fn attach_head(&self, branch_ref: &str) -> Result<(), VcsError>;

    /// Brings the user's index from one tree to another without touching the worktree, so that a commit that was made
    /// beside the index does not look like a staged reversal. What else is staged at a changed path stays, unless the
    /// path is one of the ledger's, and is then named by an error; all other paths are brought along nevertheless.
    fn advance_index(&self, from: &TreeId, to: &TreeId) -> Result<(), VcsError>;
}
