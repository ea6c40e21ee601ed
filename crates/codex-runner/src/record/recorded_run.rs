//! [`RecordedRun`]: turns in a project, one after the other until their checks pass, in one record.

use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use codex_protocol::ThreadId;
use codex_turn::{AutoRun, AutoRunEvent, AutoRunReport, StepReport, StopReason};

use super::prepared::PreparedTurns;
use super::runner_stream::SharedTurn;
use super::{
    AfterTurns, Ending, Opening, RecordChoices, RecordEnding, RecordOutcome, Recording, RunEnd, RunnerStream,
};
use crate::checks::{Checked, SandboxRefusal};
use crate::project::Project;
use crate::report::AgentAccount;
use crate::run::{Stops, WorkStage};
use crate::runner_error::RunnerError;
use crate::runner_event::RunnerEvent;
use crate::work::ReportSource;

/// Turns in a project, one after the other until their checks pass, in one record; made by [`Project::record_run`].
///
/// The commands of the run's checks run in Codex's sandbox, as the settings and the turns have it, unless the run was told
/// otherwise by [`RecordChoices::checks`].
///
/// # Cancel safety
///
/// As that of a [`RecordedTurn`](super::RecordedTurn).
#[must_use = "a run does nothing until it is awaited or polled as a stream"]
#[derive(Debug)]
pub struct RecordedRun<'p> {
    project: &'p Project,
    run: AutoRun,
    choices: RecordChoices,
}

/// What a recorded run came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct RunDone {
    /// What awaiting the run alone would return.
    pub run: RunEnd,
    /// What the sandbox refused the last command that ends the run, if it failed because of that.
    pub refusal: Option<SandboxRefusal>,
    /// What the checks of the project came to.
    pub checks: Checked,
    /// The agent's account, if it was asked.
    pub account: Option<AgentAccount>,
    /// The record.
    pub record: RecordOutcome,
}

impl Project {
    /// Describes a run of turns that is recorded and checked.
    pub fn record_run(&self, run: AutoRun) -> RecordedRun<'_> {
        RecordedRun { project: self, run, choices: RecordChoices::default() }
    }
}

impl<'p> RecordedRun<'p> {
    /// Names the task.
    pub fn task(mut self, name: impl Into<String>) -> Self {
        self.choices.task = Some(name.into());
        self
    }

    /// Takes all choices at once.
    pub fn choices(mut self, choices: RecordChoices) -> Self {
        self.choices = choices;
        self
    }

    /// Makes the cold stream of what happens.
    pub fn stream(self) -> RunnerStream<'p, RunDone> {
        let stage = WorkStage { cancel: self.choices.cancel.clone(), ..WorkStage::default() };
        let (outlet, stops) = (stage.outlet.clone(), stage.stops.clone());
        RunnerStream::new(work(self, stage), outlet, stops, SharedTurn::default())
    }
}

impl<'p> IntoFuture for RecordedRun<'p> {
    type Output = Result<RunDone, RunnerError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'p>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.stream().finish())
    }
}

async fn work(recorded: RecordedRun<'_>, stage: WorkStage) -> Result<RunDone, RunnerError> {
    let RecordedRun { project, run, choices } = recorded;
    let (mut prepared, run) = PreparedTurns::run(project, run, &choices, &stage).await?;
    let commands = prepared.surroundings(&choices).commands_of_run();
    let run = run.commands(commands.clone());
    prepared.check()?;
    // What cannot be asked is said before a number is taken.
    let stops = stage.stops.begin(&stage.cancel);
    tokio::select! {
        ready = run.ready() => ready.map_err(RunnerError::Run)?,
        () = stops.stop.cancelled() => return Err(RunnerError::Killed),
    }
    let follow_up = prepared.follow_up.take();
    let Opening { recording, is_stopped } = prepared.open(&choices, &stage).await?;
    let stops = stage.begin(RunnerEvent::Working).await;
    if is_stopped {
        stops.stop.cancel();
    }
    let run = conduct(run, &stage, &stops, recording.as_ref(), prepared.begin()).await;
    let report = run.report.as_ref().ok();
    let is_good = report.is_some_and(AutoRunReport::is_satisfied);
    let asks = is_good && choices.report == ReportSource::Agent;
    let thread = report.and_then(|report| report.thread_id.clone()).filter(|_| asks);
    let ending = Ending {
        ended: record_ending(&run),
        is_good,
        request: thread.and_then(|thread| Some(follow_up?.request(thread))),
        ..Ending::default()
    };
    let after = AfterTurns { project, surroundings: prepared.surroundings(&choices), stage: &stage };
    let after = after.work(ending, recording).await;
    let refusal = commands.refusal();
    Ok(RunDone { run, refusal, checks: after.checks, account: after.account, record: after.record })
}

