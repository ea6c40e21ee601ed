//! [`judge`]: what a run comes to for the one who started it, and how its record ends.

use std::time::{Instant, SystemTime};

use codex_exec::Program;
use codex_protocol::ThreadId;
use codex_runner::RunEnd;
use codex_turn::{AutoRunReport, StepReport, StopReason};

use crate::arguments::{AutoArguments, Resume};
use crate::exit_code::Code;
use crate::failure::hint;
use crate::failure::{CliError, causes, error_line, hint_line, warning_line};
use crate::interrupts::Interrupt;
use crate::outcome::Outcome;
use crate::render::{Line, Resumption, Tone, seconds, spent_text};
use crate::result_file::ProgramObject;
use crate::setup;
use crate::thread_age::is_opened_since;
use crate::version_notice::VersionNotice;

use super::RunReport;

/// Judges a run.
pub(super) async fn judge(
    end: RunEnd,
    arguments: &AutoArguments,
    program: &Program,
    interrupt: Option<Interrupt>,
    version: VersionNotice,
    (started, began): (Instant, SystemTime),
) -> Outcome<RunReport> {
    let asked = version.is_known();
    // After a second signal nothing more is started.
    let version = if end.was_killed { version } else { version.or_ask(program).await };
    let mut judged = match end.report {
        Ok(report) if end.was_killed => {
            let code = Code::of_interrupt(interrupt);
            let spent = (report.spent.turns > 0).then_some(report.spent);
            let report = RunReport::abandoned(report.steps, spent, code, started.elapsed());
            outcome(code, vec![error_line("the run was killed before codex had stopped")], report)
        }
        Ok(report) => ended(report, arguments, &version, interrupt, began),
        Err(error) => Outcome::of_no_run(&CliError::Run(error), interrupt),
    };
    if !asked {
        judged.notes.extend(version.warning());
    }
    judged.look_at_answer(&arguments.run);
    judged.report.codex = ProgramObject::new(Some(program.path().to_owned()), version.version());
    judged
}

fn ended(
    report: AutoRunReport,
    arguments: &AutoArguments,
    version: &VersionNotice,
    interrupt: Option<Interrupt>,
    began: SystemTime,
) -> Outcome<RunReport> {
    let last = report.steps.last();
    let failure = last.and_then(|step| failure(step, version));
    let turn = match (&failure, last.and_then(StepReport::verdict)) {
        (Some(failure), _) => failure.code(interrupt),
        (None, Some(verdict)) => Code::of_verdict(verdict, interrupt),
        (None, None) => Code::Failed,
    };
    let code = Code::of_stop(&report.stop, turn, interrupt);
    let mut notes = Vec::new();
    if let (Some(Resume::Last), Some(thread)) = (&arguments.run.resume, &report.thread_id)
        && is_opened_since(thread, began)
    {
        let text = "there was no thread of this directory to resume: codex has opened a new one";
        notes.push(warning_line(text));
    }
    let answer = report.final_response().filter(|_| report.is_satisfied()).map(str::to_owned);
    let closing = closing(&report, arguments);
    let problems = problems(&report, failure.as_ref());
    let outcome = outcome(code, problems, RunReport::ended(report, code));
    Outcome { answer, notes, closing, ..outcome }
}

/// Why the turn of a step never began.
fn failure(step: &StepReport, version: &VersionNotice) -> Option<CliError> {
    let failure = CliError::of_turn(step.error.clone()?);
    Some(match version.not_codex() {
        Some(proof) if failure.doubts_the_program() => CliError::NotCodex(proof.clone()),
        _ => failure,
    })
}

fn closing(report: &AutoRunReport, arguments: &AutoArguments) -> Vec<Line> {
    let tone = match report.stop {
        StopReason::Satisfied => Tone::Good,
        StopReason::Failed { .. } | StopReason::Check { .. } => Tone::Bad,
        StopReason::TurnLimit { .. }
        | StopReason::Budget { .. }
        | StopReason::NoProgress { .. }
        | StopReason::Time { .. }
        | StopReason::Policy { .. }
        | StopReason::Cancelled
        | _ => Tone::Warning,
    };
    let turns = report.spent.turns;
    let turns = format!(" after {turns} {} in ", if turns == 1 { "turn" } else { "turns" });
    let spent = spent_text(&report.spent, arguments.limits.budget_tokens);
    let first = Line::new(tone, &report.stop.word().replace('_', " "))
        .and(Tone::Plain, &turns)
        .and(Tone::Plain, &seconds(report.duration))
        .and(Tone::Dim, &format!("  {spent}"));
    let thread = report.thread_id.clone().filter(ThreadId::is_uuid);
    let options = setup::options_to_restate(&arguments.run);
    let resume = thread.map(|thread| Resumption { thread, options }.line());
    std::iter::once(first).chain(resume).collect()
}

fn problems(report: &AutoRunReport, failure: Option<&CliError>) -> Vec<Line> {
    let stop = &report.stop;
    if matches!(stop, StopReason::Satisfied | StopReason::Cancelled) {
        return Vec::new();
    }
    if let (StopReason::Failed { .. }, Some(failure)) = (stop, failure) {
        return failure.lines();
    }
    let text = if let StopReason::Check { error, .. } = stop {
        format!("{stop}: {}", causes(error))
    } else {
        stop.to_string()
    };
    let hint = if matches!(stop, StopReason::Failed { .. }) {
        report.steps.last().and_then(StepReport::verdict).and_then(hint::of_verdict)
    } else {
        hint::of_stop(stop)
    };
    let mut lines = vec![error_line(&text)];
    lines.extend(hint.map(|hint| hint_line(&hint)));
    lines
}

fn outcome(code: Code, problems: Vec<Line>, report: RunReport) -> Outcome<RunReport> {
    Outcome { code, answer: None, notes: Vec::new(), closing: Vec::new(), problems, report }
}

impl Outcome<RunReport> {
    /// A run that did not begin.
    pub(super) fn of_no_run(failure: &CliError, interrupt: Option<Interrupt>) -> Self {
        let code = failure.code(interrupt);
        outcome(code, failure.lines(), RunReport::not_started(failure.to_string(), code))
    }
}
