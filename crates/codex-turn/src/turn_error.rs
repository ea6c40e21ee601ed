//! [`TurnError`]: why a turn is no success, with the work that was done.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;

use codex_exec::{ThreadHolder, TransportError};
use codex_protocol::{Brief, EventLine, ThreadId, Verdict};

use crate::{ResponseError, TurnResult};

/// Why a turn is no success.
///
/// Whatever Codex had done is in the error: see [`TurnError::result`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use codex_turn::{Retries, Retry, RetryPolicy, TransportError, TurnError};
/// # use codex_turn::{EventStream, ExitKind, Program, ThreadHolder, ThreadId, TransportReport, Turn};
///
/// fn what_to_do(error: &TurnError) -> String {
///     match error {
///         // The turn ran. Look at what it has done before it runs again.
///         TurnError::NotCompleted(turn) => {
///             match RetryPolicy::default().decide(&turn.verdict, Retries::default(), 1.0) {
///                 Retry::After { wait, .. } => format!("try again in {wait:?}"),
///                 _ => format!("give up: {}", turn.verdict),
///             }
///         }
///         // Another turn has the thread: `ThreadOptions::wait` waits for its end.
///         TurnError::Busy { holder: Some(holder), .. } => format!("wait for {holder}"),
///         TurnError::Busy { holder: None, .. } => "wait".to_owned(),
///         // Codex did not start. `CodexBuilder::build` already reports a program that is not there.
///         TurnError::Start(why) => match &**why {
///             TransportError::Program(_) | TransportError::Spawn { .. } => format!("install codex: {why}"),
///             _ => format!("give up: {why}"),
///         },
///         // Anything else is for the developer: a response of another type, a call from the wrong place, ..
///         _ => format!("give up: {error}"),
///     }
/// }
///
/// let recorded = [
///     r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"half"}}"#,
///     r#"{"type":"turn.failed","error":{"message":"Rate limit reached. Please try again in 1.5s."}}"#,
/// ];
/// let error = Turn::over(EventStream::from_lines(recorded)).await.unwrap_err();
/// assert_eq!(what_to_do(&error), "try again in 1.5s");
/// assert_eq!(error.result().and_then(|turn| turn.final_response()), Some("half"));
///
/// let quota = [r#"{"type":"turn.failed","error":{"message":"Quota exceeded."}}"#];
/// let error = Turn::over(EventStream::from_lines(quota)).await.unwrap_err();
/// assert_eq!(what_to_do(&error), "give up: failed: Quota exceeded.");
///
/// # let not_started = |error| {
/// #     Turn::over(EventStream::from_failing_parts([""; 0], error, TransportReport::new(ExitKind::Code(1))))
/// # };
/// let thread = ThreadId::parse("019b7c2a-1111-7000-8000-000000000001").unwrap();
/// let error = not_started(TransportError::thread_busy(thread, ThreadHolder::new(4711))).await.unwrap_err();
/// assert_eq!(what_to_do(&error), "wait for process 4711");
///
/// let missing = Program::at("/nowhere/codex").unwrap_err();
/// let error = not_started(missing.into()).await.unwrap_err();
/// assert!(what_to_do(&error).starts_with("install codex: /nowhere/codex is not a file"));
/// assert!(error.result().is_none());
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum TurnError {
    /// The turn ran and did not complete; its verdict says how it ended.
    NotCompleted(Box<TurnResult>),
    /// Codex did not start, or was stopped at its first line because that named another thread. It is shown as the error
    /// it holds.
    Start(Arc<TransportError>),
    /// A turn is already running on the thread, here or in another process.
    #[non_exhaustive]
    Busy {
        /// The thread, if it has been named already.
        thread: Option<ThreadId>,
        /// The process that runs that turn, if it said so.
        holder: Option<ThreadHolder>,
    },
    /// A line could not be understood, and [`DecodePolicy::Fail`](codex_protocol::DecodePolicy::Fail) was asked
    /// for.
    #[non_exhaustive]
    Undecodable {
        /// The first such line.
        line: EventLine,
        /// The turn, which was cancelled for it.
        result: Box<TurnResult>,
    },
    /// The final response is not the value that was asked for.
    Json(ResponseError),
    /// The host tools of the turn could not be served; nothing ran.
    Tools(Arc<io::Error>),
    /// A blocking call was made inside an asynchronous runtime, which it would stall.
    InsideRuntime,
    /// A blocking call could not make its runtime.
    Runtime(Arc<io::Error>),
}

