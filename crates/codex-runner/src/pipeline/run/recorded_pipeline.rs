//! [`RecordedPipeline`]: the tasks of a pipeline, run one after the other into one record.

use std::future::IntoFuture;
use std::pin::Pin;

use codex_ledger::record::Resumed;
use codex_ledger::texts::ContextValue;
use codex_ledger::{RecordEnd, TurnHeader};
use codex_protocol::ThreadId;
use codex_turn::Codex;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use super::PlannedPipeline;
use super::past_tasks::PastTasks;
use super::task_outcome::{TaskOutcome, TaskVerdict};
use super::task_run::{TaskRuns, TasksDone};
use crate::checks::Checked;
use crate::context::ComputedValues;
use crate::pipeline::{Continuation, PipelinePlan, sources};
use crate::record::{
    AfterTurns, Ending, Need, Opening, PreparedTurns, RecordChoices, RecordEnding, RecordOutcome, Recording,
    RunnerStream, SharedTurn,
};
use crate::report::AgentAccount;
use crate::run::WorkStage;
use crate::runner_error::RunnerError;
use crate::runner_event::RunnerEvent;
use crate::work::{KeptSettings, ReportSource};

/// The tasks of a pipeline, run one after the other into one record.
///
/// # Cancel safety
///
/// Dropping the future or the stream stops what runs, and leaves the record open: [`Project::resume`](crate::Project::resume)
/// continues it.
#[must_use = "a pipeline does nothing until it is awaited or polled as a stream"]
#[derive(Debug)]
pub struct RecordedPipeline {
    pipeline: PlannedPipeline,
    codex: Codex,
    cancel: CancellationToken,
}

/// What a pipeline came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct PipelineDone {
    /// The tasks that were chosen, in their order.
    pub tasks: Vec<TaskOutcome>,
    /// Whether the tasks were stopped before the last one had ended.
    pub is_stopped: bool,
    /// What could not be used of the agents' accounts, one sentence each.
    pub notes: Vec<String>,
    /// What the checks of the project came to.
    pub checks: Checked,
    /// The account of the thread that all tasks shared, if the agent was asked for it.
    pub account: Option<AgentAccount>,
    /// The record.
    pub record: RecordOutcome,
}

impl RecordedPipeline {
    pub(super) fn new(pipeline: PlannedPipeline, codex: Codex) -> Self {
        Self { pipeline, codex, cancel: CancellationToken::new() }
    }

    /// Cancels what runs when this token is cancelled; the record is sealed as aborted.
    pub fn cancel(mut self, token: CancellationToken) -> Self {
        self.cancel = token;
        self
    }

    /// Makes the cold stream of what happens.
    pub fn stream(self) -> RunnerStream<'static, PipelineDone> {
        let stage = WorkStage { cancel: self.cancel.clone(), ..WorkStage::default() };
        let (outlet, stops) = (stage.outlet.clone(), stage.stops.clone());
        RunnerStream::new(self.work(stage), outlet, stops, SharedTurn::default())
    }

    async fn work(self, stage: WorkStage) -> Result<PipelineDone, RunnerError> {
        let Self { pipeline, codex, .. } = self;
        let (project, work) = (&pipeline.project, &pipeline.work.work);
        let choices = RecordChoices { checks: work.checks.clone(), ..RecordChoices::default() };
        let thread = codex.start_thread(work.thread_options(project.root()));
        let (mut prepared, turn) =
            PreparedTurns::turn(project, work.limited(thread.run(pipeline.name())), &choices, &stage).await?;
        drop(turn);
        let usual = prepared.header(&choices).await?;
        let agent = usual.agent.clone();
        let own_values = usual.context.clone();
        let (recording, past, is_stopped) = if pipeline.resumed.is_some() {
            pipeline.taken_up(&prepared).await?
        } else {
            let header = pipeline.header(usual);
            let Opening { recording, is_stopped } = prepared.open_with(header, &stage).await?;
            let root = project.root().to_owned();
            let recording = recording.ok_or(RunnerError::NoLedger { root })?;
            (recording, PastTasks::default(), is_stopped)
        };
        let computed = ComputedValues::new().turn(recording.turn_id()).start(recording.started());
        let plan = pipeline.plan.complete(&computed);
        stage
            .emit(RunnerEvent::PipelineStarted {
                turn_id: recording.turn_id(),
                pattern: plan.pattern.as_ref().map(|pattern| pattern.name.clone()),
                is_resumed: pipeline.resumed.is_some(),
                tasks: pipeline.tasks(),
                boundary: prepared.surroundings(&choices).boundary_of_run(),
            })
            .await;
        let runs = TaskRuns {
            pipeline: &pipeline,
            plan: &plan,
            codex: &codex,
            prepared: &prepared,
            choices: &choices,
            agent: &agent,
            recording: &recording,
            stage: &stage,
        };
        let done = runs.run(past, is_stopped).await;
        let end = done.accounts.add_to(RecordEnd::new());
        let values = plan.complete(&computed.end(Timestamp::now()));
        let end = end.context(all_values(&values, own_values));
        let is_good = done.is_good();
        let ended = match (done.is_stopped, is_good) {
            (true, _) => Some(RecordEnding::cancelled()),
            (false, true) => None,
            (false, false) => Some(RecordEnding::failed("task-failed")),
        };
        // The task that comes after all others: one document of what was made.
        let end = if ended.is_none() { end.list_changed_files() } else { end };
        let asks = is_good && !done.is_stopped && work.report == ReportSource::Agent;
        let shared: Option<ThreadId> = done.shared.clone().filter(|_| asks);
        let follow_up = prepared.follow_up.take();
        let request = shared.and_then(|thread| Some(follow_up?.request(thread)));
        let after = AfterTurns { project, surroundings: prepared.surroundings(&choices), stage: &stage };
        let ending = Ending { ended, end, request, is_good: is_good && !done.is_stopped };
        let after = after.work(ending, Some(recording)).await;
        let TasksDone { tasks, accounts, is_stopped, .. } = done;
        Ok(PipelineDone {
            tasks,
            is_stopped,
            notes: accounts.notes(),
            checks: after.checks,
            account: after.account,
            record: after.record,
        })
    }
}

