//! [`Vcs`]: what the ledger asks of git.

mod changes;
mod data;
mod history;
#[cfg(feature = "mock")]
mod mock_vcs;
mod object_text;
mod read_objects;
mod refs;
mod snapshot;
mod vcs_error;
mod worktree;
mod write_objects;

pub use self::changes::{
    Changes, Comparison, Difference, EntryKind, Patch, PathChange, PathChangeKind, TreeEntry,
};
pub use self::data::{
    Commit, CommitInfo, Created, Exclude, GitObject, Identity, ObjectKind, PushOutcome, PushedRef, RefEntry,
    Signing, Standing, Swapped, Tag, TagInfo, WholeCommit,
};
pub use self::history::{Addition, Alteration, History};
pub use self::read_objects::ReadObjects;
pub use self::refs::Refs;
pub use self::snapshot::{BrokenRules, LargeFile, RuleFile, Rules, Snapshot};
pub use self::vcs_error::VcsError;
pub(crate) use self::vcs_error::{is_disk_full, is_of_configuration};
pub use self::worktree::Worktree;
pub use self::write_objects::WriteObjects;
#[cfg(feature = "mock")]
pub use self::{
    history::MockHistory, mock_vcs::MockVcs, read_objects::MockReadObjects, refs::MockRefs,
    worktree::MockWorktree, write_objects::MockWriteObjects,
};

/// Everything that the ledger asks of git, and the only way to it: all five of its parts.
///
/// | part | for |
/// | --- | --- |
/// | [`ReadObjects`] | trees, commits and blobs, and how trees differ |
/// | [`WriteObjects`] | new trees, commits and blobs |
/// | [`Worktree`] | the folders of a worktree, and what it holds as a tree |
/// | [`Refs`] | HEAD, branches, tags and other refs, here and on remotes |
/// | [`History`] | what commits did to files |
///
/// What has the five parts has this one.
pub trait Vcs: ReadObjects + WriteObjects + Worktree + Refs + History {}

impl<T: ReadObjects + WriteObjects + Worktree + Refs + History + ?Sized> Vcs for T {}
