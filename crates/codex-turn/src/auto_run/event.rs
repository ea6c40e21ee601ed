//! [`AutoRunEvent`]: what happens in an auto-run, step by step.

use std::sync::Arc;
use std::time::Duration;

use codex_protocol::EventLine;

use super::check::CheckReport;
use super::{Spent, StepReport, StopReason};

/// What happens in an auto-run, step by step. A step is one turn with what follows it; steps count from 1.
#[derive(Clone, Debug)]
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
        line: EventLine,
    },
    /// The turn is over.
    #[non_exhaustive]
    StepEnded {
        /// The turn; its checks have not been asked yet.
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
        wait: Duration,
    },
    /// The run is over; the last event.
    #[non_exhaustive]
    Stopped {
        /// Why.
        reason: StopReason,
    },
}

/// Why there is a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepKind {
    /// It is the first.
    First,
    /// The policy asked for it.
    Continued,
    /// The turn before failed and had done nothing: the same prompt again.
    RetrySamePrompt,
    /// The turn before failed and had done something, or may have: the thread goes on, and is told so.
    RetryAfterWork,
}
