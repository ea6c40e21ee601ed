//! [`Recording`]: a record that is open while its turns run.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use codex_ledger::system::Abort;
use codex_ledger::{LedgerError, RecordEnd, Recorded, TurnBegin, TurnEnd, TurnId, TurnLog};
use codex_protocol::{EventLine, StopCause, TransportEnd, Verdict};
use codex_turn::{ObserveTurn, TurnError, TurnResult};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use super::recorder::Need;
use crate::run::{Stops, WorkStage};
use crate::runner_event::RunnerEvent;

/// A record that is open while its turns run, one after the other. Dropped before it is finished, it is what a crash leaves.
pub(crate) struct Recording {
    shared: Arc<Mutex<SharedLog>>,
    need: Need,
    abort: Abort,
}

struct SharedLog {
    log: Box<dyn TurnLog>,
    turn: TurnProgress,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TurnProgress {
    /// A turn was begun, and its end was not seen yet.
    Running(Instant),
    /// No turn is open.
    Between,
}

/// What a record became.
#[derive(Debug)]
pub(super) enum Finished {
    /// It is in the ledger.
    Recorded(Box<Recorded>),
    /// It is not, or not yet.
    Failed(LedgerError, Need),
    /// It was killed before it was.
    Abandoned,
}

impl Recording {
    pub(crate) fn new(log: Box<dyn TurnLog>, need: Need, abort: Abort) -> Self {
        let shared = SharedLog { log, turn: TurnProgress::Between };
        Self { shared: Arc::new(Mutex::new(shared)), need, abort }
    }

    /// Begins the next turn; called before its first line comes.
    pub(crate) fn begin_turn(&self, begin: TurnBegin) {
        let mut shared = lock(&self.shared);
        shared.turn = TurnProgress::Running(Instant::now());
        shared.log.begin_turn(begin);
    }

    /// An observer for one turn, or for all turns of a run. It has to be gone before the record is
    /// [finished](Self::finish).
    pub(crate) fn observer(&self) -> impl ObserveTurn + use<> {
        Observer { shared: Arc::clone(&self.shared) }
    }

    /// Does something with the log that takes git a while.
    pub(crate) async fn with_log(&self, work: impl FnOnce(&mut dyn TurnLog) + Send + 'static) {
        let shared = Arc::clone(&self.shared);
        let working = spawn_blocking(move || work(lock(&shared).log.as_mut()));
        if let Err(panic) = working.await {
            std::panic::resume_unwind(panic.into_panic());
        }
    }

    /// The number of the record.
    pub(crate) fn turn_id(&self) -> TurnId {
        lock(&self.shared).log.turn_id()
    }

    /// When the record was opened.
    pub(crate) fn started(&self) -> jiff::Timestamp {
        lock(&self.shared).log.started()
    }

    /// Says that the last turn is over: what the checks write is not its work. A kill ends git.
    pub(crate) async fn settle(&self, stops: &Stops) {
        let shared = Arc::clone(&self.shared);
        let settling = spawn_blocking(move || lock(&shared).log.settle());
        attend(settling, &self.abort, stops).await;
    }

    /// Seals the record. A kill ends git and leaves the rest to recovery.
    pub(super) async fn finish(self, end: RecordEnd, stage: &WorkStage) -> Finished {
        let stops = stage.begin(RunnerEvent::Recording).await;
        let Self { shared, need, abort } = self;
        let sealing = spawn_blocking(move || seal(shared, end));
        match attend(sealing, &abort, &stops).await {
            Attended::Done(Ok(recorded)) => Finished::Recorded(Box::new(recorded)),
            Attended::Done(Err(error)) => Finished::Failed(error, need),
            Attended::GivenUp => Finished::Abandoned,
        }
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Recording").field("need", &self.need).finish_non_exhaustive()
    }
}

/// How long git, and what was done with it, may take to end after it was told to.
const ABORT_LIMIT: Duration = Duration::from_secs(1);

/// What came of work that takes git a while.
pub(super) enum Attended<T> {
    /// It was done.
    Done(T),
    /// It was killed.
    GivenUp,
}

/// Waits for work that takes git a while; a kill, or a drop, ends git.
pub(super) async fn attend<T>(mut work: JoinHandle<T>, abort: &Abort, stops: &Stops) -> Attended<T> {
    let guard = AbortOnDrop(Some(abort));
    let attended = tokio::select! {
        biased;
        done = &mut work => match done {
            Ok(done) => Attended::Done(done),
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        },
        () = stops.kill.cancelled() => {
            abort.pull();
            // Until git is gone; what it had begun is for recovery, however it went.
            drop(timeout(ABORT_LIMIT, work).await);
            Attended::GivenUp
        }
    };
    guard.disarm();
    attended
}

/// Ends git if the future that waits for it is dropped.
struct AbortOnDrop<'a>(Option<&'a Abort>);

impl AbortOnDrop<'_> {
    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for AbortOnDrop<'_> {
    fn drop(&mut self) {
        if let Some(abort) = self.0 {
            abort.pull();
        }
    }
}

fn seal(shared: Arc<Mutex<SharedLog>>, end: RecordEnd) -> Result<Recorded, LedgerError> {
    let shared = Arc::into_inner(shared).expect("the observers were dropped with their turns");
    let SharedLog { mut log, turn } = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let TurnProgress::Running(since) = turn {
        // It was given up: nobody has seen its end.
        let end = TransportEnd::unreaped().stopped_by(StopCause::Cancelled);
        log.end_dropped_turn(TurnEnd::new(Verdict::Cancelled, end, since.elapsed()));
    }
    log.finish(end)
}

fn lock(shared: &Mutex<SharedLog>) -> MutexGuard<'_, SharedLog> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Forwards turns to their record.
struct Observer {
    shared: Arc<Mutex<SharedLog>>,
}

impl ObserveTurn for Observer {
    fn on_line(&self, line: &EventLine) {
        lock(&self.shared).log.record(line);
    }

    fn on_end(&self, result: &TurnResult, _: Option<&TurnError>) {
        let mut shared = lock(&self.shared);
        shared.turn = TurnProgress::Between;
        shared.log.end_turn(end_of(result), &result.summary);
    }
}

fn end_of(result: &TurnResult) -> TurnEnd {
    let mut end = TurnEnd::new(result.verdict.clone(), result.end.end, result.duration).usage(result.usage);
    // What covers the whole thread says nothing of this turn alone.
    if let (Some(rollout), Some(_)) = (&result.rollout, result.unseen_calls()) {
        end = end.rollout((**rollout).clone());
    }
    if let Some(path) = result.end.rollout.as_ref().and_then(codex_exec::RolloutRef::path) {
        end = end.rollout_path(path);
    }
    if let Some(thread) = &result.thread_id {
        end = end.thread_id(thread.clone());
    }
    end
}
