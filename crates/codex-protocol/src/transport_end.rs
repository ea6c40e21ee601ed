//! [`TransportEnd`]: how the way to Codex ended for a turn, and whether we asked for it.

use serde::Serialize;

/// Says what became of the process that ran a turn and, if we had asked the turn to stop, why.
///
/// A stop is of a turn, an exit is of a process: a server that runs many turns ends none of them with its own
/// exit, and a turn that is stopped there leaves it serving.
///
/// ```
/// use codex_protocol::{ExitKind, ProcessFate, StopCause, TransportEnd};
///
/// let end = TransportEnd::killed(9).stopped_by(StopCause::Cancelled);
/// assert_eq!(end.process, ProcessFate::Ended(ExitKind::Signal(9)));
/// assert_eq!((end.exit(), end.stop), (Some(ExitKind::Signal(9)), Some(StopCause::Cancelled)));
/// assert_eq!(TransportEnd::exited(0).stop, None);
/// assert_eq!(TransportEnd::new(ProcessFate::Serving).exit(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TransportEnd {
    /// What became of the process.
    pub process: ProcessFate,
    /// Why we asked the turn to stop; `None` if it ended by itself.
    pub stop: Option<StopCause>,
}

impl TransportEnd {
    /// Creates the end of a turn that nobody asked to stop.
    pub fn new(process: ProcessFate) -> Self {
        Self { process, stop: None }
    }

    /// The process of the turn ended by itself with an exit code.
    pub fn exited(code: i32) -> Self {
        Self::new(ProcessFate::Ended(ExitKind::Code(code)))
    }

    /// The process of the turn ended by a signal.
    pub fn killed(signal: i32) -> Self {
        Self::new(ProcessFate::Ended(ExitKind::Signal(signal)))
    }

    /// The process of the turn was still alive when we gave up on it.
    pub fn unreaped() -> Self {
        Self::new(ProcessFate::Unreaped)
    }

    /// The same end, but one that we had asked for.
    #[must_use = "this returns the changed end"]
    pub fn stopped_by(mut self, cause: StopCause) -> Self {
        self.stop = Some(cause);
        self
    }

    /// Returns how the turn's own process ended; `None` for one that did not end, or that was a server's.
    pub fn exit(&self) -> Option<ExitKind> {
        match self.process {
            ProcessFate::Ended(exit) => Some(exit),
            ProcessFate::Unreaped
            | ProcessFate::Serving
            | ProcessFate::ServerEnded(_)
            | ProcessFate::Unknown => None,
        }
    }
}

/// Says what became of the process that ran a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ProcessFate {
    /// It was the turn's own process, and it ended.
    Ended(ExitKind),
    /// It did not end and was given up.
    Unreaped,
    /// It is a server that serves other turns now.
    Serving,
    /// It was a server, and it ended before the turn did.
    ServerEnded(ExitKind),
    /// The transport does not say.
    Unknown,
}

/// Tells an exit code from a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_enums, reason = "Unix knows no third way for a process to end")]
pub enum ExitKind {
    /// The process ended with this code.
    Code(i32),
    /// The process was ended by this signal.
    Signal(i32),
}

/// Says why we asked a turn to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum StopCause {
    /// The caller cancelled.
    Cancelled,
    /// The caller interrupted the turn; its thread can go on.
    Interrupted,
    /// The limit on the whole duration passed.
    TotalLimit,
    /// The limit on the silence between two lines passed.
    IdleLimit,
    /// The process did not end in the time that it has after its last word.
    SettleLimit,
    /// Nobody reads the lines any more.
    ConsumerGone,
    /// A budget was used up.
    Budget,
}
