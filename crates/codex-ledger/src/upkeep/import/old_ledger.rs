//! [`OldLedger`]: what lies in old places.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use serde_json::Value;

use crate::ledger_error::LedgerError;
use crate::manifest::Manifest;
use crate::read::Reader;
use crate::read::reader::{FileKind, files_below, foreign_number};
use crate::system::plain_file::read_plain;
use crate::values::{LEDGER_ROOT, TurnId, sha256_hex};

/// Where records lay before the format was settled, relative to the top of the worktree.
const TURNS: &[&str] = &["turns", "ai/turns", "ai/agentic-pipeline/turns"];
/// Where the index lay.
const INDEXES: &[&str] =
    &["turns/index.csv", "turns_index.csv", "ai/turns_index.csv", "ai/agentic-pipeline/turns/index.csv"];
/// A folder with a number for a name and none of these is something else.
const MARKS: &[&str] = &["manifest.json", "changelog.md", "adr.md"];

/// What was recorded in old places, or by other programs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OldLedger {
    /// The indexes.
    pub indexes: Vec<OldIndex>,
    /// The folders of turns, sorted by path.
    pub turns: Vec<OldTurn>,
}

/// An index in an old place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OldIndex {
    /// Relative to the top of the worktree.
    pub path: String,
    /// The SHA-256 of its bytes.
    pub sha256: String,
}

/// A folder of a turn that is no record of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OldTurn {
    /// Relative to the top of the worktree.
    pub path: String,
    /// The number that its name stands for.
    pub number: TurnId,
    /// What its manifest says about its time, if it has one that can be read.
    pub timestamp_utc: Option<String>,
    /// What its manifest says about its task.
    pub task: Option<String>,
    /// How many files it has.
    pub files: u64,
    /// The SHA-256 of the lines `<sha256>  <path>` of all of them, sorted by path, as `sha256sum` prints them.
    pub sha256: String,
}

impl OldLedger {
    /// Looks into the old places below the top of a worktree.
    pub(super) fn find(project: &Path, reader: &Reader) -> Result<Self, LedgerError> {
        let mut found = Self::default();
        let mut indexes: Vec<String> = INDEXES.iter().map(|&path| path.to_owned()).collect();
        indexes.extend(kept_indexes(reader.places().root()));
        for path in indexes {
            if let Ok(bytes) = read_plain(&project.join(&path)) {
                found.indexes.push(OldIndex { path, sha256: sha256_hex(&bytes) });
            }
        }
        for place in TURNS {
            let is_folder = fs::symlink_metadata(project.join(place)).is_ok_and(|found| found.is_dir());
            for entry in
                fs::read_dir(project.join(place)).into_iter().flatten().flatten().filter(|_| is_folder)
            {
                let name = entry.file_name().to_string_lossy().into_owned();
                if let Some(number) = foreign_number(&name)
                    && entry.file_type().is_ok_and(|kind| kind.is_dir())
                {
                    found.turns.extend(old_turn(&entry.path(), format!("{place}/{name}"), number)?);
                }
            }
        }
        found.turns.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(found)
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.indexes.is_empty() && self.turns.is_empty()
    }

    /// The paths of all that was found.
    pub(super) fn places(&self) -> Vec<String> {
        let indexes = self.indexes.iter().map(|index| &index.path);
        indexes.chain(self.turns.iter().map(|turn| &turn.path)).cloned().collect()
    }
}

/// Indexes that an earlier import gave another name.
fn kept_indexes(root: &Path) -> Vec<String> {
    let names = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let mut kept: Vec<String> = names
        .filter_map(|name| name.into_string().ok())
        .filter(|name| name.starts_with("turns_index.old-"))
        .map(|name| format!("{LEDGER_ROOT}/{name}"))
        .collect();
    kept.sort();
    kept
}

/// A folder, unless it is one of our own records or something else altogether.
fn old_turn(folder: &Path, path: String, number: TurnId) -> Result<Option<OldTurn>, LedgerError> {
    let failed = |error| LedgerError::disk("read an old turn", folder)(error);
    let manifest = read_plain(&folder.join("manifest.json")).unwrap_or_default();
    let is_ours = match Manifest::read(&manifest) {
        Ok(file) => file.newer_major || file.manifest.ledger.is_some(),
        Err(_) => false,
    };
    if is_ours || !MARKS.iter().any(|mark| folder.join(mark).is_file()) {
        return Ok(None);
    }
    let (mut lines, mut files) = (Vec::new(), 0);
    for file in files_below(folder).map_err(failed)?.into_iter().filter(|file| file.kind == FileKind::File) {
        let bytes = read_plain(&folder.join(OsStr::from_bytes(file.path.as_bytes()))).map_err(failed)?;
        lines.extend_from_slice(format!("{}  ", sha256_hex(&bytes)).as_bytes());
        lines.extend_from_slice(file.path.as_bytes());
        lines.push(b'\n');
        files += 1;
    }
    let said: Value = serde_json::from_slice(&manifest).unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let task = text(&said["task"]["name"]).or_else(|| text(&said["task"]));
    let timestamp_utc = text(&said["timestampUtc"]);
    Ok(Some(OldTurn { path, number, timestamp_utc, task, files, sha256: sha256_hex(&lines) }))
}
