//! [`Thread`]: one conversation with Codex, and the turns that belong to it.

mod state;

use std::fmt;
use std::sync::Arc;

use codex_exec::Target;
use codex_protocol::ThreadId;

pub(crate) use state::{BusyThread, RunningTurn, SettledTurn, ThreadState};

use crate::{RunTurn, ThreadOptions, steps::OptionSteps};

/// One conversation with Codex: a handle, cheap to clone; clones are the same conversation.
///
/// Codex keeps the conversation, this holds its id. Codex does not keep the *options* of a thread: a resumed
/// turn that does not name its sandbox again is read-only with the default model. So every turn of a handle
/// restates all of them.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use std::sync::Arc;
/// # use codex_turn::{Codex, EventStream, RunTurn, TurnLines, TurnRequest};
/// # struct Recorded;
/// # impl RunTurn for Recorded {
/// #     fn run_turn(&self, _: TurnRequest) -> Box<dyn TurnLines> {
/// #         Box::new(EventStream::from_lines([
/// #             r#"{"type":"thread.started","thread_id":"019b7c2a-1111-7000-8000-000000000001"}"#,
/// #             r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"done"}}"#,
/// #             r#"{"type":"turn.completed","usage":null}"#,
/// #         ]))
/// #     }
/// # }
/// # let codex = Codex::builder().transport(Arc::new(Recorded)).build()?;
/// use codex_turn::ThreadOptions;
///
/// let thread = codex.start_thread(ThreadOptions::new("/my/project").model("gpt-5.5"));
/// assert_eq!(thread.id(), None); // nothing has started
///
/// let result = thread.run("fix the failing test").await?;
/// assert_eq!(result.final_response(), Some("done"));
/// assert_eq!(thread.id(), result.thread_id);
///
/// thread.run("and now the docs").await?; // resumes the thread, with the same model
/// # Ok(())
/// # }
/// ```
///
/// An ephemeral thread is gone after its first turn, and a second one cannot start.
///
/// One turn runs on a thread at a time. A second one ends with [`TurnError::Busy`](crate::TurnError::Busy)
/// when it is polled, whether it was made from this handle, from another, or in another process; it waits if
/// [`ThreadOptions::wait`] says so.
#[derive(Clone)]
pub struct Thread {
    pub(crate) turns: Arc<dyn RunTurn>,
    pub(crate) options: Arc<[OptionSteps; 2]>,
    pub(crate) state: Arc<ThreadState>,
}

impl Thread {
    pub(crate) fn new(
        turns: Arc<dyn RunTurn>,
        codex: OptionSteps,
        options: ThreadOptions,
        target: Target,
    ) -> Self {
        let options = Arc::new([codex, options.into_steps()]);
        Self { turns, options, state: Arc::new(ThreadState::new(target)) }
    }

    pub(crate) fn with_steps(turns: Arc<dyn RunTurn>, options: [OptionSteps; 2], target: Target) -> Self {
        Self { turns, options: Arc::new(options), state: Arc::new(ThreadState::new(target)) }
    }

    /// The id of the thread; `None` until the first turn of a new thread has been named by Codex.
    pub fn id(&self) -> Option<ThreadId> {
        self.state.id()
    }
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread")
            .field("id", &self.id())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
