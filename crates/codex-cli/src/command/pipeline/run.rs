//! `codex-turns pipeline run` and `resume`: tasks into one record.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use codex_ledger::{ContextValue, RecordEnd, RecordState};
use codex_protocol::ThreadId;
use codex_runner::PipelinePlan;
use jiff::Timestamp;
use tokio::runtime;

use super::super::SHUTDOWN;
use super::super::account::Asking;
use super::super::after::{After, Ended, Ending};
use super::super::prepared::{Prepared, check, show};
use super::chosen::Chosen;
use super::event::PipelineEvent;
use super::open::Opened;
use super::report::{PipelineReport, TaskResult};
use super::tasks::{Tasks, Went, aside, tell};
use crate::arguments::{PipelineRunArguments, ReportBy};
use crate::conduct::Show;
use crate::console::{Console, Terminals};
use crate::exit_code::Code;
use crate::failure::{Failure, error_line, hint_line, warning_line};
use crate::interrupts::Interrupts;
use crate::open_folder::AgentFolders;
use crate::outcome::Outcome;
use crate::presentation::{Files, present, refuse};
use crate::render::{Line, Tone, grouped, seconds};
use crate::setup;

/// Runs what `choose` has chosen, once the files of the result can be written.
pub(super) fn run(
    dir: &Path,
    arguments: &PipelineRunArguments,
    choose: impl FnOnce() -> Result<Chosen, Failure>,
) -> ExitCode {
    let theirs = AgentFolders::of(dir, &arguments.codex.add_dir);
    let files = match Files::prepare(None, arguments.result.as_deref(), &theirs) {
        Ok(files) => files,
        Err(failure) => {
            failure.report();
            return failure.code(None).into();
        }
    };
    let ready = choose().and_then(|chosen| {
        let prepared = Prepared::with_prompt(&chosen.turns, chosen.name())?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let redactor = prepared.redactor()?;
        Ok((chosen, prepared, redactor, runtime.map_err(Failure::Setup)?))
    });
    let (chosen, prepared, redactor, runtime) = match ready {
        Ok(ready) => ready,
        Err(failure) => return refuse(not_started(&failure), &files).into(),
    };
    prepared.tell_unset(&chosen.arguments.checks_of_tasks());
    let files = files.redacted(redactor);
    let code = runtime.block_on(tasks(&chosen, prepared, &files));
    runtime.shutdown_timeout(SHUTDOWN);
    code
}

async fn tasks(chosen: &Chosen, mut prepared: Prepared, files: &Files) -> ExitCode {
    let started = Instant::now();
    let heard = Interrupts::listen().map_err(Failure::Setup);
    let console = Console::start(Terminals::look()).map_err(Failure::Setup);
    let (mut interrupts, console) = match (heard, console) {
        (Ok(interrupts), Ok(console)) => (interrupts, console),
        (Err(failure), _) | (_, Err(failure)) => return refuse(not_started(&failure), files).into(),
    };
    let show = show(&chosen.turns);
    let went = go(chosen, &mut prepared, &console, &mut interrupts).await;
    let (opened, went) = match went {
        Ok(went) => went,
        Err(failure) => {
            let mut outcome = not_started(&failure);
            files.write(&mut outcome);
            return present(outcome, show, console).await.into();
        }
    };
    let took = started.elapsed();
    let mut outcome = outcome(chosen, &opened.plan, &went, took);
    let ending = ending(chosen, &opened, &went, &prepared);
    let Prepared { project, complete, .. } = &prepared;
    let after = After {
        root: project.root(),
        config: project.settings(),
        show: aside(show),
        console: &console,
        surroundings: prepared.surroundings(),
    };
    after.work(&mut outcome, ending, complete, Some(opened.recording), &mut interrupts).await;
    files.write(&mut outcome);
    if show == Show::RawLines {
        console.object(PipelineEvent::PipelineEnded(&outcome.report).to_json()).await;
    }
    tokio::select! {
        code = present(outcome, show, console) => code.into(),
        // Standard output or standard error is stuck, and whoever waits has waited enough.
        heard = interrupts.next() => Code::of_interrupt(Some(heard)).into(),
    }
}

/// Opens the record and runs the tasks.
async fn go(
    chosen: &Chosen,
    prepared: &mut Prepared,
    console: &Console,
    interrupts: &mut Interrupts,
) -> Result<(Opened, Went), Failure> {
    // What is wrong with the flags is said before a number is taken.
    let turn = setup::thread(&prepared.complete, &prepared.program)?.run(chosen.name());
    check(setup::shape(&prepared.complete)(turn).invocation())?;
    let mut opened = Opened::open(chosen, prepared, console, interrupts).await?;
    let show = show(&chosen.turns);
    let event = PipelineEvent::PipelineStarted {
        turn_id: opened.recording.turn_id(),
        pattern: opened.plan.pattern.as_ref().map(|pattern| pattern.name.as_str()),
        resumed: chosen.resumed.is_some(),
        tasks: chosen.selection.tasks(&opened.plan).count(),
    };
    tell(console, show, first_line(chosen, &opened), &event).await;
    if show == Show::Progress && !chosen.arguments.until.is_empty() {
        console.lines(vec![prepared.surroundings().line_of_until()]).await;
    }
    let past = std::mem::take(&mut opened.past);
    let tasks = Tasks {
        request: &chosen.request,
        plan: &opened.plan,
        selection: &chosen.selection,
        arguments: &chosen.arguments,
        complete: &prepared.complete,
        agent: &opened.agent,
        program: &prepared.program,
        recording: &opened.recording,
        root: prepared.project.root(),
        surroundings: prepared.surroundings(),
        show,
        console,
    };
    let went = tasks.run(past, opened.interrupt, interrupts).await?;
    Ok((opened, went))
}

