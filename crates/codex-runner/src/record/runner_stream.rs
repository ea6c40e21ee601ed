//! [`RunnerStream`]: the events of work in a project as they come, and what it comes to at the end.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use codex_exec::{RuntimeError, TransportError};
use codex_protocol::TurnSummary;
use codex_turn::TurnStream;
use futures_core::Stream;

use crate::run::{Outlet, StopHandle};
use crate::runner_error::RunnerError;
use crate::runner_event::RunnerEvent;

/// The events of work in a project as they come; cold until its first poll.
///
/// The stream ends with `None`, and [`finish`](Self::finish) then returns what the work came to. Work goes no further than its
/// consumer: while an event waits to be taken, nothing new starts; a stop reaches what runs all the same.
///
/// # Cancel safety
///
/// No event is lost when a future that waits for the next one is dropped. Dropping the stream stops what runs: what of a record
/// was open is then as a crash leaves it, and the next turn of the project finishes it.
#[must_use = "a stream does nothing unless it is polled"]
pub struct RunnerStream<'p, T> {
    work: Pin<Box<dyn Future<Output = Result<T, RunnerError>> + Send + 'p>>,
    done: Option<Result<T, RunnerError>>,
    has_begun: bool,
    is_over: bool,
    outlet: Outlet,
    stops: StopHandle,
    turn: SharedTurn,
}

/// The turn that runs now, for those who look at its summary.
#[derive(Clone, Default)]
pub(crate) struct SharedTurn(Arc<Mutex<Option<TurnStream>>>);

impl SharedTurn {
    /// Puts a turn here.
    pub(crate) fn set(&self, turn: TurnStream) {
        *self.lock() = Some(turn);
    }

    /// Takes the turn out.
    pub(crate) fn take(&self) -> Option<TurnStream> {
        self.lock().take()
    }

    /// Waits for the next line of the turn.
    pub(crate) async fn next_line(&self) -> Option<Result<codex_protocol::EventLine, codex_turn::TurnError>> {
        poll_fn(|context| match self.lock().as_mut() {
            Some(turn) => Pin::new(turn).poll_next(context),
            None => Poll::Ready(None),
        })
        .await
    }

    fn with_summary<R>(&self, look: impl FnOnce(&TurnSummary) -> R) -> Option<R> {
        self.lock().as_ref().map(|turn| look(turn.summary()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<TurnStream>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'p, T> RunnerStream<'p, T> {
    pub(crate) fn new(
        work: impl Future<Output = Result<T, RunnerError>> + Send + 'p,
        outlet: Outlet,
        stops: StopHandle,
        turn: SharedTurn,
    ) -> Self {
        Self { work: Box::pin(work), done: None, has_begun: false, is_over: false, outlet, stops, turn }
    }

    /// Waits for the next event; the same as the next item of the stream.
    ///
    /// # Cancel safety
    ///
    /// No event is lost when the future is dropped.
    pub async fn next_event(&mut self) -> Option<RunnerEvent> {
        poll_fn(|context| self.poll_event(context)).await
    }

    /// Runs what is left, and returns what the work came to; at any time, also after a break.
    ///
    /// # Errors
    ///
    /// Nothing ran, or not everything: see [`RunnerError`].
    pub async fn finish(mut self) -> Result<T, RunnerError> {
        while self.next_event().await.is_some() {}
        // The work is over then, and `finish` takes its end once.
        self.done.take().unwrap_or(Err(RunnerError::Killed))
    }

    /// Returns what stops what runs now.
    pub fn stop_handle(&self) -> StopHandle {
        self.stops.clone()
    }

    /// Looks at what the lines so far say of the turn that runs; `None` between turns and in a run of turns.
    pub fn with_summary<R>(&self, look: impl FnOnce(&TurnSummary) -> R) -> Option<R> {
        self.turn.with_summary(look)
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<RunnerEvent>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        if !std::mem::replace(&mut self.has_begun, true)
            && let Err(lack) = RuntimeError::check()
        {
            let error = RunnerError::Start(Arc::new(TransportError::Runtime(lack)));
            (self.done, self.is_over) = (Some(Err(error)), true);
            return Poll::Ready(None);
        }
        let polled = self.work.as_mut().poll(context);
        if let Some(event) = self.outlet.take() {
            if let Poll::Ready(done) = polled {
                (self.done, self.is_over) = (Some(done), true);
            }
            return Poll::Ready(Some(event));
        }
        match polled {
            Poll::Ready(done) => {
                (self.done, self.is_over) = (Some(done), true);
                Poll::Ready(None)
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T: Unpin> Stream for RunnerStream<'_, T> {
    type Item = RunnerEvent;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<RunnerEvent>> {
        self.poll_event(context)
    }
}

impl<T> fmt::Debug for RunnerStream<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RunnerStream").field("is_over", &self.is_over).finish_non_exhaustive()
    }
}
