//! [`AutoRunEvent`]: what happens in an auto-run, step by step.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use codex_protocol::{Brief, EventLine};
use serde::Serialize;

use super::check::CheckReport;
use super::{Spent, StepReport, StopReason, json};

/// What happens in an auto-run, step by step. A step is one turn with what follows it; steps count from 1.
///
/// Serialised it is one object: `type` holds the name of the variant in `snake_case`, and beside it stand its
/// fields in camelCase; durations are whole milliseconds in fields that end in `Ms`, and what is unknown is
/// `null`.
///
/// | `type` | beside `step` |
/// | --- | --- |
/// | `step_started` | `maxTurns`, `kind`, `prompt` |
/// | `line` | `number`, and what Codex printed: `line` where it is JSON, byte for byte, else `text` |
/// | `tool` | with the feature `tools`: the fields of a `ToolEvent` |
/// | `step_ended` | the fields of a [`StepReport`] without its checks and without the `summary` of its turn; `spent` |
/// | `check_started` | `name` |
/// | `check_ended` | `check`: `name`, `passed`, `output`, `elapsedMs` |
/// | `retry_scheduled` | `attempt`, `reason`, `kind`, `waitMs` |
/// | `stopped` | without a `step`: the fields of a [`StopReason`] |
///
/// The line of Codex's is embedded byte for byte by `serde_json`'s serialisers only.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let codex = codex_turn::Codex::builder().transport(std::sync::Arc::new(Never)).build()?;
/// # struct Never;
/// # impl codex_turn::RunTurn for Never {
/// #     fn run_turn(&self, _: codex_turn::TurnRequest) -> Box<dyn codex_turn::TurnLines> { unreachable!() }
/// # }
/// # let thread = codex.start_thread(codex_turn::ThreadOptions::new("/my/project"));
/// let mut events = thread.run_auto("do it").max_turns(3).stream();
/// let event = events.next_event().await.expect("a run begins with a turn")?;
/// assert_eq!(
///     serde_json::to_string(&event)?,
///     r#"{"type":"step_started","step":1,"maxTurns":3,"kind":"first","prompt":"do it"}"#,
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum AutoRunEvent {
    /// A turn is about to start.
    #[non_exhaustive]
    StepStarted {
        /// Its number.
        step: u32,
        /// How many turns the run may start.
        max_turns: u32,
        /// Why there is this turn.
        kind: StepKind,
        /// What the agent is asked.
        prompt: String,
    },
    /// Codex printed a line.
    #[non_exhaustive]
    Line {
        /// The step.
        step: u32,
        /// The line.
        #[serde(flatten, serialize_with = "json::line")]
        line: EventLine,
    },
    /// The agent called a host tool, or a call is over; all calls of a turn have ended before it does.
    ///
    /// Not ordered against the lines: a call may come before the line that says that it started.
    #[cfg(feature = "tools")]
    #[non_exhaustive]
    Tool {
        /// The step.
        step: u32,
        /// What happened.
        #[serde(flatten)]
        event: crate::ToolEvent,
    },
    /// The turn is over.
    #[non_exhaustive]
    StepEnded {
        /// The turn; its checks have not been asked yet.
        #[serde(flatten, serialize_with = "json::step_without_its_lines")]
        step: Arc<StepReport>,
        /// What the run has used up to here.
        spent: Spent,
    },
    /// A check is about to be asked.
    #[non_exhaustive]
    CheckStarted {
        /// The step.
        step: u32,
        /// The check.
        name: String,
    },
    /// A check was asked.
    #[non_exhaustive]
    CheckEnded {
        /// The step.
        step: u32,
        /// What it said.
        check: CheckReport,
    },
    /// The turn will be tried again.
    #[non_exhaustive]
    RetryScheduled {
        /// The step that failed.
        step: u32,
        /// How often this turn has been tried again, this time included.
        attempt: u32,
        /// Why.
        reason: String,
        /// How it will be tried again.
        kind: StepKind,
        /// How long is waited before.
        #[serde(rename = "waitMs", serialize_with = "json::milliseconds")]
        wait: Duration,
    },
    /// The run is over; the last event.
    #[non_exhaustive]
    Stopped {
        /// Why.
        #[serde(flatten)]
        reason: StopReason,
    },
}

