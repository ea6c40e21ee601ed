//! `codex-turns auto`: turn after turn until the checks pass.

mod course;
mod judgement;
mod report;

use std::fs;
use std::process::ExitCode;
use std::time::{Instant, SystemTime};

use codex_exec::{CommandSpec, ParentDeath, StateDir};
use codex_turn::{AutoRun, Budget, CommandCheck, FileExists, JsonPointerCheck, RetryPolicy};
use serde_json::Value;
use tokio::runtime;
use tokio_util::sync::CancellationToken;

use crate::arguments::{AutoArguments, ReportBy, RunLimits, Until};
use crate::checks::Surroundings;
use crate::conduct::Show;
use crate::console::{Console, Terminals};
use crate::exit_code::Code;
use crate::failure::{Failure, hint_line};
use crate::interrupts::Interrupts;
use crate::outcome::Outcome;
use crate::presentation::{Files, present, refuse};
use crate::setup;

use super::SHUTDOWN;
use super::account::Asking;
use super::after::{After, Ending};
use super::leftovers::killed;
use super::prepared::{Prepared, check, show};
pub(super) use course::{Conduct, Course, End, conduct};
use report::RunReport;

/// How often a run tries again in all, unless one turn alone may do so more often.
const RETRIES: u32 = 10;

/// Runs turns until the checks pass.
pub(crate) fn auto(arguments: &AutoArguments) -> ExitCode {
    let answer = arguments.run.output_last_message.as_deref();
    let files = match Files::prepare(answer, arguments.run.result.as_deref(), &arguments.run.agent_folders())
    {
        Ok(files) => files,
        Err(failure) => {
            failure.report();
            return failure.code(None).into();
        }
    };
    let prepared = allowed(arguments).and_then(|()| Prepared::of(&arguments.run)).and_then(|prepared| {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let redactor = prepared.redactor()?;
        Ok((prepared, redactor, runtime.map_err(Failure::Setup)?))
    });
    let (prepared, redactor, runtime) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => return refuse(Outcome::of_no_run(&failure, None), &files).into(),
    };
    prepared.tell_unset(&arguments.until);
    let files = files.redacted(redactor);
    let code = runtime.block_on(turns(arguments, prepared, &files));
    runtime.shutdown_timeout(SHUTDOWN);
    code
}

/// Looks for flags of a turn that a run cannot have.
fn allowed(arguments: &AutoArguments) -> Result<(), Failure> {
    if arguments.run.review.is_some() {
        let why = "a review is one turn on a thread of its own";
        return Err(Failure::NotOfRuns { flag: "--review", why });
    }
    if arguments.run.ephemeral {
        let why = "its later turns go on with a thread that Codex has to keep";
        return Err(Failure::NotOfRuns { flag: "--ephemeral", why });
    }
    Ok(())
}

