//! [`ProcessEnd`]: how a process ended, and whether we asked for it.

use serde::Serialize;

/// Says how a process ended and, where we had asked it to stop, why.
///
/// ```
/// use codex_protocol::{ExitKind, ProcessEnd, StopCause};
///
/// let end = ProcessEnd::killed(9).stopped_by(StopCause::Cancelled);
/// assert_eq!((end.exit, end.stop), (Some(ExitKind::Signal(9)), Some(StopCause::Cancelled)));
/// assert_eq!(ProcessEnd::exited(0).stop, None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_structs, reason = "the two facts are all that a verdict asks of a process")]
pub struct ProcessEnd {
    /// How it ended; `None` if it was still alive when we gave up on it.
    pub exit: Option<ExitKind>,
    /// Why we asked it to stop; `None` if it ended by itself.
    pub stop: Option<StopCause>,
}

impl ProcessEnd {
    /// It ended by itself with an exit code.
    pub fn exited(code: i32) -> Self {
        Self { exit: Some(ExitKind::Code(code)), stop: None }
    }

    /// It ended by a signal.
    pub fn killed(signal: i32) -> Self {
        Self { exit: Some(ExitKind::Signal(signal)), stop: None }
    }

    /// It was still alive when we gave up on it.
    pub fn still_alive() -> Self {
        Self { exit: None, stop: None }
    }

    /// The same end, but one that we had asked for.
    #[must_use = "this returns the changed end"]
    pub fn stopped_by(mut self, cause: StopCause) -> Self {
        self.stop = Some(cause);
        self
    }
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

/// Says why we asked a process to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum StopCause {
    /// The caller cancelled.
    Cancelled,
    /// The limit on the whole duration passed.
    TotalLimit,
    /// The limit on the silence between two lines passed.
    IdleLimit,
    /// It did not end in the time that a process has after its last word.
    SettleLimit,
    /// Nobody reads its lines any more.
    ConsumerGone,
    /// A budget was used up.
    Budget,
}
