//! `codex-turns auto`: turn after turn until the checks pass.

mod judgement;
mod report;

use std::fs;
use std::process::ExitCode;
use std::time::{Instant, SystemTime};

use codex_exec::CommandSpec;
use codex_turn::{AutoRun, CommandCheck, FileExists, JsonPointerCheck};
use serde_json::Value;

use crate::arguments::{AutoArguments, Until};
use crate::check_view;
use crate::console::Console;
use crate::exit_code::Code;
use crate::failure::{CliError, hint_line};
use crate::interrupts::Interrupts;
use crate::outcome::Outcome;
use crate::presentation::Files;
use crate::setup;
use crate::watch::{RunView, WatchScene, commands_of_until, watch};

use super::execute::{CommandJob, Refusal, execute};
use super::prepared::{PreparedWork, choices, show};
use report::RunReport;

/// Runs turns until the checks pass.
pub(crate) fn auto(arguments: &AutoArguments) -> ExitCode {
    let run = &arguments.run;
    let answer = run.output_last_message.as_deref();
    let job = CommandJob {
        files: Files::prepare(answer, run.result.as_deref(), &run.agent_folders()),
        show: show(run),
        not_started: Outcome::of_no_run,
        last: |_: &RunReport| None,
    };
    let prepare = || {
        allowed(arguments)?;
        let prepared = PreparedWork::of(run)?;
        let redactor = prepared.redactor(run)?;
        Ok((prepared, redactor))
    };
    execute(job, prepare, async |prepared, console, interrupts| {
        Box::pin(turns(arguments, prepared, console, interrupts)).await
    })
}

/// Looks for flags of a turn that a run cannot have.
fn allowed(arguments: &AutoArguments) -> Result<(), CliError> {
    if arguments.run.review.is_some() {
        let why = "a review is one turn on a thread of its own";
        return Err(CliError::NotOfRuns { flag: "--review", why });
    }
    if arguments.run.ephemeral {
        let why = "its later turns continue a thread that Codex has to keep";
        return Err(CliError::NotOfRuns { flag: "--ephemeral", why });
    }
    Ok(())
}

async fn turns(
    arguments: &AutoArguments,
    prepared: PreparedWork,
    console: &Console,
    interrupts: &mut Interrupts,
) -> Result<Outcome<RunReport>, Refusal> {
    let (started, began) = (Instant::now(), SystemTime::now());
    let (flags, project) = (&arguments.run, &prepared.project);
    let thread = setup::thread(flags, &prepared.program).map_err(|failure| (failure, None))?;
    let run = thread.run_auto(&prepared.prompt).each_turn(setup::shape(flags));
    let run = checked(run, &arguments.until);
    let run = arguments.limits.kept().apply(run);
    let mut choices = choices(flags);
    choices.parameters = parameters(arguments);
    let boundary = project.boundary_of_run(run.invocation().as_ref(), &choices.checks);
    let first = if arguments.until.commands.is_empty() {
        Vec::new()
    } else {
        vec![commands_of_until(boundary.words())]
    };
    let stream = project.record_run(run).choices(choices).stream();
    let root = fs::canonicalize(&flags.dir).unwrap_or_default();
    let view = RunView::new(prepared.view(flags, console), root, arguments.limits.budget_tokens, first);
    let scene = WatchScene { show: show(flags), console, interrupts, program: &prepared.program };
    let watched = watch(stream, view, scene).await;
    let (interrupt, turns_interrupt) = (watched.interrupt, watched.turns_interrupt);
    let done = match watched.done {
        Some(Ok(done)) => done,
        Some(Err(error)) => return Err((CliError::of_runner(error, interrupt), interrupt)),
        None => return Err((CliError::interrupted(interrupt), interrupt)),
    };
    let times = (started, began);
    let mut outcome =
        judgement::judge(done.run, arguments, &prepared.program, turns_interrupt, watched.version, times)
            .await;
    if outcome.code != Code::Completed {
        outcome
            .problems
            .extend(done.refusal.as_ref().map(|refusal| hint_line(&check_view::of_refusal(refusal))));
    }
    outcome.checked(&done.checks, interrupt);
    outcome.reported(done.account.as_ref(), interrupt);
    outcome.finished(&done.record, project.root(), project.settings().ledger.git.value, interrupt);
    Ok(outcome)
}

/// Adds the checks, the cheap ones first.
fn checked(mut run: AutoRun, until: &Until) -> AutoRun {
    for path in &until.files {
        run = run.until(FileExists::new(path));
    }
    for (pointer, value) in &until.places {
        run = run.until(JsonPointerCheck::new(pointer, value.clone()));
    }
    for command in &until.commands {
        run = run.until(CommandCheck::new(CommandSpec::shell(command)));
    }
    run
}

/// What the record says of the run in addition to the flags of its turns.
fn parameters(arguments: &AutoArguments) -> Vec<(String, Value)> {
    let AutoArguments { until, limits, .. } = arguments;
    let files = until.files.iter().map(|path| format!("{} exists", path.display()));
    let places = until.places.iter().map(|(pointer, value)| format!("{pointer} of the answer is {value}"));
    let checks: Vec<_> = files.chain(places).chain(until.commands.iter().cloned()).collect();
    let mut parameters =
        vec![("until".to_owned(), checks.into()), ("maxTurns".to_owned(), limits.max_turns.into())];
    if let Some(tokens) = limits.budget_tokens {
        parameters.push(("budgetTokens".to_owned(), tokens.into()));
    }
    if let Some(time) = limits.budget_time {
        parameters.push(("budgetTimeMs".to_owned(), crate::result_file::milliseconds(time).into()));
    }
    parameters
}
