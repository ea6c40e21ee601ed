//! [`Verdict`]: how a turn ended.

use std::fmt;

use serde::Serialize;

use crate::failure::Failure;
use crate::transport_end::{ExitKind, ProcessFate, StopCause, TransportEnd};
use crate::turn_summary::{Terminal, TurnSummary};

/// Says how a turn ended, judged from its lines and from the end of its transport.
///
/// Serialised it is one object: `verdict` holds the [`word`](Self::word), and beside it stand the fields of
/// the variant, or of its [`Failure`], in camelCase; those of `kind` are an object of their own.
///
/// ```
/// use codex_protocol::{EventLine, TransportEnd, TurnSummary, Verdict};
///
/// let mut summary = TurnSummary::new();
/// summary.observe(&EventLine::new(1, *br#"{"type":"turn.started"}"#));
/// // Exit code 0 alone is no success.
/// assert_eq!(Verdict::decide(&summary, &TransportEnd::exited(0)), Verdict::Truncated);
///
/// summary.observe(&EventLine::new(2, *br#"{"type":"turn.completed"}"#));
/// assert_eq!(Verdict::decide(&summary, &TransportEnd::exited(0)), Verdict::Completed);
/// assert_eq!(Verdict::decide(&summary, &TransportEnd::killed(9)), Verdict::killed(9));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Verdict {
    /// The turn completed, and its process ended well or because we ended it afterwards.
    Completed,
    /// Codex said that the turn failed, and why.
    Failed(Failure),
    /// The turn was interrupted, and its thread can go on.
    Interrupted,
    /// The caller gave up.
    Cancelled,
    /// A limit passed.
    #[non_exhaustive]
    TimedOut {
        /// Which one.
        limit: Limit,
    },
    /// A budget was used up.
    #[non_exhaustive]
    Budget {
        /// Which one, where whoever stopped the turn said so.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// The process ended well, or would not end, but Codex never said that the turn did.
    Truncated,
    /// A signal that was not ours ended the process.
    #[non_exhaustive]
    Killed {
        /// Its number.
        signal: i32,
    },
    /// The process ended by itself with a code other than 0.
    #[non_exhaustive]
    Exited {
        /// The code.
        code: i32,
    },
}

/// Says which limit passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Limit {
    /// The one on the whole duration.
    Total,
    /// The one on the silence between two lines.
    Idle,
}

impl Verdict {
    /// Judges a turn.
    ///
    /// | last word of Codex | stop | process | verdict |
    /// | --- | --- | --- | --- |
    /// | `turn.failed` | any or none | any | failed |
    /// | `turn.completed` | one | any | completed |
    /// | `turn.completed` | none | code 0, or a server's | completed |
    /// | `turn.completed` | none | another code, a signal | exited, killed |
    /// | interrupted | one | any | cancelled, timed out or budget, as the cause was; interrupted for other causes |
    /// | interrupted | none | any | interrupted |
    /// | none | one | any | cancelled, interrupted, timed out or budget, as the cause was; truncated if it did not end by itself |
    /// | none | none | code 0, also a server's; a server that goes on | truncated |
    /// | none | none | another code, a signal, also a server's | exited, killed |
    ///
    /// A process of the turn's own that is still alive without having been asked to stop, or whose fate is not
    /// known, leaves a turn truncated. A server that ends after the turn has completed takes nothing from it.
    pub fn decide(summary: &TurnSummary, end: &TransportEnd) -> Self {
        Self::of(summary.terminal(), end)
    }

