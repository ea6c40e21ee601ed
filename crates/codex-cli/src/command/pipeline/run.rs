//! `codex-turns pipeline run` and `resume`: tasks into one record.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use codex_runner::{AgentFolders, PipelineDone, PlannedPipeline, TaskOutcome, TaskVerdict};

use super::super::execute::{CommandJob, Refusal, execute};
use super::super::prepared::{PreparedWork, show};
use super::task_code::{code_and_hint, sentence};
use crate::arguments::{PipelineRunArguments, RunArguments};
use crate::check_view;
use crate::console::Console;
use crate::exit_code::Code;
use crate::failure::{CliError, error_line, hint_line, print, warning_line};
use crate::interrupts::{Interrupt, Interrupts};
use crate::outcome::Outcome;
use crate::pipeline_report::{PipelineEvent, PipelineReport, TaskResult};
use crate::presentation::Files;
use crate::render::{Line, Tone, grouped, seconds};
use crate::setup;
use crate::watch::{PipelineView, WatchScene, watch};

/// A pipeline that is ready to run.
pub(super) struct Ready {
    pub(super) prepared: PreparedWork,
    pub(super) pipeline: PlannedPipeline,
    /// The flags of its turns.
    pub(super) turns: RunArguments,
}

/// Runs the pipeline that `ready` plans, once the files of the result can be written.
pub(super) fn run(
    dir: &Path,
    arguments: &PipelineRunArguments,
    ready: impl FnOnce() -> Result<Ready, CliError>,
) -> ExitCode {
    let theirs = AgentFolders::of(dir, &arguments.codex.add_dir);
    let job = CommandJob {
        files: Files::prepare(None, arguments.result.as_deref(), &theirs),
        show: arguments.show(),
        not_started,
        last: |report: &PipelineReport| Some(PipelineEvent::PipelineEnded(report).to_json()),
    };
    let prepare = || {
        let ready = ready()?;
        if !arguments.quiet {
            let changed = ready.pipeline.changed().iter().map(|path| {
                format!(
                    "{path} is not what it was when the pipeline began; tasks that are left take it as it is"
                )
            });
            let warnings: Vec<String> = ready.pipeline.warnings().into_iter().chain(changed).collect();
            print(&warnings.iter().map(|text| warning_line(text)).collect::<Vec<_>>());
        }
        let redactor = ready.prepared.redactor(&ready.turns)?;
        Ok((ready, redactor))
    };
    execute(job, prepare, async |ready, console, interrupts| {
        Box::pin(tasks(arguments, ready, console, interrupts)).await
    })
}

async fn tasks(
    arguments: &PipelineRunArguments,
    ready: Ready,
    console: &Console,
    interrupts: &mut Interrupts,
) -> Result<Outcome<PipelineReport>, Refusal> {
    let started = Instant::now();
    let Ready { prepared, pipeline, turns } = ready;
    let (name, project) = (pipeline.name(), pipeline.project().clone());
    let file = pipeline.plan().pipeline.as_ref().map(|file| file.path.clone());
    let codex = setup::codex(&prepared.program).map_err(|failure| (failure, None))?;
    let stream = pipeline.run(&codex).stream();
    let root = project.root().to_owned();
    let view = PipelineView::new(
        prepared.view(&turns, console),
        name,
        root,
        arguments.limits.budget_tokens,
        !arguments.until.is_empty(),
    );
    let scene = WatchScene { show: show(&turns), console, interrupts, program: &prepared.program };
    let watched = watch(stream, view, scene).await;
    let interrupt = watched.interrupt;
    let done = match watched.done {
        Some(Ok(done)) => done,
        Some(Err(error)) => return Err((CliError::of_runner(error, interrupt), interrupt)),
        None => return Err((CliError::interrupted(interrupt), interrupt)),
    };
    let mut outcome = outcome(&done, file, watched.turns_interrupt, started.elapsed());
    outcome.checked(&done.checks, interrupt);
    outcome.reported(done.account.as_ref(), interrupt);
    outcome.finished(&done.record, project.root(), project.settings().ledger.git.value, interrupt);
    Ok(outcome)
}

fn outcome(
    done: &PipelineDone,
    pipeline: Option<String>,
    interrupt: Option<Interrupt>,
    took: Duration,
) -> Outcome<PipelineReport> {
    let (mut code, mut problems) = (Code::Completed, Vec::new());
    for task in &done.tasks {
        let (of_task, hint) = code_and_hint(task, interrupt);
        if of_task == Code::Completed {
            continue;
        }
        if code == Code::Completed {
            code = of_task;
        }
        problems.push(error_line(&sentence(task)));
        let refused = task.refusal.as_ref().map(check_view::of_refusal);
        problems.extend(refused.or(hint).as_deref().map(hint_line));
    }
    if done.is_stopped {
        code = Code::of_interrupt(interrupt);
    }
    if code != Code::Completed
        && let Some(first) = done.tasks.iter().find(|task| task.verdict != TaskVerdict::Completed)
    {
        let text =
            format!("`codex-turns pipeline run --from {}` begins there, as a new turn", first.position);
        problems.push(hint_line(&text));
    }
    let tone = if code == Code::Completed { Tone::Good } else { Tone::Bad };
    let tasks = Line::new(tone, "tasks: ").and(Tone::Plain, &counts(&done.tasks));
    Outcome {
        code,
        answer: None,
        notes: done.notes.iter().map(|note| warning_line(note)).collect(),
        closing: vec![tasks.and(Tone::Dim, &used(&done.tasks, took))],
        problems,
        report: PipelineReport {
            pipeline,
            message: None,
            tasks: done.tasks.iter().map(TaskResult::from).collect(),
            ..PipelineReport::not_started(String::new(), code)
        },
    }
}

fn counts(tasks: &[TaskOutcome]) -> String {
    let count = |verdict| tasks.iter().filter(|task| task.verdict == verdict).count();
    let parts = [
        (TaskVerdict::Completed, "completed"),
        (TaskVerdict::Failed, "failed"),
        (TaskVerdict::Cancelled, "cancelled"),
        (TaskVerdict::NotRun, "not run"),
    ];
    let parts = parts.into_iter().filter(|(verdict, _)| count(*verdict) > 0);
    parts.map(|(verdict, words)| format!("{} {words}", count(verdict))).collect::<Vec<_>>().join(", ")
}

/// How long it took and what it used.
fn used(tasks: &[TaskOutcome], took: Duration) -> String {
    let (tokens, all) = tasks
        .iter()
        .map(TaskOutcome::tokens)
        .fold((0, true), |(sum, all), (tokens, known)| (sum + tokens, all && known));
    let least = if all { "" } else { "at least " };
    format!(" in {}  {least}{} tokens", seconds(took), grouped(tokens))
}

fn not_started(failure: &CliError, interrupt: Option<Interrupt>) -> Outcome<PipelineReport> {
    let code = failure.code(interrupt);
    Outcome {
        code,
        answer: None,
        notes: Vec::new(),
        closing: Vec::new(),
        problems: failure.lines(),
        report: PipelineReport::not_started(failure.to_string(), code),
    }
}
