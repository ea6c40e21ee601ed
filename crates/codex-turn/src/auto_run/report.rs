//! [`AutoRunReport`]: what came of an auto-run, with all its turns.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use codex_protocol::{Brief, ThreadId, Verdict};
use serde::Serialize;

use super::budget::{BudgetEnd, BudgetKind};
use super::check::{CheckError, CheckReport};
use super::{Spent, StepKind, json};
use crate::{TurnError, TurnResult};

/// What came of an auto-run, with all its turns, however it ended.
///
/// Serialised it is one object: the fields of [`StopReason`], and beside them `steps`, `spent`, `threadId`,
/// `finalResponse` and `durationMs`.
#[derive(Clone)]
#[non_exhaustive]
pub struct AutoRunReport {
    /// Why the run is over.
    pub stop: StopReason,
    /// The turns with their checks, in order.
    pub steps: Vec<StepReport>,
    /// What they used.
    pub spent: Spent,
    /// The thread, if Codex named it.
    pub thread_id: Option<ThreadId>,
    /// From the first poll to the end.
    pub duration: Duration,
}

impl AutoRunReport {
    /// Whether the run ended because every check passed.
    pub fn is_satisfied(&self) -> bool {
        matches!(self.stop, StopReason::Satisfied)
    }

    /// The answer of the last turn that completed.
    pub fn final_response(&self) -> Option<&str> {
        let completed = self.steps.iter().rev().filter(|step| step.is_completed());
        completed.filter_map(|step| step.turn.as_deref()).find_map(TurnResult::final_response)
    }
}

/// Fits on a screen: shows the last turn, and how many there were.
impl fmt::Debug for AutoRunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AutoRunReport")
            .field("stop", &Brief::new(&self.stop, 500))
            .field("steps", &self.steps.len())
            .field("last_step", &Brief::new(&self.steps.last(), 2500))
            .field("spent", &self.spent)
            .field("thread_id", &self.thread_id)
            .field("duration", &self.duration)
            .finish()
    }
}

/// One turn of an auto-run, and what followed it.
///
/// Serialised it is one object: `step` (its number), `kind`, `prompt`, `turn` (a [`TurnResult`], or `null`),
/// `error` (a text with its causes, or `null`) and `checks`.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StepReport {
    /// Its number, from 1.
    #[serde(rename = "step")]
    pub number: u32,
    /// Why there was this turn.
    pub kind: StepKind,
    /// What the agent was asked.
    pub prompt: String,
    /// The turn, however it ended; `None` if it never began.
    #[serde(serialize_with = "json::turn")]
    pub turn: Option<Arc<TurnResult>>,
    /// Why it is no success, if it is none and the verdict does not say so.
    #[serde(serialize_with = "json::error")]
    pub error: Option<TurnError>,
    /// What the checks said; empty if they were not asked.
    pub checks: Vec<CheckReport>,
}

impl StepReport {
    /// Reports what awaiting a turn gave, without checks; also for tests of what shows or keeps a run.
    pub fn new(
        number: u32,
        kind: StepKind,
        prompt: impl Into<String>,
        outcome: Result<TurnResult, TurnError>,
    ) -> Self {
        let (turn, error) = match outcome {
            Ok(turn) => (Some(turn), None),
            Err(TurnError::NotCompleted(turn)) => (Some(*turn), None),
            Err(error) => (error.result().cloned(), Some(error)),
        };
        Self { number, kind, prompt: prompt.into(), turn: turn.map(Arc::new), error, checks: Vec::new() }
    }

    /// Adds what a check said.
    #[must_use = "builder methods return the changed value"]
    pub fn check(mut self, check: CheckReport) -> Self {
        self.checks.push(check);
        self
    }

    /// How the turn ended; `None` if it never began.
    pub fn verdict(&self) -> Option<&Verdict> {
        self.turn.as_deref().map(|turn| &turn.verdict)
    }

    /// Whether the turn completed.
    pub fn is_completed(&self) -> bool {
        self.error.is_none() && self.verdict().is_some_and(Verdict::is_completed)
    }
}