impl IntoFuture for RecordedPipeline {
    type Output = Result<PipelineDone, RunnerError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.stream().finish())
    }
}

impl PlannedPipeline {
    /// Takes up the record that is resumed.
    async fn taken_up(
        &self,
        prepared: &PreparedTurns<'_>,
    ) -> Result<(Recording, PastTasks, bool), RunnerError> {
        let turn_id = self.resumed.expect("the caller has looked");
        let ledger = prepared.open_ledger().map_err(RunnerError::Ledger)?;
        let abort = ledger.abort().clone();
        let resumed = match spawn_blocking(move || ledger.resume_turn(turn_id)).await {
            Ok(resumed) => resumed.map_err(RunnerError::Ledger)?,
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        };
        let Resumed { log, tasks, turns, .. } = resumed;
        let titles: Vec<String> = self.selection.tasks(&self.plan).map(|task| task.title.clone()).collect();
        let past = PastTasks::of(&self.selection.chosen(&self.plan), &titles, &tasks, &turns);
        Ok((Recording::new(log, Need::Required, abort), past, false))
    }

    /// What the record is opened with.
    fn header(&self, usual: TurnHeader) -> TurnHeader {
        let plan = &self.plan;
        let mut header = usual;
        let mut task = header.task.clone();
        task.inputs.clear();
        let mut hashes = serde_json::Map::new();
        for file in sources(plan) {
            task = task.input(&file.path);
            hashes.insert(file.path.clone(), Value::from(file.sha256.as_str()));
        }
        let tasks: Vec<&str> = self.selection.tasks(plan).map(|task| task.id.as_str()).collect();
        let parameters = [
            ("tasks", json!(tasks)),
            ("inputHashes", Value::Object(hashes)),
            ("until", json!(self.work.until)),
        ];
        for (name, value) in parameters {
            task = task.parameter(name, value);
        }
        header.task = task;
        let own_values = std::mem::take(&mut header.context);
        header = header.context(all_values(plan, own_values));
        if let Some(pattern) = &plan.pattern {
            header = header.pattern(pattern.header());
        }
        let mut work = self.work.clone();
        work.work.settings = KeptSettings::of(self.project.settings());
        let continuation = Continuation::new(work, self.selection.chosen(plan), plan, self.caller.clone());
        header.continuation(serde_json::to_value(continuation).unwrap_or_default())
    }
}

/// The values of a plan, and those of the turn's own that it does not have.
fn all_values(plan: &PipelinePlan, own: Vec<ContextValue>) -> Vec<ContextValue> {
    let mut values = plan.context_values();
    let more: Vec<ContextValue> =
        own.into_iter().filter(|value| !values.iter().any(|known| known.name == value.name)).collect();
    values.extend(more);
    values
}

impl TasksDone {
    /// Whether every task is done.
    fn is_good(&self) -> bool {
        self.tasks.iter().all(|task| task.verdict == TaskVerdict::Completed)
    }
}
