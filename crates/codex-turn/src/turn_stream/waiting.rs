//! [`WaitingTurn`]: a turn that waits for its thread.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use codex_exec::RuntimeError;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::TurnError;
use crate::thread::BusyThread;
use crate::turn::TurnSource;

/// A time that passes for no turn.
const FOREVER: Duration = Duration::from_hours(24 * 365 * 30);

/// A turn that was not polled yet, or waits for its thread.
pub(super) struct Cold {
    pub(super) source: TurnSource,
    /// Until when its thread is waited for, once it was found busy.
    pub(super) until: Option<Instant>,
}

/// A turn that waits for its thread, which another turn has.
pub(super) struct WaitingTurn {
    pub(super) cold: Cold,
    /// What the turn gives if that other turn takes too long.
    pub(super) busy: TurnError,
    end: Pin<Box<dyn Future<Output = Waited> + Send>>,
}

/// What ended a wait for a thread.
#[derive(Clone, Copy)]
pub(super) enum Waited {
    /// The thread was free for a moment; another turn may have it again.
    Free,
    Cancelled,
    TooLong,
}

impl Cold {
    pub(super) fn new(source: TurnSource) -> Self {
        Self { source, until: None }
    }

    /// Waits as long as the options say, from the first time on; an error if that is over, or they say nothing.
    pub(super) fn wait(
        mut self,
        busy: BusyThread,
        cancel: &CancellationToken,
    ) -> Result<WaitingTurn, TurnError> {
        let BusyThread { id, holder, over } = busy;
        let busy = TurnError::Busy { thread: id, holder: Some(holder) };
        let wait = || self.source.invocation().and_then(|invocation| invocation.parts().thread_wait);
        let now = Instant::now();
        // A wait whose end no clock can show has none that anybody sees.
        let end = |wait| now.checked_add(wait).unwrap_or_else(|| now + FOREVER);
        let until = self.until.or_else(|| wait().map(end));
        let Some(until) = until.filter(|until| *until > now) else { return Err(busy) };
        RuntimeError::check().map_err(|lack| TurnError::Start(Arc::new(lack.into())))?;
        self.until = Some(until);
        let cancel = cancel.clone();
        let end = Box::pin(async move {
            match timeout_at(until, cancel.run_until_cancelled(over.cancelled())).await {
                Ok(Some(())) => Waited::Free,
                Ok(None) => Waited::Cancelled,
                Err(_) => Waited::TooLong,
            }
        });
        Ok(WaitingTurn { cold: self, busy, end })
    }
}

impl WaitingTurn {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Waited> {
        self.end.as_mut().poll(cx)
    }
}
