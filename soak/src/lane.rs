//! [`Lane`]: turns in one worktree, one after the other.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use codex_fixtures::ModelServer;
use codex_turn::{Thread, TurnError, TurnResult, TurnStream, Verdict};
use fastrand::Rng;
use futures_util::TryStreamExt as _;
use rustix::process::{Pid, Signal, kill_process};
use tokio::task::{block_in_place, spawn_blocking};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::Course;
use crate::counts::child_with_mark;
use crate::process::command;
use crate::recorder::Recorder;
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
        let recorder = Recorder::open(self.scene.lane(self.number), course).await?;
        let prompt = format!("turn {turn}: {}", course.name());
        let verdict = self.run(course, &thread, &recorder, &prompt, chance).await?;
        if course == Course::Abandon {
            drop(recorder);
        } else {
            let sealed = recorder.finish().await?;
            let state = course.state().context("a course that is recorded has a state")?;
            ensure!(sealed.state == state, "the record {} is {}", sealed.turn_id, sealed.state.as_str());
        }
        // It waits for its threads.
        block_in_place(|| drop(server));
        Ok(verdict)
    }

    async fn run(
        &self,
        course: Course,
        thread: &Thread,
        recorder: &Recorder,
        prompt: &str,
        chance: &mut Rng,
    ) -> Result<Option<Verdict>> {
        let turn = thread.run(prompt).observe(recorder.begin(prompt));
        let moment = Duration::from_millis(chance.u64(0..2000));
        match course {
            Course::Success | Course::Leftover | Course::Failure => verdict(turn.await).map(Some),
            Course::FollowUp => {
                let first = verdict(turn.await)?;
                ensure!(first.is_completed(), "the first turn of two: {first}");
                let turn = thread.run("go on").observe(recorder.begin("go on"));
                verdict(turn.await).map(Some)
            }
            Course::Limit => verdict(turn.total_limit(moment + Duration::from_millis(500)).await).map(Some),
            Course::Cancel => {
                let token = CancellationToken::new();
                let mut stream = turn.cancel(token.clone()).stream();
                until(&mut stream, moment).await?;
                token.cancel();
                verdict(stream.finish().await).map(Some)
            }
            Course::Kill => {
                let mut stream = turn.stream();
                first_item(&mut stream).await?;
                let codex =
                    child_with_mark(&self.scene.mark_of(self.number)).context("Codex does not run")?;
                kill(codex)?;
                verdict(stream.finish().await).map(Some)
            }
            Course::Drop | Course::Abandon | Course::HostKill => {
                let mut stream = turn.stream();
                until(&mut stream, moment).await?;
                // The observer of the turn hears its end.
                drop(stream);
                Ok(None)
            }
        }
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

/// How a turn ended, whether that is a success or not.
fn verdict(ended: Result<TurnResult, TurnError>) -> Result<Verdict> {
    match ended {
        Ok(result) => Ok(result.verdict),
        Err(TurnError::NotCompleted(result)) => Ok(result.verdict),
        Err(error) => Err(error).context("a turn broke"),
    }
}

/// Polls until the moment has come; the turn does not end before.
async fn until(stream: &mut TurnStream, moment: Duration) -> Result<()> {
    let end = sleep(moment);
    tokio::pin!(end);
    loop {
        tokio::select! {
            () = &mut end => return Ok(()),
            line = stream.try_next() => { line?.context("the turn ended before it was stopped")?; }
        }
    }
}

/// Polls until a command runs.
async fn first_item(stream: &mut TurnStream) -> Result<()> {
    while stream.summary().items().is_empty() {
        stream.try_next().await?.context("the turn ended before its command ran")?;
    }
    Ok(())
}

fn kill(pid: u32) -> Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).context("no process has this number")?;
    kill_process(pid, Signal::KILL).context("Codex cannot be killed")
}
