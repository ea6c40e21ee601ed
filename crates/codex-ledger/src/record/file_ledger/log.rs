//! [`FileTurnLog`]: takes a turn down in its journal, and seals it.

mod worktree;

use std::sync::Arc;

use codex_protocol::{EventLine, TurnSummary, with_causes};

use super::unlock::unlock;
use crate::ledger_error::LedgerError;
use crate::manifest::{Extra, RecordState, Violation};
use crate::record::folded_turn::{FoldedTurn, fold_again, timeline};
use crate::record::journal::{
    BeginEntry, CheckEntries, EndEntry, FrameWriter, Journal, OpenedEntry, RAN, RanEntry, TaskBeginEntry,
    TaskEndEntry, TaskSpan, TurnPart,
};
use crate::record::kept::Kept;
use crate::record::locks::LockFile;
use crate::record::parts::LedgerParts;
use crate::record::record_end::{RecordEnd, StateOverride};
use crate::record::seal::Sealing;
use crate::record::secret_files::Secrets;
use crate::record::stage::RecordPush;
use crate::record::task_log::TaskLog;
use crate::record::task_span::{TaskBegin, TaskEnd};
use crate::record::touched::LEDGER_TOUCHED;
use crate::record::turn_begin::{TurnBegin, TurnEnd, TurnPurpose};
use crate::record::turn_log::{Recorded, TurnLog};
use crate::record::watch::Watched;
use crate::values::TurnId;

/// The violation of a record that does not say what the turn changed, and why such a record failed.
const WORKTREE_UNKNOWN: &str = "worktree-unknown";

/// Takes a turn down in its journal; the journal has everything that the record will need, before it is needed.
pub(super) struct FileTurnLog {
    parts: Arc<LedgerParts>,
    journal: Journal,
    opened: OpenedEntry,
    kept: Kept,
    watched: Watched,
    /// The files of secrets as they were before the turns.
    secrets: Secrets,
    frames: FrameWriter,
    turns: Vec<TurnPart>,
    spans: Vec<TaskSpan>,
    /// What happened when in the open turn.
    timeline: Option<TaskLog>,
    violations: Vec<Violation>,
    warnings: Vec<String>,
    settled: Option<Settled>,
    /// Whether what stands in the repository kept git from taking the worktree the last time.
    is_obstructed: bool,
    /// Dropped last: as long as it is held, nobody recovers this turn.
    _lock: LockFile,
}

/// What the turns have left.
struct Settled {
    tree: Option<String>,
    head: Option<String>,
}

impl FileTurnLog {
    pub(super) fn new(
        parts: Arc<LedgerParts>,
        lock: LockFile,
        journal: Journal,
        opened: OpenedEntry,
        kept: Kept,
        secrets: Secrets,
        warnings: Vec<String>,
    ) -> Self {
        let limit = parts.options.journal_limit_bytes;
        let frames = FrameWriter::new(parts.disk.clone(), journal.folder().to_owned(), limit);
        let watched = watched(&parts);
        Self {
            parts,
            journal,
            opened,
            kept,
            watched,
            secrets,
            frames,
            turns: Vec::new(),
            spans: Vec::new(),
            timeline: None,
            violations: Vec::new(),
            warnings,
            settled: None,
            is_obstructed: false,
            _lock: lock,
        }
    }

    /// Takes up a log where a crash has left it; its last turn has an end, whoever saw it.
    pub(super) fn continued(
        mut self,
        turns: Vec<TurnPart>,
        spans: Vec<TaskSpan>,
        others: &[String],
        violations: Vec<Violation>,
    ) -> Self {
        self.violations = violations;
        self.turns = turns;
        self.spans = spans;
        self.frames.go_on();
        if !others.is_empty() {
            let detail = format!(
                "while the record was waiting, others were made whose changes may be in it: {}",
                others.join(", ")
            );
            self.violate("shared-worktree", detail);
        }
        self
    }

    /// The task that is open, counted from 1.
    fn open_task(&self) -> Option<u32> {
        self.spans.last().filter(|span| span.end.is_none())?;
        u32::try_from(self.spans.len()).ok()
    }

