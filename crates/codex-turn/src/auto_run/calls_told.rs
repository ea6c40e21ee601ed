//! [`CallsTold`]: what a turn told of calls of host tools while it was polled, until the run hands it out.

#[cfg(feature = "tools")]
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
#[cfg(feature = "tools")]
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use codex_protocol::EventLine;
use futures_core::Stream as _;

use super::AutoRunEvent;
use crate::{Turn, TurnError, TurnStream};

/// What a turn told of calls of host tools while it was polled, until the run hands it out.
///
/// It holds what one poll of the turn has told, and the turn is polled again when all of that was taken: where the
/// consumer of a run stands still, events wait in the queue of the tools, and then calls do.
#[derive(Clone, Default)]
pub(crate) struct CallsTold(#[cfg(feature = "tools")] Arc<Mutex<VecDeque<crate::ToolEvent>>>);

type CallLine = Option<Result<EventLine, TurnError>>;

impl CallsTold {
    /// Waits for the next line; `None` where only calls were told of before it came.
    ///
    /// Neither is lost when the future is dropped.
    pub(crate) async fn or_line(&self, lines: &mut TurnStream) -> Option<CallLine> {
        poll_fn(|cx| match Pin::new(&mut *lines).poll_next(cx) {
            Poll::Ready(line) => Poll::Ready(Some(line)),
            Poll::Pending if self.is_empty() => Poll::Pending,
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }
}

#[cfg(feature = "tools")]
impl CallsTold {
    /// Hears what a turn tells.
    pub(crate) fn hear(&self, turn: Turn) -> Turn {
        turn.observe(Ear(self.clone()))
    }

    pub(crate) fn take(&self, step: u32) -> Option<AutoRunEvent> {
        let event = self.lock().pop_front()?;
        Some(AutoRunEvent::Tool { step, event })
    }

    fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<crate::ToolEvent>> {
        // No code of others runs under this lock, so a poisoned one still holds whole values.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(feature = "tools")]
struct Ear(CallsTold);

#[cfg(feature = "tools")]
impl crate::ObserveTurn for Ear {
    fn on_line(&self, _: &EventLine) {}

    fn on_tool_event(&self, event: &crate::ToolEvent) {
        self.0.lock().push_back(event.clone());
    }
}

#[cfg(not(feature = "tools"))]
#[expect(
    clippy::unused_self,
    reason = "these say what there is without tools, and are called like those above"
)]
impl CallsTold {
    pub(crate) fn hear(&self, turn: Turn) -> Turn {
        turn
    }

    pub(crate) fn take(&self, _step: u32) -> Option<AutoRunEvent> {
        None
    }

    fn is_empty(&self) -> bool {
        true
    }
}
