//! [`Outlet`]: a place for one event, so that work goes no further than its consumer.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use crate::runner_event::RunnerEvent;

/// Holds at most one event, so that work goes no further than its consumer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outlet(Arc<Mutex<Option<RunnerEvent>>>);

impl Outlet {
    /// Hands out an event, and waits until it was taken.
    ///
    /// The consumer that takes it polls the work again, so nothing has to be woken.
    pub(crate) async fn emit(&self, event: RunnerEvent) {
        *self.lock() = Some(event);
        poll_fn(|_| if self.lock().is_some() { Poll::Pending } else { Poll::Ready(()) }).await;
    }

    pub(crate) fn take(&self) -> Option<RunnerEvent> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<RunnerEvent>> {
        // No other code runs under this lock, so a poisoned one still holds a whole value.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
