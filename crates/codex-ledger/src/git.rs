//! Git: what is asked of it, and its program.
//!
//! Begin with [`GitCli`], which finds the worktree of a folder and starts `git` without a setting that could run a program of
//! the repository. [`Vcs`] is the seam behind it, in five parts: [`ReadObjects`], [`WriteObjects`], [`Worktree`], [`Refs`]
//! and [`History`].
//!
//! ```no_run
//! use codex_ledger::GitCli;
//! use codex_ledger::git::{Refs as _, Worktree as _};
//!
//! let git = GitCli::discover("/project/src".as_ref())?;
//! println!("{} is at {:?}", git.worktree_root().display(), git.head()?);
//! # Ok::<(), codex_ledger::git::VcsError>(())
//! ```

mod git_cli;
pub(crate) mod git_dir;
mod private_dirs;
mod vcs;

pub use self::git_cli::{GitCli, GitCliBuilder, GitLimits, GitVersion};
pub use self::git_dir::{is_git_dir, share_repository};
pub use self::private_dirs::PrivateDirs;
pub use self::vcs::{
    Addition, Alteration, BrokenRules, Changes, Commit, CommitInfo, Comparison, Created, Difference,
    EntryKind, Exclude, GitObject, History, Identity, LargeFile, ObjectKind, Patch, PathChange,
    PathChangeKind, PushOutcome, PushedRef, ReadObjects, RefEntry, Refs, RuleFile, Rules, Signing, Snapshot,
    Standing, Swapped, Tag, TagInfo, TreeEntry, Vcs, VcsError, WholeCommit, Worktree, WriteObjects,
};

pub(crate) use self::vcs::is_disk_full;
#[cfg(feature = "mock")]
pub use self::vcs::{MockHistory, MockReadObjects, MockRefs, MockVcs, MockWorktree, MockWriteObjects};