    /// The number of the latest turn, counted from 1.
    fn number(&self) -> u32 {
        u32::try_from(self.turns.len()).unwrap_or(u32::MAX)
    }

    /// Notes an entry that could not be written. The record will have it all the same, if we live.
    fn note(&mut self, what: &str, written: Result<(), LedgerError>) {
        if let Err(error) = written {
            self.violate(
                "journal-incomplete",
                format!("{what} was not written down at once: {}", with_causes(&error)),
            );
        }
    }

    fn violate(&mut self, kind: &str, detail: String) {
        tracing::warn!(turn = %self.opened.turn_id, kind, detail, "the record has a violation");
        self.violations.push(Violation { kind: kind.to_owned(), path: None, detail, extra: Extra::new() });
    }

    fn close_turn(&mut self, summary: &TurnSummary, entry: impl FnOnce(FoldedTurn<'_>) -> EndEntry) {
        let (Some(turn), Some(timeline)) = (self.turns.last_mut(), self.timeline.take()) else { return };
        let end = entry(FoldedTurn { begin: &turn.begin, summary, timeline });
        turn.end = Some(end.clone());
        self.frames.sync();
        let written = self.journal.write(self.parts.disk.as_ref(), &Journal::end_name(self.number()), &end);
        self.note("the end of a turn", written);
    }

    /// Ends a turn that the caller has not ended.
    fn interrupt_turn(&mut self) {
        let now = self.parts.clock.now();
        let summary = fold_again(&self.journal, self.number());
        self.close_turn(&summary, |turn| turn.interrupted(None, now));
    }

    fn unlock_worktree(&mut self) {
        self.violations.extend(unlock(&self.parts));
    }

    fn is_open(&self) -> bool {
        self.timeline.is_some()
    }

    /// How the record ends: as the caller says, or as the last turn did.
    fn state(&self, forced: Option<&StateOverride>) -> (RecordState, Option<String>) {
        if self.violations.iter().any(|violation| violation.kind == LEDGER_TOUCHED) {
            return (RecordState::Failed, Some(LEDGER_TOUCHED.to_owned()));
        }
        if self.is_obstructed {
            return (RecordState::Failed, Some(WORKTREE_UNKNOWN.to_owned()));
        }
        if let Some(forced) = forced {
            let reason = Some(forced.reason.clone()).filter(|reason| !reason.is_empty());
            return (forced.state.clone(), reason);
        }
        let mut latest = self.turns.iter().rev().filter(|turn| turn.begin.purpose == TurnPurpose::Work);
        let verdict = latest.next().and_then(|turn| turn.end.as_ref()?.turn.verdict.as_deref());
        match verdict {
            Some("completed") => (RecordState::Completed, None),
            Some(word @ ("cancelled" | "interrupted")) => (RecordState::Aborted, Some(word.to_owned())),
            Some(word) => (RecordState::Failed, Some(word.to_owned())),
            None => (RecordState::Failed, Some("no-turn".to_owned())),
        }
    }
}

impl TurnLog for FileTurnLog {
    fn turn_id(&self) -> TurnId {
        self.opened.turn_id
    }

    fn started(&self) -> jiff::Timestamp {
        self.opened.started
    }

    fn begin_task(&mut self, task: TaskBegin) {
        if self.open_task().is_some() {
            self.end_task(TaskEnd::new("interrupted"));
        }
        let begin = TaskBeginEntry { at: self.parts.clock.now(), task, tree: self.tree_after() };
        self.spans.push(TaskSpan { begin: begin.clone(), end: None });
        let name = Journal::task_begin_name(self.open_task().unwrap_or(u32::MAX));
        let written = self.journal.write(self.parts.disk.as_ref(), &name, &begin);
        self.note("the beginning of a task", written);
    }

    fn end_task(&mut self, end: TaskEnd) {
        let Some(number) = self.open_task() else { return };
        let entry = TaskEndEntry { at: self.parts.clock.now(), end, tree: self.tree_after() };
        if let Some(span) = self.spans.last_mut() {
            span.end = Some(entry.clone());
        }
        let name = Journal::task_end_name(number);
        let written = self.journal.write(self.parts.disk.as_ref(), &name, &entry);
        self.note("the end of a task", written);
    }

