//! [`Changes`]: what differs between two trees.

use crate::values::{Oid, RepoPath};

/// What stands at a path of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "git has these five")]
pub enum EntryKind {
    /// A file, mode 100644.
    File,
    /// A file that can be run, mode 100755.
    Executable,
    /// A symbolic link, mode 120000; its blob is the text of the link.
    Symlink,
    /// A submodule, mode 160000; its object is a commit of another repository.
    Submodule,
    /// A folder, mode 040000.
    Folder,
}

impl EntryKind {
    /// Reads git's mode; `None` for one that git does not write. The modes of old repositories count as files.
    pub fn from_mode(mode: &[u8]) -> Option<Self> {
        match mode {
            b"100755" => Some(Self::Executable),
            b"120000" => Some(Self::Symlink),
            b"160000" => Some(Self::Submodule),
            b"040000" | b"40000" => Some(Self::Folder),
            mode if mode.starts_with(b"100") => Some(Self::File),
            _ => None,
        }
    }

    /// Git's mode.
    pub fn mode(self) -> &'static str {
        match self {
            Self::File => "100644",
            Self::Executable => "100755",
            Self::Symlink => "120000",
            Self::Submodule => "160000",
            Self::Folder => "040000",
        }
    }

    /// Whether its object is a blob.
    pub fn is_blob(self) -> bool {
        matches!(self, Self::File | Self::Executable | Self::Symlink)
    }
}

/// A path of a tree and what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TreeEntry {
    /// The whole path from the top of the tree.
    pub path: RepoPath,
    /// What it is.
    pub kind: EntryKind,
    /// Its object.
    pub oid: Oid,
}

impl TreeEntry {
    /// Takes all of it.
    pub fn new(path: RepoPath, kind: EntryKind, oid: Oid) -> Self {
        Self { path, kind, oid }
    }
}

/// How a path differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "without renames git has these three")]
pub enum PathChangeKind {
    /// Only in the tree after.
    Added,
    /// In both: other bytes, another mode, another kind.
    Modified,
    /// Only in the tree before.
    Deleted,
}

/// One path that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PathChange {
    /// The path.
    pub path: RepoPath,
    /// How it differs.
    pub kind: PathChangeKind,
    /// What stood there; nothing for an added path.
    pub before: Option<(EntryKind, Oid)>,
    /// What stands there; nothing for a deleted path.
    pub after: Option<(EntryKind, Oid)>,
    /// Lines added and deleted; `None` where the content is binary.
    pub lines: Option<(u64, u64)>,
}

impl PathChange {
    /// Takes what stood and what stands there; lines are counted as none.
    pub fn new(path: RepoPath, before: Option<(EntryKind, Oid)>, after: Option<(EntryKind, Oid)>) -> Self {
        let kind = match (&before, &after) {
            (None, _) => PathChangeKind::Added,
            (Some(_), Some(_)) => PathChangeKind::Modified,
            (Some(_), None) => PathChangeKind::Deleted,
        };
        Self { path, kind, before, after, lines: Some((0, 0)) }
    }
}

/// What differs between two trees: sorted bytewise by path, no renames.
///
/// ```
/// use codex_ledger::git::{PathChange, Changes, EntryKind};
/// use codex_ledger::values::Oid;
///
/// let oid: Oid = "4b825dc642cb6eb9a060e54bf8d69288fbee4904".parse()?;
/// let change = PathChange::new("src/lib.rs".parse()?, None, Some((EntryKind::File, oid)));
/// let changes = Changes::new(vec![change]);
/// assert_eq!(changes.added().count(), 1);
/// assert_eq!(changes.files_changed(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Changes {
    /// Every path that differs.
    pub entries: Vec<PathChange>,
}

impl Changes {
    /// Takes changes in any order.
    pub fn new(mut entries: Vec<PathChange>) -> Self {
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        Self { entries }
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The paths that are only in the tree after.
    pub fn added(&self) -> impl Iterator<Item = &RepoPath> {
        self.of_kind(PathChangeKind::Added)
    }

    /// The paths that are in both.
    pub fn modified(&self) -> impl Iterator<Item = &RepoPath> {
        self.of_kind(PathChangeKind::Modified)
    }

    /// The paths that are only in the tree before.
    pub fn deleted(&self) -> impl Iterator<Item = &RepoPath> {
        self.of_kind(PathChangeKind::Deleted)
    }

    /// The paths where a submodule stands or stood.
    pub fn submodules(&self) -> impl Iterator<Item = &RepoPath> {
        self.with(EntryKind::Submodule)
    }

    /// The paths where a symbolic link stands or stood.
    pub fn symlinks(&self) -> impl Iterator<Item = &RepoPath> {
        self.with(EntryKind::Symlink)
    }

    /// The paths whose content is binary, so that no lines are counted.
    pub fn binary(&self) -> impl Iterator<Item = &RepoPath> {
        self.entries.iter().filter(|change| change.lines.is_none()).map(|change| &change.path)
    }

    /// How many paths differ.
    pub fn files_changed(&self) -> u64 {
        self.entries.len() as u64
    }

    /// The sum of added lines; binary content counts none.
    pub fn lines_added(&self) -> u64 {
        self.entries.iter().filter_map(|change| change.lines).map(|lines| lines.0).sum()
    }

    /// The sum of deleted lines; binary content counts none.
    pub fn lines_deleted(&self) -> u64 {
        self.entries.iter().filter_map(|change| change.lines).map(|lines| lines.1).sum()
    }

    fn of_kind(&self, kind: PathChangeKind) -> impl Iterator<Item = &RepoPath> {
        self.entries.iter().filter(move |change| change.kind == kind).map(|change| &change.path)
    }

    fn with(&self, kind: EntryKind) -> impl Iterator<Item = &RepoPath> {
        let is_of_kind =
            move |side: &Option<(EntryKind, Oid)>| side.as_ref().is_some_and(|side| side.0 == kind);
        self.entries
            .iter()
            .filter(move |change| is_of_kind(&change.before) || is_of_kind(&change.after))
            .map(|change| &change.path)
    }
}

/// How two trees differ, and what the text of the difference hashes to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Comparison {
    /// Every path that differs.
    pub changes: Changes,
    /// The SHA-256 of the whole patch.
    pub patch_sha256: String,
}

impl Comparison {
    /// Takes both.
    pub fn new(changes: Changes, patch_sha256: impl Into<String>) -> Self {
        Self { changes, patch_sha256: patch_sha256.into() }
    }
}

/// A difference as text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Patch {
    /// Its bytes; `None` if they are more than the limit.
    pub bytes: Option<Vec<u8>>,
    /// How long it is, within the limit or not.
    pub original_bytes: u64,
    /// The SHA-256 of all of it, within the limit or not.
    pub sha256: String,
}

impl Patch {
    /// Takes a whole patch.
    pub fn new(bytes: Vec<u8>) -> Self {
        let sha256 = crate::values::sha256_hex(&bytes);
        Self { original_bytes: bytes.len() as u64, sha256, bytes: Some(bytes) }
    }
}

/// Everything that is said of how two trees differ.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// Every path that differs.
    pub changes: Changes,
    /// The difference as text.
    pub patch: Patch,
    /// The stable id of the patch; `None` if nothing differs.
    pub patch_id: Option<String>,
}

impl Difference {
    /// Takes all of it.
    pub fn new(changes: Changes, patch: Patch, patch_id: Option<String>) -> Self {
        Self { changes, patch, patch_id }
    }
}