    fn of(terminal: Option<&Terminal>, end: &TransportEnd) -> Self {
        match terminal {
            Some(Terminal::Failed { message }) => Self::failed(message.as_str()),
            Some(Terminal::Completed { .. }) if end.stop.is_some() => Self::Completed,
            Some(Terminal::Completed { .. }) => match end.process {
                ProcessFate::Ended(ExitKind::Code(0))
                | ProcessFate::Serving
                | ProcessFate::ServerEnded(_) => Self::Completed,
                ProcessFate::Ended(_) | ProcessFate::Unreaped | ProcessFate::Unknown => {
                    Self::of_process(end.process)
                }
            },
            Some(Terminal::Interrupted) => end.stop.and_then(Self::of_stop).unwrap_or(Self::Interrupted),
            None => match end.stop {
                Some(cause) => Self::of_stop(cause).unwrap_or(Self::Truncated),
                None => Self::of_process(end.process),
            },
        }
    }

    /// The verdict on a turn of which Codex said that it failed, with this message.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed(Failure::new(message))
    }

    /// The verdict on a turn that a limit stopped.
    pub fn timed_out(limit: Limit) -> Self {
        Self::TimedOut { limit }
    }

    /// The verdict on a turn that was stopped as this budget was used up.
    pub fn out_of_budget(name: impl Into<String>) -> Self {
        Self::Budget { name: Some(name.into()) }
    }

    /// The verdict on a turn whose process was ended by a signal that was not ours.
    pub fn killed(signal: i32) -> Self {
        Self::Killed { signal }
    }

    /// The verdict on a turn whose process ended by itself with a code other than 0.
    pub fn exited(code: i32) -> Self {
        Self::Exited { code }
    }

    /// The verdict on a turn that was asked to stop and did not complete; `None` for a cause that is no verdict.
    fn of_stop(cause: StopCause) -> Option<Self> {
        match cause {
            StopCause::Cancelled | StopCause::ConsumerGone => Some(Self::Cancelled),
            StopCause::Interrupted => Some(Self::Interrupted),
            StopCause::TotalLimit => Some(Self::TimedOut { limit: Limit::Total }),
            StopCause::IdleLimit => Some(Self::TimedOut { limit: Limit::Idle }),
            StopCause::Budget => Some(Self::Budget { name: None }),
            StopCause::SettleLimit => None,
        }
    }

    fn of_process(process: ProcessFate) -> Self {
        match process {
            ProcessFate::Ended(exit) | ProcessFate::ServerEnded(exit) => Self::of_exit(exit),
            ProcessFate::Unreaped | ProcessFate::Serving | ProcessFate::Unknown => Self::Truncated,
        }
    }

    fn of_exit(exit: ExitKind) -> Self {
        match exit {
            ExitKind::Code(0) => Self::Truncated,
            ExitKind::Code(code) => Self::Exited { code },
            ExitKind::Signal(signal) => Self::Killed { signal },
        }
    }

    /// The verdict in one word, the same as in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed(_) => "failed",
            Self::Interrupted => "interrupted",
            Self::Cancelled => "cancelled",
            Self::TimedOut { .. } => "timedOut",
            Self::Budget { .. } => "budget",
            Self::Truncated => "truncated",
            Self::Killed { .. } => "killed",
            Self::Exited { .. } => "exited",
        }
    }

    /// Whether the turn is a success.
    pub fn is_completed(&self) -> bool {
        matches!(self, Self::Completed)
    }
}

/// For people, in lower case: `failed: Quota exceeded.`, `timed out (total limit)`, `killed by signal 9`.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Completed | Self::Interrupted | Self::Cancelled | Self::Truncated => {
                f.write_str(self.word())
            }
            Self::Failed(failure) => write!(f, "failed: {}", failure.message),
            Self::TimedOut { limit: Limit::Total } => f.write_str("timed out (total limit)"),
            Self::TimedOut { limit: Limit::Idle } => f.write_str("timed out (idle limit)"),
            Self::Budget { name: None } => f.write_str("out of budget"),
            Self::Budget { name: Some(name) } => write!(f, "out of budget ({name})"),
            Self::Killed { signal } => write!(f, "killed by signal {signal}"),
            Self::Exited { code } => write!(f, "exited with code {code}"),
        }
    }
}

#[cfg(test)]
mod tests;
