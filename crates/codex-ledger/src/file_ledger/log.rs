//! [`FileTurnLog`]: takes a turn down in its journal, and seals it.

use std::sync::Arc;

use codex_protocol::EventLine;

use super::snapshot_violations::violations_of;
use super::unlock::unlock;
use crate::TurnId;
use crate::journal::{
    Before, BeginEntry, Checks, EndEntry, FrameWriter, Journal, Opened, RAN, Ran, SECRETS, TaskBeginEntry,
    TaskEndEntry, TaskSpan, TurnPart,
};
use crate::kept::Kept;
use crate::ledger::{Recorded, TurnLog};
use crate::ledger_error::{Cause, LedgerError};
use crate::locks::LockFile;
use crate::manifest::{Extra, RecordState, Violation};
use crate::parts::Parts;
use crate::record_end::{RecordEnd, StateOverride};
use crate::seal::{Sealing, sentence};
use crate::secret_files::{SecretHashes, Secrets};
use crate::stage::Push;
use crate::task_span::{TaskBegin, TaskEnd};
use crate::touched::{LEDGER_TOUCHED, Touched};
use crate::turn_begin::{TurnBegin, TurnEnd, TurnPurpose};
use crate::turn_fold::TurnFold;
use crate::watch::{UNSEEN, Watched};

/// The violation of a record that does not say what the turn changed, and why such a record failed.
const WORKTREE_UNKNOWN: &str = "worktree-unknown";

/// Takes a turn down in its journal; the journal has everything that the record will need, before it is needed.
pub(super) struct FileTurnLog {
    parts: Arc<Parts>,
    journal: Journal,
    opened: Opened,
    kept: Kept,
    watched: Watched,
    /// The files of secrets as they were before the turns.
    secrets: Secrets,
    frames: FrameWriter,
    turns: Vec<TurnPart>,
    spans: Vec<TaskSpan>,
    /// The lines of the open turn.
    fold: Option<TurnFold>,
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
        parts: Arc<Parts>,
        lock: LockFile,
        journal: Journal,
        opened: Opened,
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
            fold: None,
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
                format!("{what} was not written down at once: {}", sentence(&error)),
            );
        }
    }

    fn violate(&mut self, kind: &str, detail: String) {
        tracing::warn!(turn = %self.opened.turn_id, kind, detail, "the record has a violation");
        self.violations.push(Violation { kind: kind.to_owned(), path: None, detail, extra: Extra::new() });
    }

    fn close_turn(&mut self, entry: impl FnOnce(TurnFold, &BeginEntry) -> EndEntry) {
        let (Some(turn), Some(fold)) = (self.turns.last_mut(), self.fold.take()) else { return };
        let end = entry(fold, &turn.begin);
        turn.end = Some(end.clone());
        self.frames.sync();
        let written = self.journal.write(self.parts.disk.as_ref(), &Journal::end_name(self.number()), &end);
        self.note("the end of a turn", written);
    }

    fn unlock_worktree(&mut self) {
        self.violations.extend(unlock(&self.parts));
    }

    fn is_open(&self) -> bool {
        self.fold.is_some()
    }

    /// Undoes what the turn did to the ledger.
    fn guard_ledger(&mut self) {
        let touched = Touched::undo(&self.parts, &self.kept);
        self.violations.extend(touched.violations());
        for error in touched.faults() {
            self.violate("ledger-not-restored", sentence(error));
        }
    }

    /// Names the watched files that have changed; those that changed since the last look once more.
    fn look_at_watched(&mut self) {
        let now = watched(&self.parts);
        self.add_new(self.watched.violations(&now));
    }

    /// Adds the violations that are not named yet.
    fn add_new(&mut self, violations: Vec<Violation>) {
        for violation in violations {
            if !self.violations.contains(&violation) {
                self.violations.push(violation);
            }
        }
    }

    /// Names the files of secrets that have changed.
    fn look_at_secrets(&mut self) {
        // As they were before the first turn, also where a crash came between.
        let before = self.journal.read::<SecretHashes>(SECRETS).ok().flatten();
        let before = before.unwrap_or_else(|| self.secrets.hashes());
        self.add_new(before.violations(&self.parts));
    }

    /// The worktree after the turn, by the rules of before it.
    fn tree_after(&mut self) -> Option<String> {
        let (vcs, exclude) = (self.parts.vcs.as_ref(), Parts::exclude());
        let before = self.opened.before.as_ref();
        let taken = match before.and_then(Before::rules) {
            Some(rules) => vcs.snapshot_by(&exclude, &rules),
            None => vcs.snapshot(&exclude),
        };
        self.is_obstructed = matches!(&taken, Err(error) if error.cause_after_success() == Cause::Repository);
        match taken {
            Ok(snapshot) => {
                let large_before = before.map(|before| before.too_large.as_slice()).unwrap_or_default();
                let mut violations = violations_of(&snapshot, large_before);
                let is_named = |violation: &Violation| {
                    let is_same = |one: &Violation| one.kind == UNSEEN && one.path == violation.path;
                    violation.path.is_some() && self.violations.iter().any(is_same)
                };
                violations.retain(|violation| !is_named(violation));
                self.add_new(violations);
                Some(snapshot.tree.to_string())
            }
            Err(error) => {
                let text = sentence(&error);
                let warning = format!("what the turn changed is not in the record: {text}");
                if !self.warnings.contains(&warning) {
                    self.warnings.push(warning);
                }
                self.violate(WORKTREE_UNKNOWN, text);
                None
            }
        }
    }

    fn head_after(&mut self) -> Option<String> {
        match self.parts.vcs.head() {
            Ok(head) => head.map(|head| head.to_string()),
            Err(error) => {
                self.violate("head-unknown", sentence(&error));
                None
            }
        }
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
            let now = self.parts.clock.now();
            self.close_turn(|fold, begin| fold.interrupted(begin, None, now));
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
        self.fold = Some(TurnFold::new(self.number(), &begin, self.parts.vcs.worktree_root()));
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
        if let Some(fold) = &mut self.fold {
            fold.observe(now, line);
        }
    }

    fn end_turn(&mut self, end: TurnEnd) {
        self.unlock_worktree();
        if !self.is_open() {
            self.begin_turn(TurnBegin::new(""));
        }
        let now = self.parts.clock.now();
        self.close_turn(|fold, begin| fold.end(begin, &end, now));
    }

    fn settle(&mut self) {
        self.unlock_worktree();
        self.guard_ledger();
        self.look_at_watched();
        self.look_at_secrets();
        self.settled = Some(Settled { tree: self.tree_after(), head: self.head_after() });
    }

    fn finish(mut self: Box<Self>, end: RecordEnd) -> Result<Recorded, LedgerError> {
        self.unlock_worktree();
        if self.is_open() {
            let now = self.parts.clock.now();
            self.close_turn(|fold, begin| fold.interrupted(begin, None, now));
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
        let checks = Checks::read(&end, self.opened.started, &self.parts.places, &mut violations);
        violations.extend(end.violations);
        self.violations = violations;
        let (state, reason) = self.state(end.state.as_ref());
        let ran = Ran {
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
        let sealing = Sealing::of(&self.parts, &self.journal, Push::On, &self.secrets)?;
        let mut recorded = sealing.expect("the journal was opened with the log").run()?;
        recorded.warnings.splice(0..0, std::mem::take(&mut self.warnings));
        Ok(recorded)
    }
}

/// The watched files of the worktree as they stand now.
fn watched(parts: &Parts) -> Watched {
    let options = &parts.options;
    Watched::scan(&options.watch, parts.vcs.worktree_root(), options.watch_entries)
}
