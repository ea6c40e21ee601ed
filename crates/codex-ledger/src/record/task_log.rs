//! [`TaskLog`]: the timeline of a record, `logs/task.log`.

mod item;
mod turn;

use std::path::PathBuf;

use codex_protocol::{EventLine, RolloutSummary, TurnSummary};
use jiff::Timestamp;

use crate::record::turn_begin::TurnEnd;
use turn::TimelineLines;

/// Follows the lines of the Codex turns of a record, and writes what happened when.
///
/// For each turn: every item with its start, its duration and its result; then what the stream left out, where
/// Codex's own file of the thread is known; then what the turn used, and the verdict on it. Texts are on one line
/// and cut, so that the log does not grow with what commands print; the other logs have them whole.
///
/// ```
/// use codex_ledger::record::TaskLog;
/// use codex_protocol::EventLine;
///
/// let mut log = TaskLog::new();
/// log.begin_turn("2025-09-05T17:42:10Z".parse()?);
/// log.observe("2025-09-05T17:42:11.5Z".parse()?, &EventLine::new(1, *br#"{"type":"turn.started"}"#));
/// let text = log.finish();
/// assert!(text.contains("   +1.500s           -  turn started\n"));
/// assert!(text.ends_with("verdict: none, the turn was interrupted\n"));
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct TaskLog {
    written: String,
    turns: u64,
    open: Option<TimelineLines>,
    project: Option<PathBuf>,
}

impl TaskLog {
    /// Begins with no turns.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins after so many turns, whose logs are written elsewhere; the logs one after the other are the log of
    /// all.
    pub fn after(turns: u64) -> Self {
        Self { turns, ..Self::default() }
    }

    /// Names the files below this folder as they are named there.
    #[must_use = "this returns the changed log"]
    pub fn in_project(mut self, root: impl Into<PathBuf>) -> Self {
        self.project = Some(root.into());
        self
    }

    /// Begins a turn; one that is still open ends without a verdict.
    pub fn begin_turn(&mut self, at: Timestamp) {
        self.interrupt_turn();
        self.turns += 1;
        self.open = Some(TimelineLines::new(at, self.project.clone()));
    }

    /// Takes a line and the time at which it came; it begins a turn if none is open.
    pub fn observe(&mut self, at: Timestamp, line: &EventLine) {
        if self.open.is_none() {
            self.begin_turn(at);
        }
        if let Some(turn) = &mut self.open {
            turn.observe(at, line);
        }
    }

    /// Ends the turn, whose lines came to this summary.
    pub fn end_turn(&mut self, end: &TurnEnd, summary: &TurnSummary) {
        self.close(|text| turn::write_end(end, summary, text));
    }

    /// Ends a turn whose end nobody saw.
    pub fn interrupt_turn(&mut self) {
        self.close(|text| turn::write_interrupted(None, text));
    }

    /// Ends a turn whose end nobody saw, with what Codex's own file of the thread adds to this summary of its lines.
    pub fn interrupt_turn_with(&mut self, rollout: &RolloutSummary, summary: &TurnSummary) {
        self.close(|text| turn::write_interrupted(Some((rollout, summary)), text));
    }

    /// Writes the log; a turn that is still open was interrupted.
    pub fn finish(mut self) -> String {
        self.interrupt_turn();
        self.written
    }

    fn close(&mut self, write: impl FnOnce(&mut String)) {
        let Some(turn) = self.open.take() else { return };
        if !self.written.is_empty() {
            self.written.push('\n');
        }
        turn.write_head(self.turns, &mut self.written);
        write(&mut self.written);
    }
}

#[cfg(test)]
mod tests;