/// Fits on a screen.
impl fmt::Debug for AutoRunEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StepStarted { step, max_turns, kind, prompt } => f
                .debug_struct("StepStarted")
                .field("step", step)
                .field("max_turns", max_turns)
                .field("kind", kind)
                .field("prompt", &Brief::new(prompt, 400))
                .finish(),
            Self::Line { step, line } => {
                f.debug_struct("Line").field("step", step).field("line", line).finish()
            }
            #[cfg(feature = "tools")]
            Self::Tool { step, event } => {
                f.debug_struct("Tool").field("step", step).field("event", &Brief::new(event, 800)).finish()
            }
            Self::StepEnded { step, spent } => f
                .debug_struct("StepEnded")
                .field("step", &Brief::new(step, 3000))
                .field("spent", spent)
                .finish(),
            Self::CheckStarted { step, name } => {
                f.debug_struct("CheckStarted").field("step", step).field("name", name).finish()
            }
            Self::CheckEnded { step, check } => f
                .debug_struct("CheckEnded")
                .field("step", step)
                .field("check", &Brief::new(check, 800))
                .finish(),
            Self::RetryScheduled { step, attempt, reason, kind, wait } => f
                .debug_struct("RetryScheduled")
                .field("step", step)
                .field("attempt", attempt)
                .field("reason", &Brief::new(reason, 400))
                .field("kind", kind)
                .field("wait", wait)
                .finish(),
            Self::Stopped { reason } => {
                f.debug_struct("Stopped").field("reason", &Brief::new(reason, 800)).finish()
            }
        }
    }
}

/// For tests of what shows or keeps the events of a run.
///
/// ```
/// use codex_turn::{AutoRunEvent, StepKind, StopReason};
///
/// let events = [
///     AutoRunEvent::step_started(1, 10, StepKind::First, "do it"),
///     AutoRunEvent::stopped(StopReason::Satisfied),
/// ];
/// assert_eq!(
///     serde_json::to_string(&events[1])?,
///     r#"{"type":"stopped","stop":"satisfied","message":"every check passed"}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
impl AutoRunEvent {
    /// A turn is about to start.
    pub fn step_started(step: u32, max_turns: u32, kind: StepKind, prompt: impl Into<String>) -> Self {
        Self::StepStarted { step, max_turns, kind, prompt: prompt.into() }
    }

    /// Codex printed a line.
    pub fn line(step: u32, line: EventLine) -> Self {
        Self::Line { step, line }
    }

    /// The agent called a host tool, or a call is over.
    #[cfg(feature = "tools")]
    pub fn tool(step: u32, event: crate::ToolEvent) -> Self {
        Self::Tool { step, event }
    }

    /// The turn is over.
    pub fn step_ended(step: StepReport, spent: Spent) -> Self {
        Self::StepEnded { step: Arc::new(step), spent }
    }

    /// A check is about to be asked.
    pub fn check_started(step: u32, name: impl Into<String>) -> Self {
        Self::CheckStarted { step, name: name.into() }
    }

    /// A check was asked.
    pub fn check_ended(step: u32, check: CheckReport) -> Self {
        Self::CheckEnded { step, check }
    }

    /// The turn will be tried again.
    pub fn retry_scheduled(
        step: u32,
        attempt: u32,
        reason: impl Into<String>,
        kind: StepKind,
        wait: Duration,
    ) -> Self {
        Self::RetryScheduled { step, attempt, reason: reason.into(), kind, wait }
    }

    /// The run is over.
    pub fn stopped(reason: StopReason) -> Self {
        Self::Stopped { reason }
    }
}

/// Why there is a turn. Serialised it is the name of the variant in `snake_case`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepKind {
    /// It is the first.
    First,
    /// The policy asked for it.
    Continued,
    /// The turn before failed and had done nothing: the same prompt again.
    RetrySamePrompt,
    /// The turn before failed and had done something, or may have: the thread continues, and is told so.
    RetryAfterWork,
}
