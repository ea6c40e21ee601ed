//! [`RecordedTurn`]: one turn in a project, recorded and checked.

use std::future::IntoFuture;
use std::pin::Pin;

use codex_turn::{Turn, TurnError, TurnResult};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::prepared::PreparedTurns;
use super::runner_stream::SharedTurn;
use super::{AfterTurns, Ending, Opening, RecordEnding, RecordOutcome, RunnerStream};
use crate::checks::Checked;
use crate::project::Project;
use crate::report::AgentAccount;
use crate::run::WorkStage;
use crate::runner_error::RunnerError;
use crate::runner_event::RunnerEvent;
use crate::work::{CheckChoices, ReportSource, RunChecks};

/// One turn in a project, recorded and checked; made by [`Project::record`].
///
/// It runs as the command line would run it: what the turn does not say of model, sandbox and limits comes from the settings, what the
/// project keeps for Codex counts if it is trusted, the record has no secrets, and the project's checks follow a turn that
/// completes.
///
/// # Cancel safety
///
/// Dropping the future or the stream stops what runs, and leaves the record as a crash does: the next turn finishes it. To
/// stop a turn and keep its record, cancel it.
#[must_use = "a turn does nothing until it is awaited or polled as a stream"]
#[derive(Debug)]
pub struct RecordedTurn<'p> {
    project: &'p Project,
    turn: Turn,
    choices: RecordChoices,
}

/// How work is recorded.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RecordChoices {
    /// The name of the task; unset: as `ledger.task` says, or else the first line of the prompt.
    pub task: Option<String>,
    /// What else the record says of the task.
    pub parameters: Vec<(String, Value)>,
    /// Whose account of the work the record has.
    pub report: ReportSource,
    /// What the commands of checks may see and touch, and whether they run.
    pub checks: CheckChoices,
    /// Whether anything is recorded.
    pub ledger: LedgerUse,
    /// Cancels what runs, whatever it is.
    pub cancel: CancellationToken,
}

/// Says whether anything is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the project decides, or nothing is recorded")]
pub enum LedgerUse {
    /// If the project has a ledger, or requires one.
    #[default]
    AsProject,
    /// Nothing is.
    Off,
}

/// What a recorded turn came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct TurnDone {
    /// What awaiting the turn alone would return.
    pub turn: Result<TurnResult, TurnError>,
    /// Whether the turn was killed.
    pub was_killed: bool,
    /// What the checks came to.
    pub checks: Checked,
    /// The agent's account, if it was asked.
    pub account: Option<AgentAccount>,
    /// The record.
    pub record: RecordOutcome,
}

impl Project {
    /// Describes a turn that is recorded and checked.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use codex_runner::{Environment, Project};
    /// use codex_turn::{Codex, ThreadOptions};
    ///
    /// let project = Project::open("/my/project", Environment::of_process())?;
    /// let thread = Codex::builder().build()?.start_thread(ThreadOptions::new("/my/project"));
    /// let done = project.record(thread.run("fix the test")).task("fix").await?;
    /// println!("{}: {:?}", done.turn?.verdict, done.record);
    /// # Ok(())
    /// # }
    /// ```
    pub fn record(&self, turn: Turn) -> RecordedTurn<'_> {
        RecordedTurn { project: self, turn, choices: RecordChoices::default() }
    }
}

impl<'p> RecordedTurn<'p> {
    /// Names the task.
    pub fn task(mut self, name: impl Into<String>) -> Self {
        self.choices.task = Some(name.into());
        self
    }

    /// Runs no checks.
    pub fn without_checks(mut self) -> Self {
        self.choices.checks.run = RunChecks::No;
        self
    }

    /// Says whose account of the work the record has.
    pub fn report(mut self, source: ReportSource) -> Self {
        self.choices.report = source;
        self
    }

    /// Cancels what runs when this token is cancelled: the turn, its checks, the question to the agent.
    pub fn cancel(mut self, token: CancellationToken) -> Self {
        self.choices.cancel = token;
        self
    }

    /// Takes all choices at once.
    pub fn choices(mut self, choices: RecordChoices) -> Self {
        self.choices = choices;
        self
    }

    /// Makes the cold stream of what happens.
    pub fn stream(self) -> RunnerStream<'p, TurnDone> {
        let stage = WorkStage { cancel: self.choices.cancel.clone(), ..WorkStage::default() };
        let (outlet, stops, shared) = (stage.outlet.clone(), stage.stops.clone(), SharedTurn::default());
        RunnerStream::new(work(self, stage, shared.clone()), outlet, stops, shared)
    }
}

impl<'p> IntoFuture for RecordedTurn<'p> {
    type Output = Result<TurnDone, RunnerError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'p>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.stream().finish())
    }
}

async fn work(
    recorded: RecordedTurn<'_>,
    stage: WorkStage,
    shared: SharedTurn,
) -> Result<TurnDone, RunnerError> {
    let RecordedTurn { project, turn, choices } = recorded;
    let (mut prepared, turn) = PreparedTurns::turn(project, turn, &choices, &stage).await?;
    let asks = choices.report == ReportSource::Agent;
    let follow_up = prepared.follow_up.take();
    let Opening { recording, is_stopped } = prepared.open(&choices, &stage).await?;
    let stops = stage.begin(RunnerEvent::Working).await;
    if is_stopped {
        stops.stop.cancel();
    }
    let of_turn = turn.cancel_token();
    let turn = turn.cancel(stops.stop.clone());
    shared.set(match &recording {
        Some(recording) => {
            recording.begin_turn(prepared.begin());
            turn.observe(recording.observer()).stream()
        }
        None => turn.stream(),
    });
    let is_read = loop {
        tokio::select! {
            biased;
            () = stops.kill.cancelled() => break false,
            () = of_turn.cancelled(), if !stops.stop.is_cancelled() => stops.stop.cancel(),
            line = shared.next_line() => match line {
                Some(Ok(line)) => stage.emit(RunnerEvent::Line(line)).await,
                Some(Err(_)) | None => break true,
            },
        }
    };
    stage.emit(RunnerEvent::LinesEnded).await;
    let stream = shared.take().expect("the turn was put there");
    let turn = if is_read { stream.finish().await } else { stream.close().await };
    let is_started = matches!(turn, Ok(_) | Err(TurnError::NotCompleted(_)));
    let not_started = !is_started && !stops.stop.is_cancelled();
    let thread = turn.as_ref().ok().and_then(|result| result.thread_id.clone()).filter(|_| asks);
    let ending = Ending {
        ended: not_started.then(|| RecordEnding::failed("not-started")),
        is_good: turn.is_ok(),
        request: thread.and_then(|thread| Some(follow_up?.request(thread))),
        ..Ending::default()
    };
    let after = AfterTurns { project, surroundings: prepared.surroundings(&choices), stage: &stage };
    let after = after.work(ending, recording).await;
    Ok(TurnDone {
        turn,
        was_killed: !is_read,
        checks: after.checks,
        account: after.account,
        record: after.record,
    })
}
