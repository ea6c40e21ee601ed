//! [`ExecEnd`]: what is known of a start of Codex once it is over.

use std::time::Duration;

use codex_protocol::{ExitKind, ProcessEnd, StopCause, ThreadId};

use crate::{OutputTail, RolloutRef};

/// What is known of a start of Codex once it is over.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExecEnd {
    /// How the process ended, and why we asked it to, if we did.
    pub process: ProcessEnd,
    /// The last bytes of standard error.
    pub stderr_tail: OutputTail,
    /// Processes of this start that were found after Codex itself had ended, by process id.
    pub leftovers: Vec<u32>,
    /// Lines that were read after the ask to stop and for which there was no room.
    pub dropped_lines: u64,
    /// Their bytes.
    pub dropped_bytes: u64,
    /// From the start of the process to its end.
    pub elapsed: Duration,
    /// The thread that Codex named, if it came that far.
    pub thread_id: Option<ThreadId>,
    /// Where Codex keeps its own record of that thread, if it was found.
    pub rollout: Option<RolloutRef>,
}

impl ExecEnd {
    /// Describes a process that ended by itself: what a recorded stream has, and a fake.
    ///
    /// ```
    /// use codex_exec::ExecEnd;
    /// use codex_protocol::ExitKind;
    ///
    /// let end = ExecEnd::new(ExitKind::Code(0));
    /// assert_eq!(end.process.exit, Some(ExitKind::Code(0)));
    /// assert!(end.leftovers.is_empty());
    /// ```
    pub fn new(exit: ExitKind) -> Self {
        Self::of(ProcessEnd { exit: Some(exit), stop: None })
    }

    /// Describes a process that we stopped.
    pub fn stopped(exit: ExitKind, cause: StopCause) -> Self {
        Self::of(ProcessEnd { exit: Some(exit), stop: Some(cause) })
    }

    /// Sets the thread that Codex named.
    #[must_use = "builder methods return the changed value"]
    pub fn thread(mut self, thread: ThreadId) -> Self {
        self.thread_id = Some(thread);
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

    pub(crate) fn of(process: ProcessEnd) -> Self {
        Self {
            process,
            stderr_tail: OutputTail::default(),
            leftovers: Vec::new(),
            dropped_lines: 0,
            dropped_bytes: 0,
            elapsed: Duration::ZERO,
            thread_id: None,
            rollout: None,
        }
    }
}
