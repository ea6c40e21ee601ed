//! [`RolloutMeter`]: what a turn has used while it still runs, as far as its thread's rollout shows it.

use codex_protocol::{ThreadId, Usage};

use crate::rollout_watch::RolloutWatch;
use crate::{Invocation, RolloutRef};

/// Reads what a turn has used while it still runs, as far as its thread's rollout shows it.
///
/// The lines of a turn say what it used at its end, if they say it at all; Codex's own record of the thread
/// has it after each call of the model. As with all that is read there, everything is optional and nothing is
/// an error.
#[derive(Debug)]
pub struct RolloutMeter {
    watch: RolloutWatch,
    limit_bytes: u64,
}

impl RolloutMeter {
    /// Looks where the turn that an invocation asks for will write; to be called before it starts. Of what it
    /// wrote, the last `limit_bytes` are read.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the looking to end by itself; nothing is changed by it.
    pub async fn before(invocation: Invocation, limit_bytes: u64) -> Self {
        let watch = tokio::task::spawn_blocking(move || RolloutWatch::before(&invocation)).await;
        Self { watch: watch.unwrap_or(RolloutWatch::None), limit_bytes }
    }

    /// Reads what the turn has used until now; its thread has this name.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the reading to end by itself; nothing is changed by it.
    pub async fn read(&self, thread: &ThreadId) -> Option<Usage> {
        let rollout = match &self.watch {
            // The part of a thread that has yet to be found began before the turn, nobody knows where.
            RolloutWatch::None | RolloutWatch::OfUnnamedThread(_) => return None,
            RolloutWatch::Known(rollout) => rollout.clone(),
            RolloutWatch::OfNewThread(home) => RolloutRef::of_new_thread(home.path(), thread),
        };
        rollout.load(self.limit_bytes).await.ok()??.turn_usage()
    }
}