    fn begin_turn(&mut self, turn: TurnBegin) {
        if self.is_open() {
            self.interrupt_turn();
        }
        let begin = BeginEntry {
            at: self.parts.clock.now(),
            prompt: turn.prompt,
            model: turn.model,
            sandbox: turn.sandbox,
            resumed: turn.resumed.map(|thread| thread.to_string()),
            purpose: turn.purpose,
            task: self.open_task(),
        };
        self.turns.push(TurnPart { begin: begin.clone(), end: None });
        self.timeline = Some(timeline(self.number(), &begin, self.parts.vcs.worktree_root()));
        let name = Journal::begin_name(self.number());
        let written = self.journal.write(self.parts.disk.as_ref(), &name, &begin);
        self.note("the beginning of a turn", written);
    }

    fn record(&mut self, line: &EventLine) {
        if !self.is_open() {
            self.begin_turn(TurnBegin::new(""));
        }
        let now = self.parts.clock.now();
        self.frames.append(self.number(), now, line);
        if let Some(timeline) = &mut self.timeline {
            timeline.observe(now, line);
        }
    }

    fn end_turn(&mut self, end: TurnEnd, summary: &TurnSummary) {
        self.unlock_worktree();
        if !self.is_open() {
            self.begin_turn(TurnBegin::new(""));
        }
        let now = self.parts.clock.now();
        self.close_turn(summary, |turn| turn.ended(&end, now));
    }

    fn end_dropped_turn(&mut self, end: TurnEnd) {
        let summary = fold_again(&self.journal, self.number());
        self.end_turn(end, &summary);
    }

    fn settle(&mut self) {
        self.unlock_worktree();
        self.guard_ledger();
        self.look_at_watched();
        self.look_at_secrets();
        let taken = self.worktree_after();
        let tree = taken.as_ref().map(|snapshot| snapshot.tree.to_string());
        let head = self.head_after(taken.and_then(|snapshot| snapshot.standing));
        self.settled = Some(Settled { tree, head });
    }

    fn finish(mut self: Box<Self>, end: RecordEnd) -> Result<Recorded, LedgerError> {
        self.unlock_worktree();
        if self.is_open() {
            self.interrupt_turn();
        }
        if self.open_task().is_some() {
            self.end_task(TaskEnd::new("interrupted"));
        }
        self.frames.sync();
        if let Some(fault) = self.frames.fault() {
            self.violate("lines-lost", fault);
        }
        match self.settled {
            // The checks may not write there either.
            Some(_) => {
                self.guard_ledger();
                self.look_at_watched();
                self.look_at_secrets();
            }
            None => self.settle(),
        }
        let Settled { tree: tree_after, head: head_after } =
            self.settled.take().expect("it was settled above");
        let mut violations = std::mem::take(&mut self.violations);
        let checks = CheckEntries::read(&end, self.opened.started, &self.parts.places, &mut violations);
        violations.extend(end.violations);
        self.violations = violations;
        let (state, reason) = self.state(end.state.as_ref());
        let ran = RanEntry {
            finished: self.parts.clock.now(),
            state,
            reason,
            turns: std::mem::take(&mut self.turns),
            tree_after,
            head_after,
            checks,
            tasks: end.tasks,
            spans: std::mem::take(&mut self.spans),
            context: end.context,
            tools: end.tools,
            statement_of_work: end.statement_of_work,
            adr: end.adr,
            report_notes: end.report_notes,
            project_files: end.project_files,
            lists_changed_files: end.lists_changed_files,
            purged: end.purged,
            violations: std::mem::take(&mut self.violations),
        };
        self.journal.write(self.parts.disk.as_ref(), RAN, &ran)?;
        let sealing = Sealing::of(&self.parts, &self.journal, RecordPush::Now, &self.secrets)?;
        let mut recorded = sealing.expect("the journal was opened with the log").run()?;
        recorded.warnings.splice(0..0, std::mem::take(&mut self.warnings));
        Ok(recorded)
    }
}

/// The watched files of the worktree as they stand now.
fn watched(parts: &LedgerParts) -> Watched {
    let options = &parts.options;
    Watched::scan(&options.watch, parts.vcs.worktree_root(), options.watch_entries)
}
