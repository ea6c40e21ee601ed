//! [`ObserveTurn`]: an observer of a turn beside its consumer.

use std::sync::{Arc, Mutex, PoisonError};

use codex_exec::Invocation;
use codex_protocol::{EventLine, ThreadId};

use crate::{TurnError, TurnResult};

/// Watches a turn: sees what Codex is asked, every line before the consumer gets it, and how the turn ended.
///
/// A closure over lines is one. So is an adapter around a recorder of another crate, which then needs no
/// dependency on this one: a small type of the caller's that forwards the calls. One observer may watch many turns, also
/// turns that run at the same time: share it as an `Arc`.
///
/// Of one turn, calls are made in order as it is polled, never two at once: `on_start`, the lines, `on_end`. An
/// observer that blocks holds the turn up; one that panics takes the poll down with it.
///
/// `on_end` is called exactly once for every turn that was polled, as soon as the end is known and before the consumer
/// sees it: also for one that could not start, which has no `on_start`, and for one that is dropped before its end,
/// with what was known by then. Only a panic during a turn leaves it without.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), codex_turn::TurnError> {
/// use codex_turn::{EventLine, EventStream, ObserveTurn, Turn, TurnError, TurnResult};
/// use std::sync::mpsc::{Sender, channel};
///
/// struct Recorder(Sender<String>); // would hold a `Mutex<Box<dyn TurnLog>>` of a ledger
///
/// impl ObserveTurn for Recorder {
///     fn on_line(&self, line: &EventLine) {
///         self.0.send(String::from_utf8_lossy(line.raw()).into_owned()).ok();
///     }
///     fn on_end(&self, result: &TurnResult, _: Option<&TurnError>) {
///         self.0.send(result.verdict.word().to_owned()).ok();
///     }
/// }
///
/// let (sender, seen) = channel();
/// let lines = EventStream::from_lines([r#"{"type":"turn.completed","usage":null}"#]);
/// Turn::over(lines).observe(Recorder(sender)).await?;
/// assert_eq!(seen.iter().collect::<Vec<_>>(), [r#"{"type":"turn.completed","usage":null}"#, "completed"]);
/// # Ok(())
/// # }
/// ```
pub trait ObserveTurn: Send + Sync {
    /// Sees what Codex is about to be asked, and the thread that the turn resumes; `None` where it begins a thread or
    /// finds one.
    ///
    /// A turn whose lines come [from elsewhere](crate::Turn::over) asks nothing, and has no such call.
    fn on_start(&self, invocation: &Invocation, thread: Option<&ThreadId>) {
        let _ = (invocation, thread);
    }

    /// Sees one line; lines that could not be understood too.
    fn on_line(&self, line: &EventLine);

    /// Sees what happens to a call of a host tool.
    ///
    /// It is called as the turn is polled, like the calls for lines, and not ordered against them: a call may be
    /// seen before the line that says that it started. All calls have ended before `on_end`, unless the turn is dropped.
    #[cfg(feature = "tools")]
    fn on_tool_event(&self, event: &crate::ToolEvent) {
        let _ = event;
    }

    /// Sees how the turn ended: what is known of it, and the error if awaiting it gives one.
    ///
    /// The result of a turn that could not start is empty, and [`TurnResult::began`] says so.
    fn on_end(&self, result: &TurnResult, error: Option<&TurnError>) {
        let _ = (result, error);
    }
}

impl<F: Fn(&EventLine) + Send + Sync> ObserveTurn for F {
    fn on_line(&self, line: &EventLine) {
        self(line);
    }
}

/// Forwards every call to the observer within.
macro_rules! forward {
    ($($head:tt)*) => {
        $($head)* {
            fn on_start(&self, invocation: &Invocation, thread: Option<&ThreadId>) {
                (**self).on_start(invocation, thread);
            }

            fn on_line(&self, line: &EventLine) {
                (**self).on_line(line);
            }

            #[cfg(feature = "tools")]
            fn on_tool_event(&self, event: &crate::ToolEvent) {
                (**self).on_tool_event(event);
            }

            fn on_end(&self, result: &TurnResult, error: Option<&TurnError>) {
                (**self).on_end(result, error);
            }
        }
    };
}

forward!(impl ObserveTurn for Box<dyn ObserveTurn + '_>);
forward!(impl<O: ObserveTurn + ?Sized> ObserveTurn for Arc<O>);

/// A closure with a state of its own; one turn, and one run, calls it from one place at a time.
pub(crate) struct OnEvent<F>(Mutex<F>);

impl<F> OnEvent<F> {
    pub(crate) fn new(closure: F) -> Self {
        Self(Mutex::new(closure))
    }
}

impl<F: FnMut(&EventLine) + Send> ObserveTurn for OnEvent<F> {
    fn on_line(&self, line: &EventLine) {
        // A closure that has panicked took its poll down, and is not called again but by a later turn of a run.
        let mut closure = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (*closure)(line);
    }
}
