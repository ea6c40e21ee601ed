//! [`ThreadClaim`]: the thread that was asked for is the one that runs, and nobody else runs it.

use codex_protocol::ThreadId;

use crate::{ExecError, StateDir, ThreadLock, ThreadLockError};

/// Holds the lock of the thread that a start works on.
pub(crate) struct ThreadClaim {
    /// The thread that is to be resumed, if one is.
    asked: Option<ThreadId>,
    state_dir: StateDir,
    lock: Option<ThreadLock>,
    /// Why the start must not go on.
    pub(crate) refused: Option<ExecError>,
}

impl ThreadClaim {
    /// Takes the lock of a thread that is to be resumed.
    pub(crate) fn take(asked: Option<ThreadId>, state_dir: StateDir) -> Result<Self, ExecError> {
        let lock = asked.as_ref().map(|thread| lock(&state_dir, thread)).transpose()?;
        Ok(Self { asked, state_dir, lock, refused: None })
    }

    /// Compares the thread that Codex names with the one that was asked for, and locks it if it is a new one.
    pub(crate) async fn started(&mut self, thread: ThreadId) -> Result<(), ()> {
        let taken = match &self.asked {
            Some(asked) if *asked == thread => return Ok(()),
            Some(asked) => Err(ExecError::ThreadMismatch { asked: asked.clone(), got: thread }),
            None => {
                let state_dir = self.state_dir.clone();
                let locked = tokio::task::spawn_blocking(move || lock(&state_dir, &thread)).await;
                locked.unwrap_or(Err(ExecError::SupervisorGone))
            }
        };
        match taken {
            Ok(lock) => self.lock = Some(lock),
            Err(error) => self.refused = Some(error),
        }
        if self.refused.is_some() { Err(()) } else { Ok(()) }
    }
}

fn lock(state_dir: &StateDir, thread: &ThreadId) -> Result<ThreadLock, ExecError> {
    ThreadLock::acquire(state_dir, thread).map_err(|error| match error {
        ThreadLockError::Busy { thread, holder } => ExecError::ThreadBusy { thread, holder },
        error @ ThreadLockError::Io { .. } => ExecError::ThreadLock(error),
    })
}