async fn turns(arguments: &AutoArguments, mut prepared: Prepared, files: &Files) -> ExitCode {
    let (started, began) = (Instant::now(), SystemTime::now());
    let cancel = CancellationToken::new();
    let thread = setup::thread(&prepared.complete, &prepared.program);
    let heard = Interrupts::listen().map_err(Failure::Setup);
    let console = Console::start(Terminals::look()).map_err(Failure::Setup);
    let (thread, mut interrupts, console) = match (thread, heard, console) {
        (Ok(thread), Ok(interrupts), Ok(console)) => (thread, interrupts, console),
        (Err(failure), _, _) | (_, Err(failure), _) | (_, _, Err(failure)) => {
            return refuse(Outcome::of_no_run(&failure, None), files).into();
        }
    };
    let show = show(&arguments.run);
    let shape = setup::shape(&prepared.complete);
    let invocation = shape(thread.run(&prepared.prompt)).invocation();
    let run = thread.run_auto(&prepared.prompt).each_turn(shape).cancel(cancel.clone());
    let commands = prepared.surroundings().commands_of_until();
    let run = run.commands(commands.clone());
    let run = limited(checked(run, &arguments.until, prepared.surroundings()), &arguments.limits);
    let opening = async {
        check(invocation.clone())?;
        // What cannot be asked is said before a number is taken.
        tokio::select! {
            ready = run.ready() => ready.map_err(Failure::Run)?,
            heard = interrupts.next() => return Err(Failure::Interrupted(heard)),
        }
        prepared.open(|| invocation, parameters(arguments), &console, &mut interrupts).await
    };
    let opening = match opening.await {
        Ok(opening) => opening,
        Err(failure) => {
            let mut outcome = Outcome::of_no_run(&failure, None);
            files.write(&mut outcome);
            return present(outcome, show, console).await.into();
        }
    };
    if opening.interrupt.is_some() {
        cancel.cancel();
    }
    if show == Show::Progress && !arguments.until.commands.is_empty() {
        console.lines(vec![prepared.surroundings().line_of_until()]).await;
    }
    let run = match &opening.recording {
        Some(recording) => run.observe(recording.observer()),
        None => run,
    };
    let mut course = conduct(
        run,
        Conduct {
            show,
            within: None,
            root: fs::canonicalize(&arguments.run.dir).unwrap_or_default(),
            budget_tokens: arguments.limits.budget_tokens,
            console: &console,
            interrupts: &mut interrupts,
            cancel,
            program: &prepared.program,
            recording: opening.recording.as_ref(),
            begin: prepared.begin(),
        },
    )
    .await;
    course.interrupt = course.interrupt.or(opening.interrupt);
    // What a check had started that was stopped with the run is killed behind it.
    if !course.end.is_satisfied() {
        killed().await;
    }
    let judged = judgement::judge(course, arguments, &prepared.program, started, began).await;
    let judgement::Judged { mut outcome, ended, thread } = judged;
    if outcome.code != Code::Completed {
        outcome.problems.extend(commands.hint().as_deref().map(hint_line));
    }
    let Prepared { project, program, complete, .. } = &prepared;
    let by_agent = outcome.code == Code::Completed && arguments.run.report == ReportBy::Agent;
    let thread = thread.filter(|_| by_agent);
    let asking = thread.as_ref().map(|thread| Asking { arguments: complete, program, thread });
    // Lines of a turn that is no step of the run are no events of it.
    let aside = if show == Show::RawLines { Show::Nothing } else { show };
    let after = After {
        root: project.root(),
        config: project.settings(),
        show: aside,
        console: &console,
        surroundings: prepared.surroundings(),
    };
    let ending = Ending { ended, asking, ..Ending::default() };
    after.work(&mut outcome, ending, &arguments.run, opening.recording, &mut interrupts).await;
    files.write(&mut outcome);
    tokio::select! {
        code = present(outcome, show, console) => code.into(),
        // Standard output or standard error is stuck, and whoever waits has waited enough.
        heard = interrupts.next() => Code::of_interrupt(Some(heard)).into(),
    }
}

/// Adds the checks, the cheap ones first.
pub(super) fn checked(mut run: AutoRun, until: &Until, surroundings: Surroundings<'_>) -> AutoRun {
    for path in &until.files {
        run = run.until(FileExists::new(path));
    }
    for (pointer, value) in &until.places {
        run = run.until(JsonPointerCheck::new(pointer, value.clone()));
    }
    for command in &until.commands {
        let command = CommandSpec::shell(command).parent_death(ParentDeath::Interrupt);
        let command = surroundings.of_until(command.noted_in(StateDir::for_user()));
        run = run.until(CommandCheck::new(command));
    }
    run
}

/// Sets the limits.
pub(super) fn limited(run: AutoRun, limits: &RunLimits) -> AutoRun {
    let retry = RetryPolicy::default().attempts(limits.retry).total(limits.retry.max(RETRIES));
    let mut run = run.max_turns(limits.max_turns).retry(retry).stop_without_progress(limits.stalled_turns);
    if let Some(tokens) = limits.budget_tokens {
        run = run.budget(Budget::tokens(tokens));
    }
    if let Some(time) = limits.budget_time {
        run = run.total_limit(time);
    }
    run
}

/// What the record says of the run besides the flags of its turns.
fn parameters(arguments: &AutoArguments) -> Vec<(&'static str, Value)> {
    let AutoArguments { until, limits, .. } = arguments;
    let files = until.files.iter().map(|path| format!("{} exists", path.display()));
    let places = until.places.iter().map(|(pointer, value)| format!("{pointer} of the answer is {value}"));
    let checks: Vec<_> = files.chain(places).chain(until.commands.iter().cloned()).collect();
    let mut parameters = vec![("until", checks.into()), ("maxTurns", limits.max_turns.into())];
    if let Some(tokens) = limits.budget_tokens {
        parameters.push(("budgetTokens", tokens.into()));
    }
    if let Some(time) = limits.budget_time {
        parameters.push(("budgetTimeMs", crate::result_file::milliseconds(time).into()));
    }
    parameters
}
