//! [`RunTurn`]: the seam "one turn, whatever the transport", and [`ExecTurns`], the transport over `codex exec`.

use std::fmt;
use std::sync::Arc;

use codex_exec::{EventStream, Exec, Invocation, TransportError, TransportReport};
use codex_protocol::EventLine;
use futures_core::Stream;
use tokio_util::sync::CancellationToken;

/// Runs one turn over some transport.
///
/// It is synchronous and returns a cold value, so that it works behind `dyn`. Everything that is the same
/// for every transport (verdict, fold, usage, one turn per thread, spans, observers) lies above it.
///
/// An implementation promises: nothing starts before the first poll of what it returns; dropping that stops
/// the turn; cancelling [`TurnRequest::cancel`] ends it politely.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use codex_turn::{Codex, EventStream, RunTurn, ThreadOptions, TurnLines, TurnRequest};
/// use serde_json::json;
/// use std::sync::Arc;
///
/// /// Answers each prompt with the prompt.
/// struct Echo;
///
/// impl RunTurn for Echo {
///     fn run_turn(&self, request: TurnRequest) -> Box<dyn TurnLines> {
///         let prompt = request.invocation.parts().prompt();
///         let item = json!({ "id": "item_0", "type": "agent_message", "text": prompt });
///         let lines = [
///             json!({ "type": "item.completed", "item": item }),
///             json!({ "type": "turn.completed", "usage": null }),
///         ];
///         Box::new(EventStream::from_lines(lines.map(|line| line.to_string())))
///     }
/// }
///
/// let codex = Codex::builder().transport(Arc::new(Echo)).build()?;
/// let result = codex.start_thread(ThreadOptions::new(".")).run("hello").await?;
/// assert_eq!(result.final_response(), Some("hello"));
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait RunTurn: Send + Sync {
    /// Makes the cold lines of one turn.
    fn run_turn(&self, request: TurnRequest) -> Box<dyn TurnLines>;
}

/// The lines of one turn, however they arrive.
///
/// A stream of lines; an `Err` is last and occurs at most once. [`EventStream`] is the one that ships.
pub trait TurnLines: Stream<Item = Result<EventLine, TransportError>> + Send + Unpin {
    /// Tells how the transport ended: `Some` once the stream has yielded `None` or its `Err`.
    fn end(&self) -> Option<&TransportReport>;

    /// Asks the turn, whose token is cancelled already, to stop as soon as one that is dropped, and keeps yielding the lines
    /// that still come. By default the token is all that stops it.
    fn stop_soon(&mut self) {}
}

impl TurnLines for EventStream {
    fn end(&self) -> Option<&TransportReport> {
        Self::end(self)
    }

    fn stop_soon(&mut self) {
        Self::stop_soon(self);
    }
}

/// What one turn asks of its transport.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TurnRequest {
    /// The prompt and every option of the thread and the turn, restated.
    pub invocation: Invocation,
    /// Ends the turn politely.
    pub cancel: CancellationToken,
}

impl TurnRequest {
    /// Asks for one turn.
    pub fn new(invocation: Invocation, cancel: CancellationToken) -> Self {
        Self { invocation, cancel }
    }
}

/// Runs each turn as one `codex exec` process.
#[derive(Clone)]
pub struct ExecTurns(Arc<dyn Exec>);

impl ExecTurns {
    /// Takes what starts the processes.
    pub fn new(exec: Arc<dyn Exec>) -> Self {
        Self(exec)
    }
}

impl RunTurn for ExecTurns {
    fn run_turn(&self, request: TurnRequest) -> Box<dyn TurnLines> {
        Box::new(self.0.exec(request.invocation, request.cancel))
    }
}

impl fmt::Debug for ExecTurns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExecTurns(..)")
    }
}
