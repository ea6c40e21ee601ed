//! [`TurnMeter`]: what the turn that runs has used, looked at now and then.

use std::time::Duration;

use codex_exec::{Invocation, RolloutMeter};
use codex_protocol::{TurnSummary, Usage};
use tokio::time::Instant;

/// How long it is at least from one look to the next.
const INTERVAL: Duration = Duration::from_secs(1);

/// How long a look may take before it is given up.
const WAIT: Duration = Duration::from_secs(2);

/// How much of the record is read.
const LIMIT_BYTES: u64 = 64 << 20;

/// Looks at what the turn that runs has used, once a second at most.
///
/// The interval runs from the end of a look, so that a record that is slow to read does not hold up the lines.
pub(crate) struct TurnMeter {
    rollout: RolloutMeter,
    due: Instant,
}

impl TurnMeter {
    pub(crate) async fn before(invocation: Invocation) -> Self {
        let rollout = RolloutMeter::before(invocation, LIMIT_BYTES).await;
        Self { rollout, due: Instant::now() + INTERVAL }
    }

    /// What the turn has used, if it is time to look and there is something to see. A turn whose last line
    /// has come is not stopped any more.
    pub(crate) async fn read(&mut self, summary: &TurnSummary) -> Option<Usage> {
        if Instant::now() < self.due {
            return None;
        }
        let used = match summary.thread_id().filter(|_| summary.terminal().is_none()) {
            Some(thread) => tokio::time::timeout(WAIT, self.rollout.read(thread)).await.ok().flatten(),
            None => None,
        };
        // Even where there was nothing to look at: a caller that waits for the next look must not spin.
        self.due = Instant::now() + INTERVAL;
        used
    }

    /// Waits for something, but no longer than until the next look.
    pub(crate) async fn until_due<F: Future>(&self, future: F) -> Option<F::Output> {
        tokio::time::timeout_at(self.due, future).await.ok()
    }
}
