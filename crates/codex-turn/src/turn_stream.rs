//! [`TurnStream`]: the lines of a turn as they come, and its result at the end.

mod course;
mod future;
mod of_turn;
mod question;
mod transitions;
mod waiting;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use codex_exec::TransportError;
use codex_protocol::{EventLine, StopCause, TurnSummary};
use futures_core::Stream;

pub use future::TurnFuture;

use crate::keep::KeptLines;
use crate::served_tools::ServedTools;
use crate::turn::TurnSettings;
use crate::{ObserveTurn, Turn, TurnError, TurnLines, TurnResult};
use course::{BegunTurn, Conclusion, Ended};
use question::RolloutFacts;
use waiting::{Cold, WaitingTurn};

/// The lines of a turn as they come; cold until its first poll.
///
/// Every line is delivered, understood or not. An `Err` is the last item and occurs at most once: the turn
/// could not start, was cancelled, timed out, or broke. A turn that *failed* is no `Err` here: its lines end,
/// and [`finish`](TurnStream::finish) says how it went.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), codex_turn::TurnError> {
/// use codex_turn::{EventStream, Turn};
/// use futures_util::TryStreamExt;
///
/// # let recorded = [
/// #     r#"{"type":"turn.started"}"#,
/// #     r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"done"}}"#,
/// #     r#"{"type":"turn.completed","usage":null}"#,
/// # ];
/// let mut lines = Turn::over(EventStream::from_lines(recorded)).stream();
/// while let Some(line) = lines.try_next().await? {
///     if lines.summary().final_response().is_some() {
///         break; // `finish` reads the rest
///     }
/// }
/// let result = lines.finish().await?;
/// assert_eq!(result.summary.lines(), 3);
/// # Ok(())
/// # }
/// ```
///
/// # Cancel safety
///
/// No line is lost when a future that waits for the next item is dropped: progress lies in the stream.
/// Dropping the stream itself stops the turn; [`close`](TurnStream::close) does too, and says when it is all gone.
#[must_use = "a stream does nothing unless it is polled"]
pub struct TurnStream {
    phase: TurnPhase,
    tools: ServedTools,
    settings: TurnSettings,
    observers: Vec<Box<dyn ObserveTurn>>,
    kept: KeptLines,
    summary: TurnSummary,
}

enum TurnPhase {
    Cold(Cold),
    /// Another turn has the thread.
    Waiting(Box<WaitingTurn>),
    Live {
        lines: Box<dyn TurnLines>,
        course: BegunTurn,
    },
    /// The last line was there; calls of tools may still have to end.
    Closing {
        lines: Box<dyn TurnLines>,
        course: BegunTurn,
        error: Option<TransportError>,
    },
    Asking {
        ended: Box<Ended>,
        rollout: Asking,
    },
    Over(Box<Over>),
}

/// What is asked of the rollout, on its way.
type Asking = Pin<Box<dyn Future<Output = RolloutFacts> + Send>>;

/// What is left once the turn is over.
#[derive(Default)]
struct Over {
    /// The item that is still to be yielded.
    item: Option<TurnError>,
    outcome: Option<Result<TurnResult, TurnError>>,
}

impl TurnStream {
    pub(crate) fn new(turn: Turn) -> Self {
        let Turn { source, mut settings, observers } = turn;
        // A token of its own, since a refused line cancels this turn and not what else the caller's token ends.
        settings.cancel = settings.cancel.child_token();
        let kept = KeptLines::new(settings.keep);
        let tools = ServedTools::default();
        Self {
            phase: TurnPhase::Cold(Cold::new(source)),
            tools,
            settings,
            observers,
            kept,
            summary: TurnSummary::new(),
        }
    }

    /// What the lines so far say; live, and valid at any time.
    pub fn summary(&self) -> &TurnSummary {
        match &self.phase {
            TurnPhase::Over(over) => match &over.outcome {
                Some(Ok(result)) => &result.summary,
                Some(Err(error)) => error.result().map_or(&self.summary, |result| &result.summary),
                None => &self.summary,
            },
            TurnPhase::Cold(_)
            | TurnPhase::Waiting(_)
            | TurnPhase::Live { .. }
            | TurnPhase::Closing { .. }
            | TurnPhase::Asking { .. } => &self.summary,
        }
    }

    /// Waits for the next line; the same as the next item of the stream.
    ///
    /// # Errors
    ///
    /// The last item may be an error: see [`TurnError`].
    ///
    /// # Cancel safety
    ///
    /// No line is lost when the future is dropped.
    pub async fn next_line(&mut self) -> Option<Result<EventLine, TurnError>> {
        std::future::poll_fn(|cx| self.poll_line(cx)).await
    }

    /// Reads what is left, to the end of the turn, and gives what awaiting the turn gives; at any time, also
    /// after a break, and after an error.
    pub fn finish(self) -> TurnFuture {
        TurnFuture::new(self)
    }

