//! [`Settings`]: what a run was told.

use std::sync::{Arc, Mutex, PoisonError};

use codex_exec::RunCommand;
use codex_protocol::EventLine;
use tokio_util::sync::CancellationToken;

use super::AutoRunError;
use super::budget::{Budget, UnknownUsage};
use super::check::Check;
use super::continue_policy::ContinuePolicy;
use super::retry_policy::RetryPolicy;
use crate::{ObserveTurn, ReadRollout, Thread, Turn, TurnResult};

type Shape = Box<dyn Fn(Turn) -> Turn + Send + Sync>;

/// What a run was told.
pub(crate) struct Settings {
    pub(crate) thread: Thread,
    pub(crate) prompt: String,
    pub(crate) shapes: Vec<Shape>,
    pub(crate) observers: Vec<SharedObserver>,
    pub(crate) checks: Vec<Box<dyn Check>>,
    pub(crate) policy: Box<dyn ContinuePolicy>,
    pub(crate) retry: RetryPolicy,
    pub(crate) budgets: Vec<Budget>,
    pub(crate) unknown_usage: UnknownUsage,
    pub(crate) max_turns: u32,
    pub(crate) stalled_turns: Option<u32>,
    pub(crate) commands: Arc<dyn RunCommand>,
    pub(crate) cancel: CancellationToken,
}

impl Settings {
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
        self.observers.iter().fold(turn, |turn, observer| turn.observe(observer.clone()))
    }
}

/// One observer of all turns; they come one after the other.
#[derive(Clone)]
pub(crate) struct SharedObserver(Arc<Mutex<Box<dyn ObserveTurn>>>);

impl SharedObserver {
    pub(crate) fn new(observer: impl ObserveTurn + 'static) -> Self {
        Self(Arc::new(Mutex::new(Box::new(observer))))
    }
}

impl ObserveTurn for SharedObserver {
    fn on_line(&mut self, line: &EventLine) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).on_line(line);
    }

    #[cfg(feature = "tools")]
    fn on_tool_event(&mut self, event: &crate::ToolEvent) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).on_tool_event(event);
    }

    fn on_end(&mut self, result: &TurnResult) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).on_end(result);
    }
}
