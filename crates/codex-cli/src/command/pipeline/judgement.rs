//! [`Judgement`]: what the turns of a task come to.

use codex_ledger::{RuleResult, RuleStatus};
use codex_turn::{AutoRunError, AutoRunReport, StepReport, StopReason};

use super::super::auto::{Course, End};
use super::report::TaskResult;
use crate::exit_code::Code;
use crate::failure::{Failure, causes};
use crate::hint;
use crate::interrupts::Interrupt;

/// What the turns of a task come to.
#[derive(Debug)]
pub(super) struct Judgement {
    /// `completed`, `failed` or `cancelled`.
    pub(super) verdict: &'static str,
    pub(super) reason: Option<String>,
    pub(super) code: Code,
    /// What to do about it.
    pub(super) hint: Option<String>,
    /// What the checks said last.
    pub(super) validations: Vec<RuleResult>,
    /// What the agent said last of the work.
    pub(super) said: Option<String>,
}

impl Judgement {
    /// Judges the turns of a task, and notes how many there were and what they used.
    pub(super) fn of(course: Course, result: &mut TaskResult) -> Self {
        match course.end {
            End::Abandoned { steps, spent } => {
                (result.turns, result.spent) = (Some(steps.len()), spent);
                Self::cancelled(course.interrupt)
            }
            End::Ended(ended) => match *ended {
                Ok(report) => {
                    (result.turns, result.spent) = (Some(report.steps.len()), Some(report.spent));
                    let said = report.final_response().map(str::to_owned);
                    Self { said, ..Self::of_report(&report, course.interrupt) }
                }
                Err(error) => Self::not_begun(error),
            },
        }
    }

    /// The task failed, for this reason.
    pub(super) fn failed(code: Code, reason: String) -> Self {
        Self { verdict: "failed", reason: Some(reason), ..Self::ended(code) }
    }

    fn ended(code: Code) -> Self {
        Self { verdict: "completed", reason: None, code, hint: None, validations: Vec::new(), said: None }
    }

    fn completed() -> Self {
        Self::ended(Code::Completed)
    }

    fn cancelled(interrupt: Option<Interrupt>) -> Self {
        Self { verdict: "cancelled", ..Self::ended(Code::of_interrupt(interrupt)) }
    }

    fn not_begun(error: AutoRunError) -> Self {
        let failure = Failure::Run(error);
        let hint = hint::of_failure(&failure);
        Self { hint, ..Self::failed(failure.code(None), causes(&failure)) }
    }

    fn of_report(report: &AutoRunReport, interrupt: Option<Interrupt>) -> Self {
        let last = report.steps.last();
        let validations = last.map(validations).unwrap_or_default();
        match &report.stop {
            // Without a check the first turn that completes is the task.
            StopReason::Policy { .. }
                if validations.is_empty() && last.is_some_and(StepReport::is_completed) =>
            {
                Self::completed()
            }
            StopReason::Satisfied => Self { validations, ..Self::completed() },
            StopReason::Cancelled => Self { validations, ..Self::cancelled(interrupt) },
            stop @ (StopReason::TurnLimit { .. }
            | StopReason::Budget { .. }
            | StopReason::NoProgress { .. }
            | StopReason::Policy { .. }
            | StopReason::Time { .. }
            | StopReason::Failed { .. }
            | StopReason::Check { .. }
            | _) => {
                let code = Code::of_stop(stop, turn_code(last, interrupt), interrupt);
                let verdict = last.and_then(StepReport::verdict).and_then(hint::of_verdict);
                let hint = hint::of_stopped_task(stop).map(str::to_owned).or(verdict);
                Self { hint, validations, ..Self::failed(code, stop.to_string()) }
            }
        }
    }
}

/// The code that the last turn alone would have.
fn turn_code(step: Option<&StepReport>, interrupt: Option<Interrupt>) -> Code {
    match step {
        Some(StepReport { error: Some(error), .. }) => Code::of_turn(error, interrupt),
        Some(step) => step.verdict().map_or(Code::Failed, |verdict| Code::of_verdict(verdict, interrupt)),
        None => Code::Failed,
    }
}

fn validations(step: &StepReport) -> Vec<RuleResult> {
    let status = |is_passed: bool| if is_passed { RuleStatus::Pass } else { RuleStatus::Fail };
    step.checks.iter().map(|check| RuleResult::new(&check.name, status(check.outcome.is_passed()))).collect()
}