    /// Stops the turn as dropping the stream does, reads what still comes, and gives what awaiting the turn gives once nothing of
    /// the turn is left: no process, no task, no socket, no file.
    ///
    /// Codex is asked at once, by the call, and has [`ExecOptions::drop_grace`](codex_exec::ExecOptions::drop_grace) to stop; to
    /// let it take its time, [cancel](Turn::cancel) the turn and [`finish`](TurnStream::finish). Of a turn that was not polled
    /// nothing starts: it is [cancelled](codex_protocol::Verdict::Cancelled), and did not [begin](TurnResult::began).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use codex_turn::{EventStream, Turn, TurnError};
    ///
    /// let stream = Turn::over(EventStream::from_lines([r#"{"type":"turn.started"}"#])).stream();
    /// let error = stream.close().await.unwrap_err();
    /// assert_eq!(error.to_string(), "the turn did not complete: cancelled");
    /// # }
    /// ```
    pub fn close(mut self) -> TurnFuture {
        self.settings.cancel.cancel();
        match &mut self.phase {
            TurnPhase::Cold(_) => {
                self.phase = TurnPhase::over(Conclusion::cancelled().outcome, Announce::ByFinishOnly);
            }
            TurnPhase::Live { lines, .. } | TurnPhase::Closing { lines, .. } => lines.stop_soon(),
            // A turn that waits hears its token.
            TurnPhase::Waiting(_) | TurnPhase::Asking { .. } | TurnPhase::Over(_) => {}
        }
        self.finish()
    }

    fn is_over(&self) -> bool {
        matches!(self.phase, TurnPhase::Over(_))
    }

    fn take_outcome(&mut self) -> Result<TurnResult, TurnError> {
        let TurnPhase::Over(over) = &mut self.phase else { unreachable!("only a turn that is over has one") };
        over.outcome.take().expect("a future is not polled again once it is ready")
    }

    fn poll_line(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<EventLine, TurnError>>> {
        loop {
            match &mut self.phase {
                TurnPhase::Cold(_) => self.start(),
                TurnPhase::Waiting(waiting) => {
                    let waited = ready!(waiting.poll(cx));
                    self.waited(waited);
                }
                TurnPhase::Live { lines, course } => {
                    self.tools.show_events(&self.observers, cx);
                    let line = {
                        let _entered = course.enter();
                        ready!(Pin::new(&mut **lines).poll_next(cx))
                    };
                    match line {
                        Some(Ok(line)) => {
                            self.see(&line);
                            return Poll::Ready(Some(Ok(line)));
                        }
                        Some(Err(error)) => self.last_line(Some(error)),
                        None => self.last_line(None),
                    }
                }
                TurnPhase::Closing { .. } => {
                    ready!(self.tools.poll_close(&self.observers, cx));
                    self.end();
                }
                TurnPhase::Asking { rollout, .. } => {
                    let rollout = ready!(rollout.as_mut().poll(cx));
                    self.answered(rollout);
                }
                TurnPhase::Over(over) => return Poll::Ready(over.item.take().map(Err)),
            }
        }
    }

    /// Leaves a stream that is over and yields nothing more, for the moment of a change.
    fn take_phase(&mut self) -> TurnPhase {
        std::mem::replace(&mut self.phase, TurnPhase::Over(Box::default()))
    }
}

/// Whether an outcome that is an error is an item of the stream as well.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Announce {
    AsItem,
    ByFinishOnly,
}

impl TurnPhase {
    fn over(outcome: Result<TurnResult, TurnError>, announce: Announce) -> Self {
        let item = match announce {
            Announce::AsItem => outcome.as_ref().err().cloned(),
            Announce::ByFinishOnly => None,
        };
        Self::Over(Box::new(Over { item, outcome: Some(outcome) }))
    }
}

impl Stream for TurnStream {
    type Item = Result<EventLine, TurnError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_line(cx)
    }
}

impl Drop for TurnStream {
    /// Settles a turn with what is known of it; the transport stops it by being dropped.
    fn drop(&mut self) {
        // An observer that has panicked is not called again: a second panic would end the process.
        if std::thread::panicking() {
            self.observers.clear();
        }
        let cancelled = self.settings.cancel.is_cancelled();
        let cause = if cancelled { StopCause::Cancelled } else { StopCause::ConsumerGone };
        let ended = match self.take_phase() {
            TurnPhase::Live { lines, course } | TurnPhase::Closing { lines, course, .. } => {
                drop(lines);
                course.abandon(cause, self.settings.budget.get().copied())
            }
            TurnPhase::Asking { ended, .. } => *ended,
            TurnPhase::Waiting(_) => return self.conclude(Conclusion::cancelled(), Announce::AsItem),
            TurnPhase::Cold(_) | TurnPhase::Over(_) => return,
        };
        self.settle(ended, RolloutFacts::default());
    }
}

impl fmt::Debug for TurnStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = match &self.phase {
            TurnPhase::Cold(_) => "cold",
            TurnPhase::Waiting(_) => "waiting for its thread",
            TurnPhase::Live { .. } => "live",
            TurnPhase::Closing { .. } => "waiting for tools to end",
            TurnPhase::Asking { .. } => "asking the rollout",
            TurnPhase::Over(_) => "over",
        };
        f.debug_struct("TurnStream")
            .field("phase", &phase)
            .field("summary", &self.summary())
            .finish_non_exhaustive()
    }
}
