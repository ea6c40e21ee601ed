//! [`Vcs`]: what the ledger asks of git.
#![expect(clippy::needless_lifetimes, reason = "the mock needs the names")]
#![cfg_attr(feature = "mock", expect(clippy::ref_option_ref, reason = "the mock keeps its arguments"))]

mod changes;
mod data;
mod object_text;
mod snapshot;
mod vcs_error;

use std::path::Path;
use std::time::Duration;

pub use self::changes::{Change, ChangeKind, Changes, Comparison, EntryKind, Patch, TreeEntry};
pub use self::data::{
    Commit, CommitInfo, Created, Exclude, GitObject, Identity, ObjectKind, PushOutcome, RefEntry, Signing,
    Standing, Swapped, Tag, TagInfo,
};
pub use self::snapshot::{BrokenRules, LargeFile, RuleFile, Rules, Snapshot};
pub use self::vcs_error::VcsError;
pub(crate) use self::vcs_error::is_of_configuration;

use crate::{Oid, RepoPath, TreeId};

/// Everything that the ledger asks of git, and the only way to it.
///
/// The user's index, worktree and configuration are never changed, except by
/// [`advance_index`](Self::advance_index) and [`attach_head`](Self::attach_head), which say so. Names of refs are full
/// names everywhere (`refs/heads/main`).
///
/// Every call may fail with a [`VcsError`]; what is not there is `None`, not an error.
///
/// # Errors
///
/// All methods: git cannot be started, fails, takes longer than its limit, or prints what cannot be read.
#[cfg_attr(feature = "mock", mockall::automock)]
#[expect(clippy::missing_errors_doc, reason = "the section above holds for every method")]
pub trait Vcs: Send + Sync {
    /// The folder at the top of the worktree.
    fn worktree_root(&self) -> &Path;

    /// The git directory of this worktree.
    fn git_dir(&self) -> &Path;

    /// The git directory that all worktrees share.
    fn common_dir(&self) -> &Path;

    /// The commit at HEAD, unless there is none yet.
    fn head(&self) -> Result<Option<Oid>, VcsError>;

    /// The short name of the branch at HEAD, born or not; `None` where HEAD is detached.
    fn branch(&self) -> Result<Option<String>, VcsError>;

    /// `user.name` as configured.
    fn user_name(&self) -> Result<Option<String>, VcsError>;

    /// `user.name` and `user.email` as configured, where both are.
    fn identity(&self) -> Result<Option<Identity>, VcsError>;

    /// A value of git's configuration; the last one where there are several.
    fn config(&self, key: &str) -> Result<Option<String>, VcsError>;

    /// Whether this is a clone whose history is cut off.
    fn is_shallow(&self) -> Result<bool, VcsError>;

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

    /// HEAD, its branch, and whether anything outside of what is excluded differs from it, in one start of git.
    fn standing(&self, exclude: &Exclude) -> Result<Standing, VcsError>;

    /// What [`standing`](Self::standing) and [`snapshot`](Self::snapshot) say of one moment, in fewer starts of git.
    fn look(&self, exclude: &Exclude) -> Result<(Standing, Snapshot), VcsError>;

    /// The tree of a commit or of a tag on one.
    fn tree_of(&self, commit: &Oid) -> Result<TreeId, VcsError>;

    /// What stands at `path` in a tree.
    fn entry(&self, tree: &TreeId, path: &RepoPath) -> Result<Option<TreeEntry>, VcsError>;

