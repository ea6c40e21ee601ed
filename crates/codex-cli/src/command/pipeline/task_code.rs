//! The exit code of a task that did not complete, and what to do about it.

use codex_runner::{TaskOutcome, TaskVerdict};
use codex_turn::{AutoRunReport, StepReport};

use crate::exit_code::Code;
use crate::failure::CliError;
use crate::failure::hint;
use crate::interrupts::Interrupt;

/// The code of a task, and what to do if it did not complete.
pub(super) fn code_and_hint(task: &TaskOutcome, interrupt: Option<Interrupt>) -> (Code, Option<String>) {
    match task.verdict {
        TaskVerdict::Completed | TaskVerdict::NotRun => (Code::Completed, None),
        TaskVerdict::Cancelled => (Code::of_interrupt(interrupt), None),
        TaskVerdict::Failed | _ => match task.run.as_deref().map(|run| &run.report) {
            None => (Code::Failed, None),
            Some(Err(error)) => {
                let failure = CliError::Run(error.clone());
                (failure.code(None), hint::of_failure(&failure))
            }
            Some(Ok(report)) => of_report(report, interrupt),
        },
    }
}

/// What went wrong with a task.
pub(super) fn sentence(task: &TaskOutcome) -> String {
    let reason = task.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("task {} ({}) {}{reason}", task.position, task.task_id, task.verdict.word())
}

fn of_report(report: &AutoRunReport, interrupt: Option<Interrupt>) -> (Code, Option<String>) {
    let last = report.steps.last();
    let code = Code::of_stop(&report.stop, turn_code(last, interrupt), interrupt);
    let verdict = last.and_then(StepReport::verdict).and_then(hint::of_verdict);
    (code, hint::of_stopped_task(&report.stop).map(str::to_owned).or(verdict))
}

/// The code that the last turn alone would have.
fn turn_code(step: Option<&StepReport>, interrupt: Option<Interrupt>) -> Code {
    match step {
        Some(StepReport { error: Some(error), .. }) => Code::of_turn(error, interrupt),
        Some(step) => step.verdict().map_or(Code::Failed, |verdict| Code::of_verdict(verdict, interrupt)),
        None => Code::Failed,
    }
}
