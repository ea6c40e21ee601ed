//! `codex-turns run`: one turn, live.

use std::fs;
use std::process::ExitCode;
use std::time::{Instant, SystemTime};

use codex_exec::Program;
use codex_runner::TurnDone;
use codex_turn::TurnError;

use crate::arguments::{Resume, RunArguments};
use crate::console::Console;
use crate::failure::{CliError, warning_line};
use crate::interrupts::{Interrupt, Interrupts};
use crate::outcome::Outcome;
use crate::presentation::Files;
use crate::result_file::TurnObject;
use crate::setup;
use crate::show::Pace;
use crate::thread_age::is_opened_since;
use crate::version_notice::VersionNotice;
use crate::watch::{TurnView, WatchScene, watch};

use super::execute::{CommandJob, Refusal, execute};
use super::prepared::{PreparedWork, choices, show};

/// Runs one turn.
pub(crate) fn run(arguments: &RunArguments) -> ExitCode {
    let answer = arguments.output_last_message.as_deref();
    let job = CommandJob {
        files: Files::prepare(answer, arguments.result.as_deref(), &arguments.agent_folders()),
        show: show(arguments),
        not_started: Outcome::not_started,
        last: |_: &TurnObject| None,
    };
    let prepare = || {
        let prepared = PreparedWork::of(arguments)?;
        let redactor = prepared.redactor(arguments)?;
        Ok((prepared, redactor))
    };
    execute(job, prepare, async |prepared, console, interrupts| {
        Box::pin(turn(arguments, prepared, console, interrupts)).await
    })
}

async fn turn(
    arguments: &RunArguments,
    prepared: PreparedWork,
    console: &Console,
    interrupts: &mut Interrupts,
) -> Result<Outcome, Refusal> {
    let (started, date) = (Instant::now(), SystemTime::now());
    let turn = setup::turn(arguments, prepared.prompt.clone(), &prepared.program)
        .map_err(|failure| (failure, None))?;
    let stream = prepared.project.record(turn).choices(choices(arguments)).stream();
    let root = fs::canonicalize(&arguments.dir).unwrap_or_default();
    let view = TurnView::new(prepared.view(arguments, console), root);
    let scene = WatchScene { show: show(arguments), console, interrupts, program: &prepared.program };
    let watched = watch(stream, view, scene).await;
    let (interrupt, turns_interrupt) = (watched.interrupt, watched.turns_interrupt);
    let done = match watched.done {
        Some(Ok(done)) => done,
        Some(Err(error)) => return Err((CliError::of_runner(error, interrupt), interrupt)),
        None => return Err((CliError::interrupted(interrupt), interrupt)),
    };
    let mut outcome =
        judge(&done, arguments, &prepared.program, turns_interrupt, watched.version, (started, date)).await;
    outcome.checked(&done.checks, interrupt);
    outcome.reported(done.account.as_ref(), interrupt);
    let project = &prepared.project;
    outcome.finished(&done.record, project.root(), project.settings().ledger.git.value, interrupt);
    Ok(outcome)
}

async fn judge(
    done: &TurnDone,
    arguments: &RunArguments,
    program: &Program,
    interrupt: Option<Interrupt>,
    version: VersionNotice,
    (started, date): (Instant, SystemTime),
) -> Outcome {
    let asked = version.is_known();
    // After a second signal nothing more is started.
    let version = if done.was_killed { version } else { version.or_ask(program).await };
    let options = (!arguments.ephemeral).then(|| setup::options_to_restate(arguments));
    let mut outcome = match &done.turn {
        Err(TurnError::NotCompleted(result)) if done.was_killed => {
            Outcome::abandoned(&result.summary, interrupt, started.elapsed())
        }
        Ok(result) => Outcome::ended(result, interrupt, Pace::Live, options),
        Err(TurnError::NotCompleted(result)) => Outcome::ended(result, interrupt, Pace::Live, options),
        Err(error) => {
            let failure = CliError::of_turn(error.clone());
            let failure = match version.not_codex() {
                Some(proof) if failure.doubts_the_program() => CliError::NotCodex(proof.clone()),
                _ => failure,
            };
            Outcome::not_started(&failure, interrupt)
        }
    };
    if !asked {
        outcome.notes.extend(version.warning());
    }
    outcome.look_at_answer(arguments);
    if let (Some(Resume::Last), Some(thread)) = (&arguments.resume, &outcome.report.thread_id)
        && is_opened_since(thread, date)
    {
        let text = "there was no thread of this directory to resume: codex has opened a new one";
        outcome.notes.push(warning_line(text));
    }
    outcome.report = outcome.report.of(Some(program.path().to_owned()), version.version());
    outcome
}

impl<R> Outcome<R> {
    /// Warns of an answer that cannot be of the schema that was asked for.
    pub(super) fn look_at_answer(&mut self, arguments: &RunArguments) {
        if let (Some(answer), Some(_)) = (&self.answer, &arguments.output_schema)
            && serde_json::from_str::<serde::de::IgnoredAny>(answer).is_err()
        {
            self.notes.push(warning_line("the answer is not JSON, although a schema was asked for"));
        }
    }
}