impl TurnError {
    /// The turn as far as it came; `None` if nothing ran.
    pub fn result(&self) -> Option<&TurnResult> {
        match self {
            Self::NotCompleted(result) | Self::Undecodable { result, .. } => Some(result),
            Self::Start(_)
            | Self::Busy { .. }
            | Self::Json(_)
            | Self::Tools(_)
            | Self::InsideRuntime
            | Self::Runtime(_) => None,
        }
    }

    /// The turn as far as it came, taken out; `None` if nothing ran.
    pub fn into_result(self) -> Option<TurnResult> {
        match self {
            Self::NotCompleted(result) | Self::Undecodable { result, .. } => Some(*result),
            Self::Start(_)
            | Self::Busy { .. }
            | Self::Json(_)
            | Self::Tools(_)
            | Self::InsideRuntime
            | Self::Runtime(_) => None,
        }
    }
}

impl fmt::Display for TurnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotCompleted(result) => {
                if let Verdict::Failed(failure) = &result.verdict {
                    return write!(f, "the turn failed: {}", failure.message);
                }
                write!(f, "the turn did not complete: {}", result.verdict)
            }
            // It says itself that Codex did not start, so it is not said before it.
            Self::Start(error) => error.fmt(f),
            Self::Busy { thread, holder } => {
                match thread {
                    Some(thread) => write!(f, "a turn is already running on thread {thread}")?,
                    None => f.write_str("a turn is already running on this new thread")?,
                }
                holder.map_or(Ok(()), |holder| write!(f, " in {holder}"))
            }
            Self::Undecodable { line, .. } => {
                write!(f, "line {} of the stream cannot be read", line.number())
            }
            Self::Json(error) => error.fmt(f),
            Self::Tools(_) => f.write_str("the host tools could not be served"),
            Self::InsideRuntime => {
                f.write_str("a blocking call was made inside an asynchronous runtime: await the turn instead")
            }
            Self::Runtime(_) => f.write_str("the runtime of a blocking call could not be made"),
        }
    }
}

/// Fits on a screen.
impl fmt::Debug for TurnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotCompleted(result) => f.debug_tuple("NotCompleted").field(result).finish(),
            Self::Start(error) => f.debug_tuple("Start").field(&Brief::new(error, 2000)).finish(),
            Self::Busy { thread, holder } => {
                f.debug_struct("Busy").field("thread", thread).field("holder", holder).finish()
            }
            Self::Undecodable { line, result } => {
                f.debug_struct("Undecodable").field("line", line).field("result", result).finish()
            }
            Self::Json(error) => f.debug_tuple("Json").field(error).finish(),
            Self::Tools(error) => f.debug_tuple("Tools").field(error).finish(),
            Self::InsideRuntime => f.write_str("InsideRuntime"),
            Self::Runtime(error) => f.debug_tuple("Runtime").field(error).finish(),
        }
    }
}

impl Error for TurnError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotCompleted(result) => {
                result.error.as_deref().map(|error| error as &(dyn Error + 'static))
            }
            Self::Start(error) => error.source(),
            Self::Undecodable { line, .. } => line.event().err().map(|error| error as &(dyn Error + 'static)),
            Self::Json(error) => error.source(),
            Self::Tools(error) | Self::Runtime(error) => Some(error.as_ref()),
            Self::Busy { .. } | Self::InsideRuntime => None,
        }
    }
}

impl From<ResponseError> for TurnError {
    fn from(error: ResponseError) -> Self {
        Self::Json(error)
    }
}
