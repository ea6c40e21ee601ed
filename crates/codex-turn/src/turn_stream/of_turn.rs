//! The ways to run a [`Turn`]: streamed, blocking, awaited.

use std::future::IntoFuture;
use std::sync::Arc;

use tokio::runtime;

use super::{TurnFuture, TurnStream};
use crate::{Thread, Turn, TurnError, TurnResult};

impl Thread {
    /// Makes the cold stream of a turn that is told nothing but its prompt: the short form of `run(prompt).stream()`.
    ///
    /// Whatever else a turn can be told stands between the two:
    ///
    /// ```no_run
    /// # fn example(thread: &codex_turn::Thread) {
    /// use std::time::Duration;
    ///
    /// let stream = thread.run("fix the test").idle_limit(Duration::from_secs(300)).stream();
    /// # drop(stream);
    /// # }
    /// ```
    pub fn run_streamed(&self, prompt: impl Into<String>) -> TurnStream {
        self.run(prompt).stream()
    }
}

impl Turn {
    /// Makes the cold stream of the turn's lines: nothing starts before its first poll.
    pub fn stream(self) -> TurnStream {
        TurnStream::new(self)
    }

    /// Runs the turn on this thread of the operating system, with a small runtime of its own, and waits for
    /// it.
    ///
    /// # Errors
    ///
    /// As when awaited; and [`TurnError::InsideRuntime`], without running anything, where a tokio runtime
    /// drives the caller, its threads for blocking work included: it could stand still for the whole turn.
    /// Await the turn there.
    pub fn blocking(self) -> Result<TurnResult, TurnError> {
        if runtime::Handle::try_current().is_ok() {
            return Err(TurnError::InsideRuntime);
        }
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|source| TurnError::Runtime(Arc::new(source)))?;
        runtime.block_on(self.into_future())
    }
}

impl IntoFuture for Turn {
    type Output = Result<TurnResult, TurnError>;
    type IntoFuture = TurnFuture;

    /// Runs the turn to its end: `Ok` if and only if it completed.
    fn into_future(self) -> TurnFuture {
        self.stream().finish()
    }
}
