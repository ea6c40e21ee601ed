//! [`Verdict`]: how a turn ended.

use std::fmt;

use serde::Serialize;

use crate::failure_kind::FailureKind;
use crate::process_end::{ExitKind, ProcessEnd, StopCause};
use crate::turn_summary::{Terminal, TurnSummary};

/// Says how a turn ended, judged from its lines and from the end of its process.
///
/// Serialised it is one object: `verdict` holds the [`word`](Self::word), and beside it stand the fields of
/// the variant in camelCase; those of `kind` are an object of their own.
///
/// ```
/// use codex_protocol::{EventLine, ProcessEnd, TurnSummary, Verdict};
///
/// let mut summary = TurnSummary::new();
/// summary.observe(&EventLine::new(1, *br#"{"type":"turn.started"}"#));
/// // Exit code 0 alone is no success.
/// assert_eq!(Verdict::decide(&summary, &ProcessEnd::exited(0)), Verdict::Truncated);
///
/// summary.observe(&EventLine::new(2, *br#"{"type":"turn.completed"}"#));
/// assert_eq!(Verdict::decide(&summary, &ProcessEnd::exited(0)), Verdict::Completed);
/// assert_eq!(Verdict::decide(&summary, &ProcessEnd::killed(9)), Verdict::Killed { signal: 9 });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Verdict {
    /// The turn completed, and its process ended well or because we ended it afterwards.
    Completed,
    /// Codex said that the turn failed.
    Failed {
        /// What kind of failure the message tells of.
        kind: FailureKind,
        /// The HTTP status that the message names.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// The message.
        message: String,
    },
    /// The caller gave up.
    Cancelled,
    /// A limit passed.
    TimedOut {
        /// Which one.
        limit: Limit,
    },
    /// A budget was used up.
    Budget {
        /// Which one, where whoever stopped the turn said so.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// The process ended well, or would not end, but Codex never said that the turn did.
    Truncated,
    /// A signal that was not ours ended the process.
    Killed {
        /// Its number.
        signal: i32,
    },
    /// The process ended by itself with a code other than 0.
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
    /// | last word of Codex | end of the process | verdict |
    /// | --- | --- | --- |
    /// | `turn.failed` | any | failed |
    /// | `turn.completed` | code 0, or we had asked for it | completed |
    /// | `turn.completed` | another code, a signal | exited, killed |
    /// | none | we had asked for it | cancelled, timed out or budget, as the cause was; truncated if it did not end by itself |
    /// | none | code 0 | truncated |
    /// | none | another code, a signal | exited, killed |
    ///
    /// A process that is still alive without having been asked to stop leaves a turn truncated.
    pub fn decide(summary: &TurnSummary, end: &ProcessEnd) -> Self {
        match summary.terminal() {
            Some(Terminal::Failed { message }) => Self::failed(message.as_str()),
            Some(Terminal::Completed { .. }) if end.stop.is_some() => Self::Completed,
            Some(Terminal::Completed { .. }) if end.exit == Some(ExitKind::Code(0)) => Self::Completed,
            Some(Terminal::Completed { .. }) => Self::of_exit(end.exit),
            None => match end.stop {
                Some(StopCause::Cancelled | StopCause::ConsumerGone) => Self::Cancelled,
                Some(StopCause::TotalLimit) => Self::TimedOut { limit: Limit::Total },
                Some(StopCause::IdleLimit) => Self::TimedOut { limit: Limit::Idle },
                Some(StopCause::Budget) => Self::Budget { name: None },
                Some(StopCause::SettleLimit) => Self::Truncated,
                None => Self::of_exit(end.exit),
            },
        }
    }

    /// The verdict on a turn of which Codex said that it failed, with this message.
    pub fn failed(message: impl Into<String>) -> Self {
        let message = message.into();
        Self::Failed { kind: FailureKind::classify(&message), status: FailureKind::status(&message), message }
    }

    fn of_exit(exit: Option<ExitKind>) -> Self {
        match exit {
            Some(ExitKind::Code(0)) | None => Self::Truncated,
            Some(ExitKind::Code(code)) => Self::Exited { code },
            Some(ExitKind::Signal(signal)) => Self::Killed { signal },
        }
    }

    /// The verdict in one word, the same as in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed { .. } => "failed",
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
            Self::Completed | Self::Cancelled | Self::Truncated => f.write_str(self.word()),
            Self::Failed { message, .. } => write!(f, "failed: {message}"),
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
