//! [`ThreadState`]: what the handles of one thread share, and the guard that lets one turn run at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use codex_exec::{Target, ThreadHolder};
use codex_protocol::{ThreadId, Usage};
use tokio_util::sync::CancellationToken;

/// What the handles of one thread share.
#[derive(Debug)]
pub(crate) struct ThreadState(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    id: Option<ThreadId>,
    target: Target,
    activity: Activity,
    settled: Option<SettledTurn>,
}

#[derive(Debug)]
enum Activity {
    Free,
    Running {
        since: SystemTime,
        /// Is cancelled when the turn sets the thread free.
        over: CancellationToken,
    },
}

/// A thread that another turn has.
#[derive(Debug)]
pub(crate) struct BusyThread {
    pub(crate) id: Option<ThreadId>,
    pub(crate) holder: ThreadHolder,
    /// Is cancelled when that turn sets the thread free.
    pub(crate) over: CancellationToken,
}

/// What a completed turn leaves behind for the accounting of the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SettledTurn {
    /// The total of the thread after the turn.
    pub(crate) total: Usage,
    /// The length of the rollout after the turn: if it is longer at the next start, something else has used the thread.
    pub(crate) rollout_bytes: u64,
}

impl ThreadState {
    pub(crate) fn new(target: Target) -> Self {
        let id = if let Target::Resume(id) = &target { Some(id.clone()) } else { None };
        Self(Mutex::new(Inner { id, target, activity: Activity::Free, settled: None }))
    }

    pub(crate) fn id(&self) -> Option<ThreadId> {
        self.lock().id.clone()
    }

    /// What the next turn continues.
    pub(crate) fn target(&self) -> Target {
        self.lock().target.clone()
    }

    /// Takes the thread for one turn, unless another turn has it.
    pub(crate) fn take(self: &Arc<Self>) -> Result<RunningTurn, BusyThread> {
        let mut inner = self.lock();
        if let Activity::Running { since, over } = &inner.activity {
            let holder = ThreadHolder::this_process().since(*since);
            return Err(BusyThread { id: inner.id.clone(), holder, over: over.clone() });
        }
        inner.activity = Activity::Running { since: SystemTime::now(), over: CancellationToken::new() };
        // Taken out, so that a turn that does not complete leaves nothing that could be subtracted.
        let before = inner.settled.take();
        let target = inner.target.clone();
        drop(inner);
        Ok(RunningTurn { state: Arc::clone(self), target, before })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // No code of others runs under this lock, so a poisoned one still holds whole values.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread while one turn has it; dropping this sets it free.
#[derive(Debug)]
pub(crate) struct RunningTurn {
    state: Arc<ThreadState>,
    /// What this turn continues.
    pub(crate) target: Target,
    /// What the turn before it left, if that one completed.
    pub(crate) before: Option<SettledTurn>,
}

impl RunningTurn {
    /// Notes the thread that Codex named; the next turn resumes it.
    ///
    /// A handle that has its thread already keeps it, whatever Codex names.
    pub(crate) fn named(&self, id: &ThreadId) {
        let mut inner = self.state.lock();
        if !matches!(inner.target, Target::Resume(_)) {
            inner.id = Some(id.clone());
            inner.target = Target::Resume(id.clone());
        }
    }

    /// Notes what a completed turn leaves for the next one.
    pub(crate) fn settle(&self, settled: SettledTurn) {
        self.state.lock().settled = Some(settled);
    }
}

impl Drop for RunningTurn {
    fn drop(&mut self) {
        let before = std::mem::replace(&mut self.state.lock().activity, Activity::Free);
        if let Activity::Running { over, .. } = before {
            over.cancel();
        }
    }
}
