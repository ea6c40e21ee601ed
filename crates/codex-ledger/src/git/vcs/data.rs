//! What goes into git and comes out of it, beside trees and their differences.

use std::time::Duration;

use jiff::Timestamp;

use crate::values::{Oid, RepoPath, TreeId};

/// Names what a look at the worktree leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exclude {
    /// The folder of the ledger, relative to the top of the worktree.
    pub ledger_root: RepoPath,
}

impl Exclude {
    /// Leaves out the folder of the ledger.
    pub fn ledger_root(ledger_root: RepoPath) -> Self {
        Self { ledger_root }
    }
}

/// Where a worktree stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Standing {
    /// The commit at HEAD, unless there is none yet.
    pub head: Option<Oid>,
    /// The short name of the branch at HEAD, born or not; `None` where HEAD is detached.
    pub branch: Option<String>,
    /// Whether anything differs from HEAD: staged, changed, deleted or untracked.
    pub dirty: bool,
}

impl Standing {
    /// Stands on a commit of a branch, with nothing changed.
    pub fn on(head: Oid, branch: impl Into<String>) -> Self {
        Self { head: Some(head), branch: Some(branch.into()), dirty: false }
    }
}

/// A person, as git writes one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
}

impl Identity {
    /// Takes a name and an address.
    pub fn new(name: impl Into<String>, email: impl Into<String>) -> Self {
        Self { name: name.into(), email: email.into() }
    }
}

/// A ref and where it points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct RefEntry {
    /// Its full name.
    pub name: String,
    /// The object it points at.
    pub oid: Oid,
}

impl RefEntry {
    /// Takes a full name and an object.
    pub fn new(name: impl Into<String>, oid: Oid) -> Self {
        Self { name: name.into(), oid }
    }
}

/// What became of an attempt to make a ref or a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Created {
    /// It is there now, made by this call.
    #[non_exhaustive]
    Made {
        /// What it points at.
        oid: Oid,
        /// Whether it is signed; never so for a ref that is no tag.
        signed: bool,
    },
    /// The tag is there now, made by this call, but without the signature that git is set up for.
    #[non_exhaustive]
    Unsigned {
        /// What it points at.
        oid: Oid,
        /// What git says.
        reason: String,
    },
    /// One of that name, or one that had to be absent, was there before.
    #[non_exhaustive]
    Exists {
        /// The full name of the one that was there.
        name: String,
        /// Where that points.
        oid: Oid,
    },
    /// Somebody holds its lock: another git at this moment, or one that died and left the lock file.
    #[non_exhaustive]
    Locked {
        /// What git says.
        reason: String,
        /// How old the lock file is, where there is one.
        age: Option<Duration>,
    },
}

impl Created {
    /// Creates the outcome of a ref, or of a tag without a signature, that was made.
    pub fn made(oid: Oid) -> Self {
        Self::Made { oid, signed: false }
    }

    /// Creates the outcome of a tag that was made and signed.
    pub fn signed(oid: Oid) -> Self {
        Self::Made { oid, signed: true }
    }

    /// Creates the outcome of a ref or tag that was not made, because this one was there.
    pub fn exists(name: impl Into<String>, oid: Oid) -> Self {
        Self::Exists { name: name.into(), oid }
    }
}

/// What became of an attempt to move or delete a ref.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Swapped {
    /// Done.
    Done,
    /// It stands elsewhere, or nowhere.
    Elsewhere(Option<Oid>),
    /// Somebody holds its lock.
    #[non_exhaustive]
    Locked {
        /// What git says.
        reason: String,
        /// How old the lock file is, where there is one.
        age: Option<Duration>,
    },
}

/// What became of a push of one ref.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PushOutcome {
    /// The remote has the ref, and it points at what was pushed.
    Won,
    /// The remote has the ref, and it points at something else.
    Taken(Oid),
    /// The remote was busy with that very ref; try again.
    Busy(String),
    /// The remote answers and does not take the ref.
    Denied(String),
    /// No answer within the limit, or none that says whether the ref was taken: it may or may not be there.
    Unreachable(String),
}

/// What became of a push of a ref that was to be new.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushedRef {
    /// What became of it.
    pub outcome: PushOutcome,
    /// The refs of the remote that were asked for, if it did not take the ref and answers.
    pub there: Vec<RefEntry>,
}

