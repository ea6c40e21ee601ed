//! [`RunOutlet`]: where a run hands out its events, one at a time, and keeps its steps.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use super::check::CheckReport;
use super::{AutoRunEvent, StepReport};

/// Holds at most one event, so that a run goes no further than its consumer.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunOutlet(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    event: Option<AutoRunEvent>,
    steps: Vec<StepReport>,
}

impl RunOutlet {
    /// Hands out an event, and waits until it was taken.
    ///
    /// The consumer that takes it polls the run again, so no waker is needed.
    pub(crate) async fn emit(&self, event: AutoRunEvent) {
        self.lock().event = Some(event);
        poll_fn(|_| if self.lock().event.is_some() { Poll::Pending } else { Poll::Ready(()) }).await;
    }

    pub(crate) fn take(&self) -> Option<AutoRunEvent> {
        self.lock().event.take()
    }

    pub(crate) fn keep(&self, step: StepReport) {
        self.lock().steps.push(step);
    }

    /// Adds a check to the last step.
    pub(crate) fn keep_check(&self, check: CheckReport) {
        if let Some(step) = self.lock().steps.last_mut() {
            step.checks.push(check);
        }
    }

    pub(crate) fn steps(&self) -> Vec<StepReport> {
        self.lock().steps.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // No code of others runs under this lock, so a poisoned one still holds whole values.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
