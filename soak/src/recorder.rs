//! [`Recorder`]: the record that is open while its turns run.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use codex_ledger::{
    FileLedger, Ledger as _, LedgerError, RecordEnd, Recorded, RedactionRules, TaskHeader, TurnBegin,
    TurnEnd, TurnHeader, TurnLog,
};
use codex_turn::{EventLine, ObserveTurn, TurnError, TurnResult};
use tokio::task::spawn_blocking;

use crate::Course;

type Log = Arc<Mutex<Box<dyn TurnLog>>>;

/// The record that is open while its turns run. Dropped, it is what a crash leaves.
pub(crate) struct Recorder(Log);

impl Recorder {
    /// Takes a number, and recovers what an earlier turn of the lane has left.
    pub(crate) async fn open(lane: PathBuf, course: Course) -> Result<Self> {
        let open = move || -> Result<Box<dyn TurnLog>, LedgerError> {
            let header =
                TurnHeader::new(TaskHeader::named(course.name()), "codex@pinned", "codex-soak@0.1.0");
            FileLedger::open(lane, RedactionRules::none())?.open_turn(header)
        };
        let log = spawn_blocking(open).await?.context("no record can be opened")?;
        Ok(Self(Arc::new(Mutex::new(log))))
    }

    /// Begins a turn; it has to observe.
    pub(crate) fn begin(&self, prompt: &str) -> impl ObserveTurn + use<> {
        with(&self.0, |log| log.begin_turn(TurnBegin::new(prompt)));
        Observer(Arc::clone(&self.0))
    }

    /// Seals the record.
    pub(crate) async fn finish(self) -> Result<Recorded> {
        let log = Arc::into_inner(self.0).context("an observer outlived its turn")?;
        let log = log.into_inner().unwrap_or_else(PoisonError::into_inner);
        spawn_blocking(move || log.finish(RecordEnd::new())).await?.context("the record cannot be sealed")
    }
}

struct Observer(Log);

impl ObserveTurn for Observer {
    fn on_line(&self, line: &EventLine) {
        with(&self.0, |log| log.record(line));
    }

    fn on_end(&self, result: &TurnResult, _: Option<&TurnError>) {
        let end = TurnEnd::new(result.verdict.clone(), result.end.end, result.duration);
        with(&self.0, |log| log.end_turn(end.usage(result.usage), &result.summary));
    }
}

fn with(log: &Log, act: impl FnOnce(&mut dyn TurnLog)) {
    act(log.lock().unwrap_or_else(PoisonError::into_inner).as_mut());
}