impl PushedRef {
    /// Creates an outcome with the refs that the remote has.
    pub fn new(outcome: PushOutcome, there: Vec<RefEntry>) -> Self {
        Self { outcome, there }
    }
}

/// The kinds of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "git has these four")]
pub enum ObjectKind {
    /// The bytes of a file.
    Blob,
    /// A folder.
    Tree,
    /// A commit.
    Commit,
    /// An annotated tag.
    Tag,
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GitObject {
    /// Its kind.
    pub kind: ObjectKind,
    /// Its bytes, without git's header.
    pub bytes: Vec<u8>,
}

impl GitObject {
    /// Takes a kind and bytes.
    pub fn new(kind: ObjectKind, bytes: Vec<u8>) -> Self {
        Self { kind, bytes }
    }
}

/// A commit to write.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Commit {
    /// Its tree.
    pub tree: TreeId,
    /// Its parents.
    pub parents: Vec<Oid>,
    /// The whole message, kept as it is.
    pub message: String,
    /// Author and committer.
    pub identity: Identity,
    /// Author's and committer's time, in whole seconds, UTC.
    pub when: Timestamp,
}

impl Commit {
    /// Takes all of it.
    pub fn new(
        tree: TreeId,
        parents: Vec<Oid>,
        message: impl Into<String>,
        identity: Identity,
        when: Timestamp,
    ) -> Self {
        Self { tree, parents, message: message.into(), identity, when }
    }
}

/// A commit to write together with everything in it, and without parents.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WholeCommit {
    /// Trees that the repository has, and where they stand in the commit; the empty one leaves no trace.
    pub trees: Vec<(RepoPath, TreeId)>,
    /// Files, and where they stand.
    pub files: Vec<(RepoPath, Vec<u8>)>,
    /// The whole message, kept as it is.
    pub message: String,
    /// Author and committer.
    pub identity: Identity,
    /// Author's and committer's time, in whole seconds, UTC.
    pub when: Timestamp,
}

impl WholeCommit {
    /// Takes all of it.
    pub fn new(
        trees: Vec<(RepoPath, TreeId)>,
        files: Vec<(RepoPath, Vec<u8>)>,
        message: impl Into<String>,
        identity: Identity,
        when: Timestamp,
    ) -> Self {
        Self { trees, files, message: message.into(), identity, when }
    }
}

/// A commit as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommitInfo {
    /// Its id.
    pub oid: Oid,
    /// Its tree.
    pub tree: TreeId,
    /// Its parents.
    pub parents: Vec<Oid>,
    /// The whole message; bytes that are no UTF-8 are replaced.
    pub message: String,
}

impl CommitInfo {
    /// Takes all of it.
    pub fn new(oid: Oid, tree: TreeId, parents: Vec<Oid>, message: impl Into<String>) -> Self {
        Self { oid, tree, parents, message: message.into() }
    }
}

/// Whether a tag is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_enums, reason = "the three words of the option `sign`")]
pub enum Signing {
    /// Never.
    Never,
    /// Where `tag.gpgSign` is set, and signing works.
    #[default]
    Auto,
    /// Always; without a signature there is no tag.
    Required,
}

/// An annotated tag to make.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tag {
    /// Its short name, such as `turn/1`.
    pub name: String,
    /// What it is put on.
    pub target: Oid,
    /// The whole message, kept as it is.
    pub message: String,
    /// Who tags.
    pub identity: Identity,
    /// When, in whole seconds, UTC.
    pub when: Timestamp,
    /// Whether it is signed.
    pub signing: Signing,
}

impl Tag {
    /// Takes all but the signing, which is [`Signing::Auto`].
    pub fn new(
        name: impl Into<String>,
        target: Oid,
        message: impl Into<String>,
        identity: Identity,
        when: Timestamp,
    ) -> Self {
        let signing = Signing::default();
        Self { name: name.into(), target, message: message.into(), identity, when, signing }
    }
}

/// An annotated tag as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TagInfo {
    /// The id of the tag object.
    pub oid: Oid,
    /// What it is put on.
    pub target: Oid,
    /// The message, a signature included; bytes that are no UTF-8 are replaced.
    pub message: String,
}

impl TagInfo {
    /// Takes all of it.
    pub fn new(oid: Oid, target: Oid, message: impl Into<String>) -> Self {
        Self { oid, target, message: message.into() }
    }
}
