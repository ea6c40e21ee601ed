//! A record whose caller can go on with it after a crash is taken up again.

use std::sync::Arc;

use codex_protocol::ThreadId;
use serde_json::Value;

use super::log::FileTurnLog;
use crate::ledger_error::LedgerError;
use crate::manifest::OutputFile;
use crate::record::journal::{Journal, OpenedEntry, TaskSpan, TurnPart};
use crate::record::kept::Kept;
use crate::record::locks::LockFile;
use crate::record::parts::LedgerParts;
use crate::record::recover::Recovery;
use crate::record::secret_files::Secrets;
use crate::record::task_span::TaskEnd;
use crate::record::turn_begin::TurnPurpose;
use crate::record::turn_log::TurnLog;
use crate::values::TurnId;

/// A record that a crash has left open and whose caller can go on with it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Waiting {
    /// Its number.
    pub turn_id: TurnId,
    /// What was to be done.
    pub task: String,
    /// What the caller said it would need.
    pub continuation: Value,
}

/// A record that is taken up again.
#[non_exhaustive]
pub struct Resumed {
    /// Goes on with the record.
    pub log: Box<dyn TurnLog>,
    /// What the caller said it would need.
    pub continuation: Value,
    /// The tasks that were begun, in order.
    pub tasks: Vec<ResumedTask>,
    /// The Codex turns that were begun, in order.
    pub turns: Vec<ResumedTurn>,
}

/// What is known of a task that was begun before the crash.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ResumedTask {
    /// Its name.
    pub task_id: String,
    /// The files that went in, with their hashes.
    pub inputs: Vec<OutputFile>,
    /// What it came to; nothing where the crash came before its end.
    pub end: Option<TaskEnd>,
}

/// What is known of a Codex turn that was begun before the crash.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResumedTurn {
    /// The task that it belongs to, counted from 1.
    pub task: Option<u32>,
    /// What it was for.
    pub purpose: TurnPurpose,
    /// What Codex was asked.
    pub prompt: String,
    /// Its thread, if that is known.
    pub thread: Option<ThreadId>,
    /// How it ended, in one word; nothing where the crash came before its end.
    pub verdict: Option<String>,
    /// The last message of the agent.
    pub final_message: Option<String>,
}

/// The journals of a worktree that can be gone on with.
pub(super) fn waiting(parts: &LedgerParts) -> Result<Vec<(Journal, OpenedEntry)>, LedgerError> {
    let mut found = Vec::new();
    for journal in Journal::all(&parts.dirs.journals())? {
        if let Some(opened) = journal.resumable()? {
            found.push((journal, opened));
        }
    }
    Ok(found)
}

pub(super) fn resume(
    parts: &Arc<LedgerParts>,
    lock: LockFile,
    turn_id: TurnId,
) -> Result<Resumed, LedgerError> {
    let mut all = waiting(parts)?;
    let Some(at) = all.iter().position(|(_, opened)| opened.turn_id == turn_id) else {
        return Err(LedgerError::Refused {
            step: "go on with the record",
            reason: format!("turn {turn_id} is not open here, or was not one that can be gone on with"),
        });
    };
    let (journal, opened) = all.swap_remove(at);
    let violations = Recovery::new(parts, &lock).restore_ledger()?;
    let turns = Recovery::new(parts, &lock).turns_with_ends(&journal)?;
    let spans = journal.spans()?;
    let kept = Kept::take(parts)?;
    let continuation = opened.header.continuation.clone().unwrap_or_default();
    let others = later_records(parts, turn_id);
    let resumed = (turns.iter().map(resumed_turn).collect(), spans.iter().map(resumed_task).collect());
    let log = FileTurnLog::new(parts.clone(), lock, journal, opened, kept, Secrets::read(parts), Vec::new());
    let log = log.continued(turns, spans, &others, violations);
    Ok(Resumed { log: Box::new(log), continuation, turns: resumed.0, tasks: resumed.1 })
}

/// The records that came while this one was waiting: what they changed is in its difference too.
fn later_records(parts: &LedgerParts, turn_id: TurnId) -> Vec<String> {
    let entries = std::fs::read_dir(parts.places.turns()).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok()?.parse::<TurnId>().ok());
    let mut later: Vec<TurnId> = names.filter(|found| *found > turn_id).collect();
    later.sort_unstable();
    later.iter().map(ToString::to_string).collect()
}

fn resumed_turn(turn: &TurnPart) -> ResumedTurn {
    let end = turn.end.as_ref().map(|end| &end.turn);
    let thread = end.and_then(|end| end.thread_id.clone()).or_else(|| turn.begin.resumed.clone());
    ResumedTurn {
        task: turn.begin.task,
        purpose: turn.begin.purpose,
        prompt: turn.begin.prompt.clone(),
        thread: thread.as_deref().map(ThreadId::from_wire),
        verdict: end.and_then(|end| end.verdict.clone()),
        final_message: end.and_then(|end| end.final_message.clone()),
    }
}

fn resumed_task(span: &TaskSpan) -> ResumedTask {
    ResumedTask {
        task_id: span.begin.task.task_id.clone(),
        inputs: span.begin.task.inputs.clone(),
        end: span.end.as_ref().map(|end| end.end.clone()),
    }
}

impl std::fmt::Debug for Resumed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resumed")
            .field("turn_id", &self.log.turn_id())
            .field("tasks", &self.tasks)
            .finish_non_exhaustive()
    }
}
