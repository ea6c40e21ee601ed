//! [`Resumer`]: resumes threads with the options of another thread.

use std::fmt;
use std::sync::Arc;

use codex_exec::{Invocation, Target};
use codex_protocol::ThreadId;

use crate::steps::OptionSteps;
use crate::{RunTurn, Thread};

/// Resumes threads with the options of another thread, such as the one that a turn has just opened.
///
/// Made by [`Thread::resumer`] and [`Turn::resumer`](crate::Turn::resumer).
///
/// ```
/// # fn example(thread: codex_turn::Thread, id: codex_protocol::ThreadId) {
/// // The same folder, model and sandbox, and one thing more.
/// let resumer = thread.resumer().with(|invocation| invocation.model("gpt-5.5"));
/// let again = resumer.thread(id);
/// assert_eq!(again.run("go on").invocation().unwrap().parts().model.as_deref(), Some("gpt-5.5"));
/// # }
/// ```
#[derive(Clone)]
pub struct Resumer {
    turns: Arc<dyn RunTurn>,
    options: [OptionSteps; 2],
}

impl Thread {
    /// Returns what resumes threads with the options of this one.
    pub fn resumer(&self) -> Resumer {
        Resumer::new(Arc::clone(&self.turns), (*self.options).clone())
    }
}

impl Resumer {
    pub(crate) fn new(turns: Arc<dyn RunTurn>, options: [OptionSteps; 2]) -> Self {
        Self { turns, options }
    }

    /// Adds anything else that an [`Invocation`] can say of each turn.
    #[must_use = "this returns the changed resumer"]
    pub fn with(mut self, step: impl Fn(Invocation) -> Invocation + Send + Sync + 'static) -> Self {
        self.options[1].push(step);
        self
    }

    /// Makes a handle of the thread of this id.
    pub fn thread(&self, id: ThreadId) -> Thread {
        Thread::with_steps(Arc::clone(&self.turns), self.options.clone(), Target::Resume(id))
    }
}

impl fmt::Debug for Resumer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Resumer").field("options", &self.options).finish_non_exhaustive()
    }
}
