//! [`Journal`]: what is known of a turn that is not in the ledger yet, in a private folder of its own.

mod entries;
mod frames;
mod times;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use self::entries::{
    BeginEntry, CheckEntries, CommitEntry, EndEntry, HeaderEntry, Intent, OpenedEntry, RanEntry, StateBefore,
    TaskBeginEntry, TaskEndEntry, TaskSpan, TurnPart,
};
pub(crate) use self::frames::{FrameWriter, Frames};
use crate::ledger_error::LedgerError;
use crate::system::Disk;
use crate::system::plain_file::read_plain;

/// The folder of one turn below `journal/` of the private state.
///
/// Every file in it is written once and whole, except the lines of the turn. So what is there is true, and
/// what is not there has not happened.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    folder: PathBuf,
}

/// Written before the number is claimed.
pub(crate) const INTENT: &str = "intent.json";
/// Written when the number is claimed and the worktree is looked at.
pub(crate) const OPENED: &str = "open.json";
/// Written when the turn is over and everything about it is observed.
pub(crate) const RAN: &str = "ran.json";
/// Written before the branch is moved to the commit of the work.
pub(crate) const WORK: &str = "work.json";
/// Written when the branch was found elsewhere, so that the record says so.
pub(crate) const WORK_ASIDE: &str = "work-aside.json";
/// Written before the branch is moved to the commit of the record.
pub(crate) const LEDGER: &str = "ledger.json";
/// Written where a record in its place lacks its seal or tag and nothing else.
pub(crate) const REPAIR: &str = "repair.json";
/// Written before the first turn: what the files of secrets have hashed to.
pub(crate) const SECRETS: &str = "secrets.json";
/// The folder in which the record is put together.
pub(crate) const STAGING: &str = "staging";

impl Journal {
    pub(crate) fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// All journals of a worktree, in the order of their names, which is that of their beginnings.
    pub(crate) fn all(folder: &Path) -> Result<Vec<Self>, LedgerError> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(LedgerError::disk("list the journals", folder)(error)),
        };
        let mut journals = Vec::new();
        for entry in entries {
            let entry = entry.map_err(LedgerError::disk("list the journals", folder))?;
            journals.push(Self::at(entry.path()));
        }
        journals.sort_by(|one, other| one.folder.cmp(&other.folder));
        Ok(journals)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn staging(&self) -> PathBuf {
        self.folder.join(STAGING)
    }

    /// The name of the folder, which is the uid of the turn.
    pub(crate) fn uid(&self) -> String {
        self.folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    pub(crate) fn write(
        &self,
        disk: &dyn Disk,
        name: &str,
        entry: &impl Serialize,
    ) -> Result<(), LedgerError> {
        let path = self.folder.join(name);
        let bytes = serde_json::to_vec(entry)
            .map_err(|error| LedgerError::disk("write the journal", &path)(error.into()))?;
        disk.write_new(&path, &bytes)
            .and_then(|()| disk.sync_dir(&self.folder))
            .map_err(LedgerError::disk("write the journal", &path))
    }

    /// An entry, if it was written.
    pub(crate) fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, LedgerError> {
        let path = self.folder.join(name);
        match read_plain(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| LedgerError::disk("read the journal", &path)(error.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(LedgerError::disk("read the journal", &path)(error)),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    /// What it was opened with, if its record can be gone on with.
    pub(crate) fn resumable(&self) -> Result<Option<OpenedEntry>, LedgerError> {
        if self.has(RAN) {
            return Ok(None);
        }
        let opened = self.read::<OpenedEntry>(OPENED)?;
        Ok(opened.filter(|opened| opened.header.continuation.is_some() && opened.before.is_some()))
    }

    /// The name of the entry of a Codex turn's beginning; turns are counted from 1.
    pub(crate) fn begin_name(turn: u32) -> String {
        format!("turn-{turn}.begin.json")
    }

    /// The name of the entry of a Codex turn's end.
    pub(crate) fn end_name(turn: u32) -> String {
        format!("turn-{turn}.end.json")
    }

    /// The name of the entry of a task's beginning; tasks are counted from 1.
    pub(crate) fn task_begin_name(task: u32) -> String {
        format!("task-{task}.begin.json")
    }

    /// The name of the entry of a task's end.
    pub(crate) fn task_end_name(task: u32) -> String {
        format!("task-{task}.end.json")
    }

    /// What is known of each task of the record.
    pub(crate) fn spans(&self) -> Result<Vec<TaskSpan>, LedgerError> {
        let mut spans: Vec<TaskSpan> = Vec::new();
        loop {
            let number = u32::try_from(spans.len()).map_or(u32::MAX, |count| count.saturating_add(1));
            let Some(begin) = self.read::<TaskBeginEntry>(&Self::task_begin_name(number))? else {
                return Ok(spans);
            };
            spans.push(TaskSpan { begin, end: self.read(&Self::task_end_name(number))? });
        }
    }

    /// What is known of each Codex turn of the record.
    pub(crate) fn turns(&self) -> Result<Vec<TurnPart>, LedgerError> {
        let mut turns = Vec::new();
        while let Some(begin) = self.read::<BeginEntry>(&Self::begin_name(number_after(&turns)))? {
            let end = self.read(&Self::end_name(number_after(&turns)))?;
            turns.push(TurnPart { begin, end });
        }
        Ok(turns)
    }
}

fn number_after(turns: &[TurnPart]) -> u32 {
    u32::try_from(turns.len()).map_or(u32::MAX, |count| count.saturating_add(1))
}
