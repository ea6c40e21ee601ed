//! [`ThreadClaim`]: the thread that was asked for is the one that runs, and nobody else runs it.

use codex_protocol::ThreadId;

use crate::rollout_watch::RolloutWatch;
use crate::{Invocation, RolloutRef, StateDir, ThreadLock, ThreadLockError, TransportError};

/// Holds the lock of the thread that a start works on, and watches its rollout.
pub(crate) struct ThreadClaim {
    /// The thread that is to be resumed, if one is.
    asked: Option<ThreadId>,
    state_dir: StateDir,
    rollout: RolloutWatch,
    lock: Option<ThreadLock>,
    /// Why the start must not go on.
    refused: Option<TransportError>,
}

impl ThreadClaim {
    /// Takes the lock of a thread that is to be resumed.
    ///
    /// It blocks: run it where blocking is allowed.
    pub(crate) fn take(invocation: &Invocation, state_dir: StateDir) -> Result<Self, TransportError> {
        let asked = invocation.parts().target.resumed_thread().cloned();
        let lock = asked.as_ref().map(|thread| lock(&state_dir, thread)).transpose()?;
        // Looked at under the lock, or the end of another's turn would count as ours.
        let rollout = RolloutWatch::before(invocation);
        Ok(Self { asked, state_dir, rollout, lock, refused: None })
    }

    /// Compares the thread that Codex names with the one that was asked for, and locks it if it is a new one.
    ///
    /// It blocks: run it where blocking is allowed.
    pub(crate) fn started(mut self, thread: &ThreadId) -> Self {
        let taken = match &self.asked {
            Some(asked) if asked == thread => return self,
            Some(asked) => Err(TransportError::ThreadMismatch { asked: asked.clone(), got: thread.clone() }),
            None => lock(&self.state_dir, thread),
        };
        match taken {
            Ok(lock) => self.lock = Some(lock),
            Err(error) => self.refused = Some(error),
        }
        self.rollout = self.rollout.named(thread);
        self
    }

    /// Says whether the start must not go on.
    pub(crate) fn is_refused(&self) -> bool {
        self.refused.is_some()
    }

    /// Lets go of the thread: why the start was refused, if it was, and what the turn added to the rollout.
    ///
    /// It blocks: run it where blocking is allowed.
    pub(crate) fn end(self) -> (Option<TransportError>, Option<RolloutRef>) {
        (self.refused, self.rollout.ended())
    }
}

fn lock(state_dir: &StateDir, thread: &ThreadId) -> Result<ThreadLock, TransportError> {
    ThreadLock::acquire(state_dir, thread).map_err(|error| match error {
        ThreadLockError::Busy { thread, holder } => TransportError::ThreadBusy { thread, holder },
        error @ ThreadLockError::Io { .. } => TransportError::ThreadLock(error),
    })
}
