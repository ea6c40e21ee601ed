//! [`StopHandle`]: stops what runs now, politely or at once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

/// Stops what runs now: a turn, a check, a question to the agent, or what git does for the record.
///
/// Work goes through phases, and each [event](crate::RunnerEvent) that begins one begins it with a fresh handle: what stopped the
/// turn does not stop its record. A record that is being sealed is not stopped politely, since nothing is gained by it.
///
/// ```
/// let stop = codex_runner::StopHandle::default();
/// stop.stop(); // now it ends as soon as it can, and is recorded as cancelled
/// stop.kill(); // now it is gone
/// ```
#[derive(Clone, Debug, Default)]
pub struct StopHandle(Arc<Mutex<Stops>>);

/// What stops one phase.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stops {
    /// It ends politely.
    pub(crate) stop: CancellationToken,
    /// It is dropped.
    pub(crate) kill: CancellationToken,
}

impl StopHandle {
    /// Asks what runs now to stop.
    pub fn stop(&self) {
        self.lock().stop.cancel();
    }

    /// Ends what runs now without waiting for it.
    pub fn kill(&self) {
        let stops = self.lock();
        stops.stop.cancel();
        stops.kill.cancel();
    }

    /// Begins a phase that neither call has reached; `cancel` stops it politely as well.
    pub(crate) fn begin(&self, cancel: &CancellationToken) -> Stops {
        let fresh = Stops { stop: cancel.child_token(), kill: CancellationToken::new() };
        *self.lock() = fresh.clone();
        fresh
    }

    fn lock(&self) -> MutexGuard<'_, Stops> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