    /// Everything below `folder` (all of it: `None`) in a tree, folders themselves left out, sorted by path.
    fn entries<'a>(&self, tree: &TreeId, folder: Option<&'a RepoPath>) -> Result<Vec<TreeEntry>, VcsError>;

    /// `base` (nothing: `None`) with these entries put in place of what stood at their paths.
    ///
    /// An entry of kind tree grafts a whole folder.
    fn tree_with<'a>(&self, base: Option<&'a TreeId>, entries: &[TreeEntry]) -> Result<TreeId, VcsError>;

    /// `base` without what stands at or below `paths`.
    fn tree_without(&self, base: &TreeId, paths: &[RepoPath]) -> Result<TreeId, VcsError>;

    /// `base` after a patch; `None` if the patch does not apply.
    fn apply(&self, base: &TreeId, patch: &[u8]) -> Result<Option<TreeId>, VcsError>;

    /// What differs between two trees (no tree: `None`), with rename detection off.
    fn changes<'a>(&self, before: Option<&'a TreeId>, after: &TreeId) -> Result<Changes, VcsError>;

    /// The difference as a patch that `git apply` takes, binary files included, at most `limit_bytes` of it.
    fn patch<'a>(
        &self,
        before: Option<&'a TreeId>,
        after: &TreeId,
        limit_bytes: u64,
    ) -> Result<Patch, VcsError>;

    /// The stable patch id of the difference, which a rebase keeps; `None` if nothing differs.
    fn patch_id<'a>(&self, before: Option<&'a TreeId>, after: &TreeId) -> Result<Option<String>, VcsError>;

    /// How the two trees of each pair differ, in the order asked for, in a few starts of git for all of them.
    ///
    /// Every pair is compared by the attributes of the last tree of all, so that equality with what [`changes`] and
    /// [`patch`] say proves something, and a difference does not.
    ///
    /// [`changes`]: Self::changes
    /// [`patch`]: Self::patch
    fn compare(&self, pairs: &[(TreeId, TreeId)]) -> Result<Vec<Comparison>, VcsError>;

    /// Whether the two trees of each pair are the same outside of what is excluded, in one start of git.
    fn same_outside(&self, pairs: &[(TreeId, TreeId)], exclude: &Exclude) -> Result<Vec<bool>, VcsError>;

    /// The SHA-256 of the bytes of each blob, in the order asked for.
    fn blob_sha256s(&self, blobs: &[Oid]) -> Result<Vec<String>, VcsError>;

    /// An object of any kind; `None` if it is not there.
    fn read_object(&self, object: &Oid) -> Result<Option<GitObject>, VcsError>;

    /// Objects of any kind, in the order asked for and in one start of git; `None` for what is not there.
    fn read_objects(&self, objects: &[Oid]) -> Result<Vec<Option<GitObject>>, VcsError>;

    /// The object at each path of each tree or commit, in the order asked for and in one start of git.
    fn oids_at(&self, places: &[(Oid, RepoPath)]) -> Result<Vec<Option<Oid>>, VcsError>;

    /// Stores bytes as they are, no filter applied.
    fn write_blob(&self, bytes: &[u8]) -> Result<Oid, VcsError>;

    /// Makes a ref if it is not there, and none of `absent` is, in one step.
    fn create_ref(&self, name: &str, object: &Oid, absent: &[String]) -> Result<Created, VcsError>;

    /// Moves a ref if it stands at `old`.
    fn update_ref(&self, name: &str, new: &Oid, old: &Oid) -> Result<Swapped, VcsError>;

    /// Deletes a ref if it stands at `old`.
    fn delete_ref(&self, name: &str, old: &Oid) -> Result<Swapped, VcsError>;

    /// Where a ref points; `None` if it is not there.
    fn read_ref(&self, name: &str) -> Result<Option<Oid>, VcsError>;

    /// All refs below `prefix` (`refs/turns/`), sorted by name. A tag's own id, not that of its commit.
    fn list_refs(&self, prefix: &str) -> Result<Vec<RefEntry>, VcsError>;

    /// Makes a ref on a remote if it is not there yet, within `limit`.
    fn push_new_ref(
        &self,
        remote: &str,
        name: &str,
        object: &Oid,
        limit: Duration,
    ) -> Result<PushOutcome, VcsError>;

    /// Pushes a ref that this repository has, as it is (never forced), within `limit`.
    fn push_ref(&self, remote: &str, name: &str, limit: Duration) -> Result<PushOutcome, VcsError>;

    /// The refs of a remote that match `pattern` (`refs/turns/*`), within `limit`.
    fn ls_remote(&self, remote: &str, pattern: &str, limit: Duration) -> Result<Vec<RefEntry>, VcsError>;

    /// Writes a commit, unsigned; moves nothing.
    fn commit_tree(&self, commit: &Commit) -> Result<Oid, VcsError>;

    /// A commit by its id; `None` if it is not there.
    fn commit(&self, commit: &Oid) -> Result<Option<CommitInfo>, VcsError>;

    /// The commits that `from` reaches, newest first, at most `limit`.
    fn log(&self, from: &Oid, limit: usize) -> Result<Vec<CommitInfo>, VcsError>;

    /// Whether `ancestor` can be reached from `descendant`; both the same is yes.
    fn is_ancestor(&self, ancestor: &Oid, descendant: &Oid) -> Result<bool, VcsError>;

    /// Makes an annotated tag `refs/tags/<name>` if there is none of that name.
    fn create_tag(&self, tag: &Tag) -> Result<Created, VcsError>;

    /// The annotated tag behind a full ref name; `None` if there is none, or if it is a light one.
    fn tag(&self, ref_name: &str) -> Result<Option<TagInfo>, VcsError>;

    /// Puts HEAD on a branch without touching index or worktree.
    fn attach_head(&self, branch_ref: &str) -> Result<(), VcsError>;

    /// Brings the user's index from one tree to another without touching the worktree, so that a commit that was made
    /// beside the index does not look like a staged reversal. What else is staged at a changed path stays, unless the
    /// path is one of the ledger's, and is then named by an error; all other paths are brought along nevertheless.
    fn advance_index(&self, from: &TreeId, to: &TreeId) -> Result<(), VcsError>;
}
