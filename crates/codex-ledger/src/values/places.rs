//! [`Places`]: where a ledger keeps its files.

use std::path::{Path, PathBuf};

use crate::values::TurnId;
use crate::values::repo_path::RepoPath;

/// The folder of the ledger, relative to the top of the worktree.
pub const LEDGER_ROOT: &str = "ai/agentic-pipeline";

/// Says where a ledger keeps its files.
///
/// ```
/// use codex_ledger::values::Places;
///
/// let places = Places::below("/project");
/// assert_eq!(places.index().to_str(), Some("/project/ai/agentic-pipeline/turns_index.csv"));
/// assert_eq!(places.turn("7".parse()?).to_str(), Some("/project/ai/agentic-pipeline/turns/7"));
/// # Ok::<(), codex_ledger::values::InvalidTurnId>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    ledger: PathBuf,
}

impl Places {
    /// The places below the top of a worktree.
    pub fn below(worktree: impl AsRef<Path>) -> Self {
        Self { ledger: worktree.as_ref().join(LEDGER_ROOT) }
    }

    /// The folder of the ledger.
    pub fn root(&self) -> &Path {
        &self.ledger
    }

    /// The folder of all records.
    pub fn turns(&self) -> PathBuf {
        self.ledger.join("turns")
    }

    /// The folder of one record.
    pub fn turn(&self, id: TurnId) -> PathBuf {
        self.turns().join(id.to_string())
    }

    /// The manifest of one record.
    pub fn manifest(&self, id: TurnId) -> PathBuf {
        self.turn(id).join("manifest.json")
    }

    /// The index.
    pub fn index(&self) -> PathBuf {
        self.ledger.join("turns_index.csv")
    }

    /// The file that tells git to leave the bytes of records as they are.
    pub fn attributes(&self) -> PathBuf {
        self.ledger.join(".gitattributes")
    }
}

/// What `.gitattributes` of a ledger says.
pub const ATTRIBUTES: &str =
    "* -text -ident -filter\nturns_index.csv -text merge=union\nturns/** linguist-generated=true\n";

/// The folder of the ledger as git names it.
pub(crate) fn ledger_path() -> RepoPath {
    repo_path(LEDGER_ROOT)
}

/// The folder of all records as git names it.
pub(crate) fn turns_path() -> RepoPath {
    repo_path(&format!("{LEDGER_ROOT}/turns"))
}

/// The manifest of a record as git names it.
pub(crate) fn manifest_path(id: TurnId) -> RepoPath {
    repo_path(&format!("{LEDGER_ROOT}/turns/{id}/manifest.json"))
}

/// A file of a record as git names it.
pub(crate) fn record_file_path(id: TurnId, file: &RepoPath) -> RepoPath {
    let path = [turn_path(id).as_bytes(), b"/", file.as_bytes()].concat();
    RepoPath::from_bytes(path).expect("a path below a folder is one, too")
}

/// The record and the file of it that a path names.
pub(crate) fn record_and_file(path: &RepoPath) -> Option<(TurnId, RepoPath)> {
    let below = path.as_bytes().strip_prefix(turns_path().as_bytes())?.strip_prefix(b"/")?;
    let slash = memchr::memchr(b'/', below)?;
    let number = std::str::from_utf8(&below[..slash]).ok()?.parse::<TurnId>().ok()?;
    Some((number, RepoPath::from_bytes(&below[slash + 1..]).ok()?))
}

/// The folder of a record as git names it.
pub(crate) fn turn_path(id: TurnId) -> RepoPath {
    repo_path(&format!("{LEDGER_ROOT}/turns/{id}"))
}

/// A path of ours as git names it.
pub(crate) fn repo_path(text: &str) -> RepoPath {
    RepoPath::from_bytes(text.as_bytes()).expect("the paths of the ledger are relative and plain")
}
