//! [`Question`]: what a turn asks of its rollout after its last line.

use std::sync::Arc;

use codex_exec::{RolloutRef, RuntimeError};
use codex_protocol::RolloutSummary;
use tokio::task::spawn_blocking;
use tracing::debug;

use crate::RolloutReading;

/// What a turn asks of its rollout after its last line.
pub(super) struct Question {
    pub(super) rollout: RolloutRef,
    /// Whether its content is wanted.
    pub(super) read: bool,
    /// Whether its length is, by which the next turn sees that nobody else was there.
    pub(super) measure: bool,
    pub(super) reading: RolloutReading,
}

/// What was found; any of it may be missing.
#[derive(Default)]
pub(super) struct RolloutFacts {
    pub(super) summary: Option<Arc<RolloutSummary>>,
    pub(super) bytes: Option<u64>,
}

impl Question {
    /// Asks. That there is no answer is no error.
    pub(super) async fn ask(self) -> RolloutFacts {
        let wait = self.reading.wait;
        if let Err(error) = RuntimeError::check() {
            debug!(%error, "the rollout could not be read");
            return RolloutFacts::default();
        }
        tokio::time::timeout(wait, self.look()).await.unwrap_or_else(|_| {
            debug!(?wait, "reading the rollout took too long");
            RolloutFacts::default()
        })
    }

    async fn look(self) -> RolloutFacts {
        let mut findings = RolloutFacts::default();
        if self.measure {
            let rollout = self.rollout.clone();
            findings.bytes = spawn_blocking(move || rollout.after_bytes()).await.ok().flatten();
        }
        if self.read {
            findings.summary = self
                .rollout
                .load(self.reading.limit_bytes)
                .await
                .unwrap_or_else(|error| {
                    debug!(%error, "the rollout could not be read");
                    None
                })
                .map(Arc::new);
        }
        findings
    }
}
