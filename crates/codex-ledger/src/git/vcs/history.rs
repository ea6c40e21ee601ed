//! [`History`]: what commits did to the files of a folder.
#![expect(clippy::needless_lifetimes, reason = "the mock needs the names")]
#![cfg_attr(feature = "mock", expect(clippy::ref_option_ref, reason = "the mock keeps its arguments"))]

use std::collections::BTreeSet;

use crate::git::vcs::{ObjectKind, VcsError};
use crate::values::{Oid, RepoPath};

/// A commit that changed or removed a file which was there before it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Alteration {
    /// The commit.
    pub commit: Oid,
    /// The file.
    pub path: RepoPath,
    /// The object that stood there in a parent of the commit.
    pub before: Oid,
    /// The object that stands there in the commit; `None` where the commit removed the file.
    pub after: Option<Oid>,
}

impl Alteration {
    /// Takes all of it.
    pub fn new(commit: Oid, path: RepoPath, before: Oid, after: Option<Oid>) -> Self {
        Self { commit, path, before, after }
    }
}

/// A commit that brought a file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Addition {
    /// The commit.
    pub commit: Oid,
    /// The file.
    pub path: RepoPath,
    /// The object that stands there in the commit.
    pub oid: Oid,
}

impl Addition {
    /// Takes all of it.
    pub fn new(commit: Oid, path: RepoPath, oid: Oid) -> Self {
        Self { commit, path, oid }
    }
}

/// Reads what happened to files over the commits of a repository. Writes nothing.
///
/// # Errors
///
/// All methods: git cannot be started, fails, takes longer than its limit, or prints what cannot be read.
#[cfg_attr(feature = "mock", mockall::automock)]
#[expect(clippy::missing_errors_doc, reason = "the section above holds for every method")]
pub trait History: Send + Sync {
    /// Every change and removal of a file below `folder` by a commit that `to` reaches and `since` does not, newest
    /// first, in one start of git. Merges are compared with each of their parents.
    fn alterations<'a>(
        &self,
        since: Option<&'a Oid>,
        to: &Oid,
        folder: &RepoPath,
    ) -> Result<Vec<Alteration>, VcsError>;

    /// Every commit that brought one of these files, wherever it is: on a branch, a tag, in a stash or a reflog.
    ///
    /// What the refs below `except` (`refs/turns-seal/`) reach does not count.
    fn additions(&self, paths: &[RepoPath], except: &[String]) -> Result<Vec<Addition>, VcsError>;

    /// The commit that a revision names; `None` if it names none.
    fn commit_named(&self, revision: &str) -> Result<Option<Oid>, VcsError>;

    /// The latest commit that both reach; `None` if there is none.
    fn merge_base(&self, one: &Oid, other: &Oid) -> Result<Option<Oid>, VcsError>;

    /// Every object of a kind that the repository has, reachable or not.
    fn objects_of(&self, kind: ObjectKind) -> Result<Vec<Oid>, VcsError>;

    /// The files below `folder` that the index has and that are left out of the worktree on purpose (a sparse checkout).
    fn left_out(&self, folder: &RepoPath) -> Result<BTreeSet<RepoPath>, VcsError>;
}