fn first_line(chosen: &Chosen, opened: &Opened) -> Line {
    let tasks = chosen.selection.tasks(&opened.plan).count();
    let all = if tasks == 1 { "task" } else { "tasks" };
    let number = opened.recording.turn_id();
    let how = if chosen.resumed.is_some() { "goes on" } else { "begins" };
    let line = Line::new(Tone::Strong, &chosen.name());
    line.and(Tone::Dim, &format!(" {how}: {tasks} {all}, turn {number}"))
}

/// What the checks, the report and the record need to know.
fn ending<'a>(chosen: &Chosen, opened: &Opened, went: &'a Went, prepared: &'a Prepared) -> Ending<'a> {
    let mut end = went.accounts.add_to(RecordEnd::new());
    let plan = opened.plan.complete(&opened.computed.clone().end(Timestamp::now()));
    end = end.context(values(&plan, opened.own_values.clone()));
    let ended = match (went.interrupt, went.code) {
        (Some(_), _) => Some(Ended { state: RecordState::Aborted, reason: "cancelled".to_owned() }),
        (None, Code::Completed) => {
            // The task that comes after all others: one document of what was made.
            end = end.list_changed_files();
            None
        }
        (None, _) => Some(Ended::failed("task-failed")),
    };
    let shared: Option<&ThreadId> = went.shared.as_ref();
    let asks = chosen.arguments.report == ReportBy::Agent && went.code == Code::Completed;
    let asking = shared.filter(|_| asks).map(|thread| Asking {
        arguments: &prepared.complete,
        program: &prepared.program,
        thread,
    });
    Ending { ended, end, asking }
}

/// The values of a plan, and those of the turn's own that it does not have.
pub(super) fn values(plan: &PipelinePlan, own: Vec<ContextValue>) -> Vec<ContextValue> {
    let mut values = plan.context_values();
    let more: Vec<ContextValue> =
        own.into_iter().filter(|value| !values.iter().any(|known| known.name == value.name)).collect();
    values.extend(more);
    values
}

fn outcome(chosen: &Chosen, plan: &PipelinePlan, went: &Went, took: Duration) -> Outcome<PipelineReport> {
    let count = |verdict: &str| went.tasks.iter().filter(|task| task.verdict == verdict).count();
    let parts =
        [("completed", "completed"), ("failed", "failed"), ("cancelled", "cancelled"), ("notRun", "not run")];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(verdict, _)| count(verdict) > 0)
        .map(|(verdict, words)| format!("{} {words}", count(verdict)))
        .collect();
    let tone = if went.code == Code::Completed { Tone::Good } else { Tone::Bad };
    let mut problems = Vec::new();
    for (text, hint) in &went.problems {
        problems.push(error_line(text));
        problems.extend(hint.as_deref().map(hint_line));
    }
    if went.code != Code::Completed
        && let Some(first) = went.tasks.iter().find(|task| task.verdict != "completed")
    {
        let text =
            format!("`codex-turns pipeline run --from {}` begins there, as a new turn", first.position);
        problems.push(hint_line(&text));
    }
    Outcome {
        code: went.code,
        answer: None,
        notes: went.accounts.notes().iter().map(|note| warning_line(note)).collect(),
        closing: vec![
            Line::new(tone, "tasks: ").and(Tone::Plain, &parts.join(", ")).and(Tone::Dim, &used(went, took)),
        ],
        problems,
        report: PipelineReport {
            pipeline: plan.pipeline.as_ref().map(|file| file.path.clone()),
            tasks: went.tasks.clone(),
            ..PipelineReport::not_started(chosen.name(), went.code)
        },
    }
}

/// How long it took and what it used.
fn used(went: &Went, took: Duration) -> String {
    let (tokens, all) = went
        .tasks
        .iter()
        .map(TaskResult::tokens)
        .fold((0, true), |(sum, all), (tokens, known)| (sum + tokens, all && known));
    let least = if all { "" } else { "at least " };
    format!(" in {}  {least}{} tokens", seconds(took), grouped(tokens))
}

fn not_started(failure: &Failure) -> Outcome<PipelineReport> {
    let code = failure.code(None);
    Outcome {
        code,
        answer: None,
        notes: Vec::new(),
        closing: Vec::new(),
        problems: failure.lines(),
        report: PipelineReport::not_started(failure.to_string(), code),
    }
}