/// Runs turns, tells their events, and begins each in the record before it starts.
pub(crate) async fn conduct(
    run: AutoRun,
    stage: &WorkStage,
    stops: &Stops,
    recording: Option<&Recording>,
    begin: codex_ledger::TurnBegin,
) -> RunEnd {
    let of_run = run.cancel_token();
    let run = run.cancel(stops.stop.clone());
    let run = match recording {
        Some(recording) => run.observe(recording.observer()),
        None => run,
    };
    let mut stream = run.stream();
    let thread: Mutex<Option<ThreadId>> = Mutex::default();
    let is_read = loop {
        tokio::select! {
            biased;
            () = stops.kill.cancelled() => break false,
            () = of_run.cancelled(), if !stops.stop.is_cancelled() => stops.stop.cancel(),
            event = stream.next_event() => match event {
                Some(Ok(event)) => {
                    note(&event, recording, &begin, &thread);
                    stage.emit(RunnerEvent::Run(event)).await;
                }
                Some(Err(_)) | None => break true,
            },
        }
    };
    stage.emit(RunnerEvent::LinesEnded).await;
    let report = if is_read { stream.finish().await } else { stream.close().await };
    RunEnd { report, was_killed: !is_read }
}

/// Begins a turn in the record. The run continues only when the next event is asked for, so that a turn is in the record before
/// it starts.
fn note(
    event: &AutoRunEvent,
    recording: Option<&Recording>,
    begin: &codex_ledger::TurnBegin,
    thread: &Mutex<Option<ThreadId>>,
) {
    let mut thread = thread.lock().unwrap_or_else(PoisonError::into_inner);
    match event {
        AutoRunEvent::StepStarted { prompt, .. } => {
            if let Some(recording) = recording {
                let mut turn = begin.clone();
                turn.prompt.clone_from(prompt);
                turn.resumed = thread.clone().or(turn.resumed);
                recording.begin_turn(turn);
            }
        }
        AutoRunEvent::StepEnded { step, .. } => {
            if let Some(id) = step.turn.as_ref().and_then(|turn| turn.thread_id.clone()) {
                *thread = Some(id);
            }
        }
        AutoRunEvent::Line { .. }
        | AutoRunEvent::CheckStarted { .. }
        | AutoRunEvent::CheckEnded { .. }
        | AutoRunEvent::RetryScheduled { .. }
        | AutoRunEvent::Stopped { .. }
        | _ => {}
    }
}

/// How the record ends: a run that was stopped has not completed, however its last turn did.
fn record_ending(run: &RunEnd) -> Option<RecordEnding> {
    if run.was_killed {
        return Some(RecordEnding::cancelled());
    }
    let Ok(report) = &run.report else { return Some(RecordEnding::failed("not-started")) };
    match &report.stop {
        StopReason::Satisfied => None,
        StopReason::Cancelled => Some(RecordEnding::cancelled()),
        StopReason::Failed { .. } => {
            let began = report.steps.last().is_some_and(|step: &StepReport| step.turn.is_some());
            (!began).then(|| RecordEnding::failed("not-started"))
        }
        stop @ (StopReason::TurnLimit { .. }
        | StopReason::Budget { .. }
        | StopReason::NoProgress { .. }
        | StopReason::Time { .. }
        | StopReason::Policy { .. }
        | StopReason::Check { .. }
        | _) => Some(RecordEnding::failed(stop.word().replace('_', "-"))),
    }
}