/// Fits on a screen.
impl fmt::Debug for StepReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepReport")
            .field("number", &self.number)
            .field("kind", &self.kind)
            .field("prompt", &Brief::new(&self.prompt, 200))
            .field("error", &Brief::new(&self.error, 500))
            .field("checks", &Brief::new(&self.checks, 500))
            .field("turn", &Brief::new(&self.turn, 2500))
            .finish()
    }
}

/// Why an auto-run is over.
///
/// Serialised it is one object: `stop` holds the [`word`](Self::word), `message` what is said to people, and
/// beside them stand the fields of the variant in camelCase.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StopReason {
    /// Every check passed.
    Satisfied,
    /// So many turns were allowed, and there were so many.
    #[non_exhaustive]
    TurnLimit {
        /// How many.
        turns: u32,
    },
    /// A budget of tokens or money allows no further turn.
    #[non_exhaustive]
    Budget {
        /// Which one.
        budget: BudgetKind,
        /// Why it does not.
        end: BudgetEnd,
    },
    /// So many turns in a row no file was changed and the checks said the same.
    #[non_exhaustive]
    NoProgress {
        /// How many.
        turns: u32,
    },
    /// The policy said so.
    #[non_exhaustive]
    Policy {
        /// Why.
        reason: String,
    },
    /// The caller cancelled.
    Cancelled,
    /// The time of the run was over.
    #[non_exhaustive]
    Time {
        /// How long it was.
        limit: Duration,
    },
    /// A turn did not complete, and is not tried again.
    #[non_exhaustive]
    Failed {
        /// Why not.
        reason: String,
    },
    /// A check could not be asked.
    #[non_exhaustive]
    Check {
        /// Its name.
        name: String,
        /// Why not.
        error: CheckError,
    },
}

/// For tests of what shows or keeps a run; the other reasons have no fields.
impl StopReason {
    /// The limit of turns is reached.
    pub fn turn_limit(turns: u32) -> Self {
        Self::TurnLimit { turns }
    }

    /// A budget allows no further turn.
    pub fn budget(budget: BudgetKind, end: BudgetEnd) -> Self {
        Self::Budget { budget, end }
    }

    /// So many turns made no progress.
    pub fn no_progress(turns: u32) -> Self {
        Self::NoProgress { turns }
    }

    /// The policy said so.
    pub fn policy(reason: impl Into<String>) -> Self {
        Self::Policy { reason: reason.into() }
    }

    /// The time of the run was over.
    pub fn time(limit: Duration) -> Self {
        Self::Time { limit }
    }

    /// A turn did not complete, and is not tried again.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::Failed { reason: reason.into() }
    }

    /// A check could not be asked.
    pub fn check(name: impl Into<String>, error: CheckError) -> Self {
        Self::Check { name: name.into(), error }
    }
}

impl StopReason {
    /// The reason in one word, the same as in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::TurnLimit { .. } => "turn_limit",
            Self::Budget { .. } => "budget",
            Self::NoProgress { .. } => "no_progress",
            Self::Policy { .. } => "policy",
            Self::Cancelled => "cancelled",
            Self::Time { .. } => "time",
            Self::Failed { .. } => "failed",
            Self::Check { .. } => "check",
        }
    }
}

/// For people, in lower case.
impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Satisfied => f.write_str("every check passed"),
            Self::TurnLimit { turns } => write!(f, "the limit of {turns} turns is reached"),
            Self::Budget { budget, end: BudgetEnd::UsedUp } => write!(f, "the budget of {budget} is used up"),
            Self::Budget { budget, end: BudgetEnd::Unknown } => {
                write!(f, "what a turn used is unknown, and so what is left of the budget of {budget}")
            }
            Self::NoProgress { turns } => write!(f, "no progress in {turns} turns"),
            Self::Policy { reason } => write!(f, "the policy stopped: {reason}"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::Time { limit } => write!(f, "the time of {limit:?} is over"),
            Self::Failed { reason } => write!(f, "a turn did not complete: {reason}"),
            Self::Check { name, .. } => write!(f, "the check `{name}` could not be asked"),
        }
    }
}
