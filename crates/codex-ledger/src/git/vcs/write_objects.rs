//! [`WriteObjects`]: new objects, which nothing names yet.
#![expect(clippy::needless_lifetimes, reason = "the mock needs the names")]
#![cfg_attr(feature = "mock", expect(clippy::ref_option_ref, reason = "the mock keeps its arguments"))]

use crate::git::vcs::{Commit, TreeEntry, VcsError};
use crate::values::{Oid, RepoPath, TreeId};

/// Adds objects to a repository. Moves no ref, and touches neither the worktree nor the user's index.
///
/// # Errors
///
/// All methods: git cannot be started, fails, takes longer than its limit, or prints what cannot be read.
#[cfg_attr(feature = "mock", mockall::automock)]
#[expect(clippy::missing_errors_doc, reason = "the section above holds for every method")]
pub trait WriteObjects: Send + Sync {
    /// Stores bytes as they are, no filter applied.
    fn write_blob(&self, bytes: &[u8]) -> Result<Oid, VcsError>;

    /// `base` (nothing: `None`) with these entries put in place of what stood at their paths.
    ///
    /// An entry of kind tree grafts a whole folder.
    fn tree_with<'a>(&self, base: Option<&'a TreeId>, entries: &[TreeEntry]) -> Result<TreeId, VcsError>;

    /// `base` without what stands at or below `paths`.
    fn tree_without(&self, base: &TreeId, paths: &[RepoPath]) -> Result<TreeId, VcsError>;

    /// `base` after a patch; `None` if the patch does not apply.
    fn apply(&self, base: &TreeId, patch: &[u8]) -> Result<Option<TreeId>, VcsError>;

    /// Writes a commit, unsigned; moves nothing.
    fn commit_tree(&self, commit: &Commit) -> Result<Oid, VcsError>;
}
