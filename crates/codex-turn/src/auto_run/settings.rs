//! [`AutoRunSettings`]: what a run was told.

use std::sync::Arc;

use codex_exec::RunCommand;
use tokio_util::sync::CancellationToken;

use super::AutoRunError;
use super::budget::{Budget, UnknownUsage};
use super::check::Check;
use super::continue_policy::ContinuePolicy;
use super::retry_policy::RetryPolicy;
use crate::{ObserveTurn, ReadRollout, Thread, Turn};

type TurnShape = Box<dyn Fn(Turn) -> Turn + Send + Sync>;

/// What a run was told.
pub(crate) struct AutoRunSettings {
    pub(crate) thread: Thread,
    pub(crate) prompt: String,
    pub(crate) shapes: Vec<TurnShape>,
    /// Each observes all turns, which come one after the other.
    pub(crate) observers: Vec<Arc<dyn ObserveTurn>>,
    pub(crate) checks: Vec<Box<dyn Check>>,
    pub(crate) policy: Box<dyn ContinuePolicy>,
    pub(crate) retry: RetryPolicy,
    pub(crate) budgets: Vec<Budget>,
    pub(crate) unknown_usage: UnknownUsage,
    pub(crate) max_turns: u32,
    pub(crate) stalled_turns: Option<u32>,
    pub(crate) commands: Arc<dyn RunCommand>,
    pub(crate) cancel: CancellationToken,
    /// Is cancelled when nothing is wanted any more but the end.
    pub(crate) closing: CancellationToken,
}

impl AutoRunSettings {
    pub(crate) fn validate(&self) -> Result<(), AutoRunError> {
        if self.max_turns == 0 {
            return Err(AutoRunError::ZeroLimit { limit: "turns" });
        }
        if self.stalled_turns == Some(0) {
            return Err(AutoRunError::ZeroLimit { limit: "turns without progress" });
        }
        Ok(())
    }

    /// Describes the next turn; the one place, so that each turn restates what the first was told.
    ///
    /// Codex's own record is read after each: what a broken turn had done, and what it used, may be nowhere
    /// else.
    pub(crate) fn turn(&self, prompt: &str) -> Turn {
        let turn = self.thread.run(prompt).read_rollout(ReadRollout::Always);
        let turn = self.shapes.iter().fold(turn, |turn, shape| shape(turn));
        self.observers.iter().fold(turn, |turn, observer| turn.observe(Arc::clone(observer)))
    }
}
