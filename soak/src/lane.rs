//! [`Lane`]: turns in one worktree, one after the other.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use codex_fixtures::ModelServer;
use codex_runner::{Project, RecordOutcome, RunnerEvent, RunnerStream, TurnDone};
use codex_turn::{FileExists, Thread, Turn, TurnError, TurnResult, Verdict};
use fastrand::Rng;
use rustix::process::{Pid, Signal, kill_process};
use tokio::task::{block_in_place, spawn_blocking};
use tokio::time::sleep;

use crate::Course;
use crate::counts::child_with_mark;
use crate::course::SECOND_TURN;
use crate::process::command;
use crate::scene::Scene;

/// Turns in one worktree, one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    pub(crate) scene: Arc<Scene>,
    pub(crate) number: usize,
    /// The program that runs the turn of a host that is to die.
    pub(crate) host: PathBuf,
}

impl Lane {
    /// Takes a course from start to record. `None` where nobody sees how the turn ends.
    pub(crate) async fn take(&self, turn: u64, course: Course, chance: &mut Rng) -> Result<Option<Verdict>> {
        if course == Course::HostKill {
            return self.kill_host(chance).await.map(|()| None);
        }
        let server = ModelServer::start(course.script(turn)).context("no port for the model server")?;
        let thread = self.scene.codex(&server, self.number)?.start_thread(self.scene.options(self.number));
        let project = self.scene.project(self.number)?;
        let prompt = format!("turn {turn}: {}", course.name());
        let taken = if course == Course::FollowUp {
            two_turns(&project, &thread, &prompt).await?
        } else {
            self.run(course, &project, thread.run(&prompt), chance).await?
        };
        if let Some(record) = taken.record {
            let RecordOutcome::Recorded(record) = record else {
                bail!("the turn is not recorded: {record:?}")
            };
            let state = course.state().context("a course that is recorded has a state")?;
            ensure!(record.state == state, "the record {} is {}", record.turn_id, record.state.as_str());
        }
        // It waits for its threads.
        block_in_place(|| drop(server));
        Ok(taken.verdict)
    }

    async fn run(&self, course: Course, project: &Project, turn: Turn, chance: &mut Rng) -> Result<Taken> {
        let moment = Duration::from_millis(chance.u64(0..2000));
        let turn = if course == Course::Limit {
            turn.total_limit(moment + Duration::from_millis(500))
        } else {
            turn
        };
        let mut stream = project.record(turn).task(course.name()).stream();
        let stop = stream.stop_handle();
        match course {
            Course::Success | Course::Leftover | Course::Failure | Course::Limit => {}
            Course::Cancel => {
                until(&mut stream, moment).await?;
                stop.stop();
            }
            Course::Drop => {
                until(&mut stream, moment).await?;
                stop.kill();
                return Ok(Taken { verdict: None, record: Some(stream.finish().await?.record) });
            }
            Course::Kill => {
                first_item(&mut stream).await?;
                let codex =
                    child_with_mark(&self.scene.mark_of(self.number)).context("Codex does not run")?;
                kill(codex)?;
            }
            Course::Abandon => {
                until(&mut stream, moment).await?;
                drop(stream);
                return Ok(Taken { verdict: None, record: None });
            }
            Course::FollowUp | Course::HostKill => bail!("{} is no course of one turn", course.name()),
        }
        let done = stream.finish().await?;
        Ok(Taken { verdict: Some(verdict(done.turn)?), record: Some(done.record) })
    }

    /// Starts a process that runs and records a turn, and kills it at any moment.
    async fn kill_host(&self, chance: &mut Rng) -> Result<()> {
        let mut host = command(&self.host);
        host.arg("host").arg("--folder").arg(self.scene.folder());
        host.args(["--lane", &self.number.to_string(), "--mark", self.scene.mark()]);
        host.env(self.scene.mark(), "1").stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = host.spawn().with_context(|| format!("cannot start {}", self.host.display()))?;
        sleep(Duration::from_millis(chance.u64(0..3000))).await;
        child.kill().context("the host cannot be killed")?;
        let status = spawn_blocking(move || child.wait()).await?.context("nobody waits for the host")?;
        ensure!(status.code().is_none(), "the host ended by itself with {status}, before it was killed");
        Ok(())
    }
}

/// What a course came to.
struct Taken {
    verdict: Option<Verdict>,
    /// The record, if the course has seen it sealed.
    record: Option<RecordOutcome>,
}

/// How a turn ended, whether that is a success or not.
fn verdict(ended: Result<TurnResult, TurnError>) -> Result<Verdict> {
    match ended {
        Ok(result) => Ok(result.verdict),
        Err(TurnError::NotCompleted(result)) => Ok(result.verdict),
        Err(error) => Err(error).context("a turn broke"),
    }
}

/// Runs two turns on one thread, in one record.
async fn two_turns(project: &Project, thread: &Thread, prompt: &str) -> Result<Taken> {
    let run = thread.run_auto(prompt).until(FileExists::new(SECOND_TURN)).max_turns(2);
    let done = project.record_run(run).task(Course::FollowUp.name()).await?;
    let report = done.run.report?;
    ensure!(report.steps.len() == 2, "there were {} turns of two", report.steps.len());
    let verdict = report.steps.last().and_then(|step| step.verdict().cloned());
    Ok(Taken { verdict, record: Some(done.record) })
}

/// Polls until the moment has come after the turn has begun; it does not end before.
async fn until(stream: &mut RunnerStream<'_, TurnDone>, moment: Duration) -> Result<()> {
    while !matches!(next(stream).await?, RunnerEvent::Working) {}
    let end = sleep(moment);
    tokio::pin!(end);
    loop {
        tokio::select! {
            () = &mut end => return Ok(()),
            event = next(stream) => { event?; }
        }
    }
}

/// Polls until a command runs.
async fn first_item(stream: &mut RunnerStream<'_, TurnDone>) -> Result<()> {
    while !stream.with_summary(|summary| !summary.items().is_empty()).unwrap_or_default() {
        next(stream).await?;
    }
    Ok(())
}

async fn next(stream: &mut RunnerStream<'_, TurnDone>) -> Result<RunnerEvent> {
    match stream.next_event().await {
        Some(RunnerEvent::LinesEnded) | None => bail!("the turn ended before it was stopped"),
        Some(event) => Ok(event),
    }
}

fn kill(pid: u32) -> Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).context("no process has this number")?;
    kill_process(pid, Signal::KILL).context("Codex cannot be killed")
}
