//! [`TransportReport`]: what a transport knows of a turn once it is over.

use std::time::Duration;

use codex_protocol::{CodexTurnId, ExitKind, ProcessFate, StopCause, ThreadId, TransportEnd};

use crate::{OutputTail, RolloutRef};

/// Tells what a transport knows of a turn once it is over.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TransportReport {
    /// What became of the process, and why we asked the turn to stop, if we did.
    pub end: TransportEnd,
    /// The last bytes of standard error.
    pub stderr_tail: OutputTail,
    /// Processes of this turn that were found after Codex itself had ended, by process id.
    pub leftovers: Vec<u32>,
    /// Lines that were read after the ask to stop and for which there was no room.
    pub dropped_lines: u64,
    /// Their bytes.
    pub dropped_bytes: u64,
    /// From the start of the turn's process to its end.
    pub elapsed: Duration,
    /// The thread that Codex named, if it came that far.
    pub thread_id: Option<ThreadId>,
    /// What Codex calls the turn; `codex exec` does not say it.
    pub turn_id: Option<CodexTurnId>,
    /// Where Codex keeps its own record of that thread, if it was found.
    pub rollout: Option<RolloutRef>,
}

impl TransportReport {
    /// Describes a process that ended by itself: what a recorded stream has, and a fake.
    ///
    /// ```
    /// use codex_exec::TransportReport;
    /// use codex_protocol::ExitKind;
    ///
    /// let report = TransportReport::new(ExitKind::Code(0));
    /// assert_eq!(report.end.exit(), Some(ExitKind::Code(0)));
    /// assert!(report.leftovers.is_empty());
    /// ```
    pub fn new(exit: ExitKind) -> Self {
        Self::of(TransportEnd::new(ProcessFate::Ended(exit)))
    }

    /// Describes a process that we stopped.
    pub fn stopped(exit: ExitKind, cause: StopCause) -> Self {
        Self::of(TransportEnd::new(ProcessFate::Ended(exit)).stopped_by(cause))
    }

    /// Sets the thread that Codex named.
    #[must_use = "builder methods return the changed value"]
    pub fn thread(mut self, thread: ThreadId) -> Self {
        self.thread_id = Some(thread);
        self
    }

    /// Sets the turn that Codex named.
    #[must_use = "builder methods return the changed value"]
    pub fn turn(mut self, turn: CodexTurnId) -> Self {
        self.turn_id = Some(turn);
        self
    }

    /// Sets the rollout of the thread.
    #[must_use = "builder methods return the changed value"]
    pub fn rollout(mut self, rollout: RolloutRef) -> Self {
        self.rollout = Some(rollout);
        self
    }

    /// Sets the tail of standard error.
    #[must_use = "builder methods return the changed value"]
    pub fn stderr(mut self, tail: OutputTail) -> Self {
        self.stderr_tail = tail;
        self
    }

    /// Describes any other end, such as that of a turn that a server ran.
    pub fn of(end: TransportEnd) -> Self {
        Self {
            end,
            stderr_tail: OutputTail::default(),
            leftovers: Vec::new(),
            dropped_lines: 0,
            dropped_bytes: 0,
            elapsed: Duration::ZERO,
            thread_id: None,
            turn_id: None,
            rollout: None,
        }
    }
}
