//! [`Refs`]: HEAD, branches, tags and other refs, here and on remotes.

use std::time::Duration;

use crate::git::vcs::{
    Created, PushOutcome, PushedRef, RefEntry, Swapped, Tag, TagInfo, VcsError, WholeCommit,
};
use crate::values::Oid;

/// Reads and moves refs, here and on remotes. Names of refs are full names everywhere (`refs/heads/main`).
///
/// What is not there is `None`, not an error.
///
/// # Errors
///
/// All methods: git cannot be started, fails, takes longer than its limit, or prints what cannot be read.
#[cfg_attr(feature = "mock", mockall::automock)]
#[expect(clippy::missing_errors_doc, reason = "the section above holds for every method")]
pub trait Refs: Send + Sync {
    /// The commit at HEAD, unless there is none yet.
    fn head(&self) -> Result<Option<Oid>, VcsError>;

    /// The short name of the branch at HEAD, born or not; `None` where HEAD is detached.
    fn branch(&self) -> Result<Option<String>, VcsError>;

    /// Where a ref points; `None` if it is not there.
    fn read_ref(&self, name: &str) -> Result<Option<Oid>, VcsError>;

    /// All refs below `prefix` (`refs/turns/`), sorted by name. A tag's own id, not that of its commit.
    fn list_refs(&self, prefix: &str) -> Result<Vec<RefEntry>, VcsError>;

    /// Makes a ref if it is not there, and none of `absent` is, in one step.
    fn create_ref(&self, name: &str, object: &Oid, absent: &[String]) -> Result<Created, VcsError>;

    /// The refs below `prefix`, or the one of this name, that a crash of the machine has left broken: git cannot read the
    /// ref, or its object is missing. Sorted.
    fn broken_refs(&self, prefix: &str) -> Result<Vec<String>, VcsError>;

    /// Removes a ref if it is [broken](Self::broken_refs), and returns whether it was.
    fn remove_broken_ref(&self, name: &str) -> Result<bool, VcsError>;

    /// Makes a ref to a new commit, with everything that is in it, if the ref is not there yet: all in one start of git.
    ///
    /// No filter and no attribute changes the files.
    fn create_whole_commit(&self, name: &str, commit: &WholeCommit) -> Result<Created, VcsError>;

    /// Moves a ref if it stands at `old`.
    fn update_ref(&self, name: &str, new: &Oid, old: &Oid) -> Result<Swapped, VcsError>;

    /// Makes an annotated tag `refs/tags/<name>` if there is none of that name.
    fn create_tag(&self, tag: &Tag) -> Result<Created, VcsError>;

    /// The annotated tag behind a full ref name; `None` if there is none, or if it is a light one.
    fn tag(&self, ref_name: &str) -> Result<Option<TagInfo>, VcsError>;

    /// Makes a ref on a remote if it is not there yet, within `limit`. If the remote does not take it, all its refs that match
    /// one of `patterns` (`refs/turns/*`) come with the outcome.
    fn push_new_ref(
        &self,
        remote: &str,
        new: &RefEntry,
        patterns: &[String],
        limit: Duration,
    ) -> Result<PushedRef, VcsError>;

    /// Pushes refs that this repository has, as they are (never forced), by one push within `limit`. The outcomes are in the
    /// order of the names.
    fn push_refs(
        &self,
        remote: &str,
        names: &[String],
        limit: Duration,
    ) -> Result<Vec<PushOutcome>, VcsError>;

    /// The refs of a remote that match `pattern` (`refs/turns/*`), within `limit`.
    fn ls_remote(&self, remote: &str, pattern: &str, limit: Duration) -> Result<Vec<RefEntry>, VcsError>;
}
