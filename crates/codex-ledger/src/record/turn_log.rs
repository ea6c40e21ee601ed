//! [`TurnLog`]: one record while its turns run, and [`Recorded`], what became of it.

use std::path::PathBuf;

use codex_protocol::{EventLine, TurnSummary};
use jiff::Timestamp;

use crate::ledger_error::LedgerError;
use crate::manifest::{RecordState, Violation};
use crate::record::record_end::RecordEnd;
use crate::record::task_span::{TaskBegin, TaskEnd};
use crate::record::turn_begin::{TurnBegin, TurnEnd};
use crate::values::TurnId;

/// Takes down one record, which holds one Codex turn or several. A seam for a caller that runs turns.
///
/// A log that is dropped without [`finish`](Self::finish) leaves what a crash would leave: recovery closes the
/// record as interrupted.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait TurnLog: Send {
    /// The number of the record.
    fn turn_id(&self) -> TurnId;

    /// When the record was opened.
    fn started(&self) -> Timestamp;

    /// Begins a task of the record: the Codex turns up to its end are its work, and so is what changes meanwhile.
    /// A record whose tasks nobody begins has one, that of its header.
    fn begin_task(&mut self, task: TaskBegin);

    /// Ends the task. What it changed is looked at here, so that the next one cannot be taken for it.
    fn end_task(&mut self, end: TaskEnd);

    /// Begins a Codex turn. What cannot be written down becomes a violation that the record names.
    fn begin_turn(&mut self, turn: TurnBegin);

    /// Takes down a line. What cannot be written down becomes a violation that the record names.
    fn record(&mut self, line: &EventLine);

    /// Ends the Codex turn, whose lines came to this summary. What cannot be written down becomes a violation that the record
    /// names.
    ///
    /// A log keeps the lines on disk and not in memory, so the summary of whoever ran the turn is the only one.
    fn end_turn(&mut self, end: TurnEnd, summary: &TurnSummary);

    /// Ends a Codex turn whose summary is gone, such as one whose stream was dropped: its lines are read back from the disk.
    fn end_dropped_turn(&mut self, end: TurnEnd);

    /// Says that the last turn is over: what the worktree is now is the work of the record, and what is written
    /// from here on, by tests and their reports, is not.
    ///
    /// Without this call it is what the worktree is when the record is [finished](Self::finish).
    fn settle(&mut self);

    /// Seals and publishes the record.
    ///
    /// # Errors
    ///
    /// The record is not in the ledger yet. What was taken down is kept, and recovery goes on with it.
    fn finish(self: Box<Self>, end: RecordEnd) -> Result<Recorded, LedgerError>;
}

/// Says what a record became; it survives a crash of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// The number of the record.
    pub turn_id: TurnId,
    /// Its UUID.
    pub uid: String,
    /// How it ended.
    pub state: RecordState,
    /// Why it ended so, in a word.
    pub reason: Option<String>,
    /// The SHA-256 of its manifest.
    pub manifest_sha256: String,
    /// Its folder.
    pub directory: PathBuf,
    /// The full names of the refs that hold it: the branch and the tag, or the ref of its seal.
    pub refs: Vec<String>,
    /// What should not have happened, as the record names it.
    pub violations: Vec<Violation>,
    /// What went wrong besides, each in one sentence.
    pub warnings: Vec<String>,
}

impl Recorded {
    /// Takes what every record has; for fakes.
    pub fn new(
        turn_id: TurnId,
        state: RecordState,
        manifest_sha256: impl Into<String>,
        directory: impl Into<PathBuf>,
    ) -> Self {
        Self {
            turn_id,
            uid: String::new(),
            state,
            reason: None,
            manifest_sha256: manifest_sha256.into(),
            directory: directory.into(),
            refs: Vec::new(),
            violations: Vec::new(),
            warnings: Vec::new(),
        }
    }
}
