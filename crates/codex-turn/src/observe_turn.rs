//! [`ObserveTurn`]: somebody who watches a turn beside its consumer.

use codex_protocol::EventLine;

use crate::TurnResult;

/// Watches a turn: sees every line before the consumer gets it, and how the turn ended.
///
/// A closure over lines is one. So is an adapter around a recorder of another crate, which then needs no
/// dependency on this one: a small type of the caller's that forwards both calls.
///
/// Calls are made in the order of the lines, by whoever polls the turn, never two at once. An observer that
/// blocks holds the turn up; one that panics takes the poll down with it. `on_end` is called once, as soon
/// as the end is known and before the consumer hears of it. A turn that is dropped before its end makes no
/// such call, since its end will not be known: the observer is dropped with it, and may take its own drop
/// without an `on_end` for "abandoned".
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), codex_turn::TurnError> {
/// use codex_turn::{EventLine, EventStream, ObserveTurn, Turn, TurnResult};
/// use std::sync::mpsc::{Sender, channel};
///
/// struct Recorder(Sender<String>); // would hold a `Box<dyn TurnLog>` of a ledger
///
/// impl ObserveTurn for Recorder {
///     fn on_line(&mut self, line: &EventLine) {
///         self.0.send(String::from_utf8_lossy(line.raw()).into_owned()).ok();
///     }
///     fn on_end(&mut self, result: &TurnResult) {
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
pub trait ObserveTurn: Send {
    /// Sees one line; lines that could not be understood too.
    fn on_line(&mut self, line: &EventLine);

    /// Sees what happens to a call of a host tool.
    ///
    /// It is called as the lines are, by whoever polls the turn, and not ordered against them: a call may be
    /// seen before the line that says that it started. All calls have ended before `on_end`.
    #[cfg(feature = "tools")]
    fn on_tool_event(&mut self, event: &crate::ToolEvent) {
        let _ = event;
    }

    /// Sees how the turn ended.
    fn on_end(&mut self, result: &TurnResult) {
        let _ = result;
    }
}

impl<F: FnMut(&EventLine) + Send> ObserveTurn for F {
    fn on_line(&mut self, line: &EventLine) {
        self(line);
    }
}
