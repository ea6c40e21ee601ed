//! [`ReadObjects`]: the objects of a repository, and how trees differ.
#![expect(clippy::needless_lifetimes, reason = "the mock needs the names")]
#![cfg_attr(feature = "mock", expect(clippy::ref_option_ref, reason = "the mock keeps its arguments"))]

use crate::git::vcs::{
    Changes, CommitInfo, Comparison, Difference, Exclude, GitObject, Patch, TreeEntry, VcsError,
};
use crate::values::{Oid, RepoPath, TreeId};

/// Reads the objects of a repository and compares trees. Writes nothing.
///
/// What is not there is `None`, not an error.
///
/// # Errors
///
/// All methods: git cannot be started, fails, takes longer than its limit, or prints what cannot be read.
#[cfg_attr(feature = "mock", mockall::automock)]
#[expect(clippy::missing_errors_doc, reason = "the section above holds for every method")]
pub trait ReadObjects: Send + Sync {
    /// The tree of a commit or of a tag on one.
    fn tree_of(&self, commit: &Oid) -> Result<TreeId, VcsError>;

    /// What stands at `path` in a tree.
    fn entry(&self, tree: &TreeId, path: &RepoPath) -> Result<Option<TreeEntry>, VcsError>;

    /// Everything below `folder` (all of it: `None`) in a tree, folders themselves left out, sorted by path.
    fn entries<'a>(&self, tree: &TreeId, folder: Option<&'a RepoPath>) -> Result<Vec<TreeEntry>, VcsError>;

    /// An object of any kind; `None` if it is not there.
    fn read_object(&self, object: &Oid) -> Result<Option<GitObject>, VcsError>;

    /// Objects of any kind, in the order asked for and in one start of git; `None` for what is not there.
    fn read_objects(&self, objects: &[Oid]) -> Result<Vec<Option<GitObject>>, VcsError>;

    /// The object at each path of each tree or commit, in the order asked for and in one start of git.
    fn oids_at(&self, places: &[(Oid, RepoPath)]) -> Result<Vec<Option<Oid>>, VcsError>;

    /// The SHA-256 of the bytes of each blob, in the order asked for.
    fn blob_sha256s(&self, blobs: &[Oid]) -> Result<Vec<String>, VcsError>;

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

    /// What [`changes`](Self::changes), [`patch`](Self::patch) and [`patch_id`](Self::patch_id) say of two trees, in fewer starts of
    /// git.
    fn difference(&self, before: &TreeId, after: &TreeId, limit_bytes: u64) -> Result<Difference, VcsError>;

    /// How the two trees of each pair differ outside of what is excluded, in the order asked for, in a few starts of git
    /// for all of them.
    ///
    /// Every pair is compared by the attributes of the last tree of all, so that equality with what [`changes`] and
    /// [`patch`] say proves something, and a difference does not.
    ///
    /// [`changes`]: Self::changes
    /// [`patch`]: Self::patch
    fn compare<'a>(
        &self,
        pairs: &[(TreeId, TreeId)],
        exclude: Option<&'a Exclude>,
    ) -> Result<Vec<Comparison>, VcsError>;

    /// The patch of each pair as [`compare`](Self::compare) makes it, in the order asked for, in one start of git; of each
    /// at most `limit_bytes`.
    fn patches<'a>(
        &self,
        pairs: &[(TreeId, TreeId)],
        exclude: Option<&'a Exclude>,
        limit_bytes: u64,
    ) -> Result<Vec<Patch>, VcsError>;

    /// A commit by its id; `None` if it is not there.
    fn commit(&self, commit: &Oid) -> Result<Option<CommitInfo>, VcsError>;

    /// The commits that `from` reaches, newest first, at most `limit`.
    fn log(&self, from: &Oid, limit: usize) -> Result<Vec<CommitInfo>, VcsError>;

    /// Whether `ancestor` can be reached from `descendant`; both the same is yes.
    fn is_ancestor(&self, ancestor: &Oid, descendant: &Oid) -> Result<bool, VcsError>;

    /// Whether this is a clone whose history is cut off.
    fn is_shallow(&self) -> Result<bool, VcsError>;
}
