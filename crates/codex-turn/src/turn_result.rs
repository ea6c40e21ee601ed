//! [`TurnResult`]: everything that is known of a turn once it is over.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use codex_exec::{OutputTail, TransportError, TransportReport};
use codex_protocol::{
    Brief, EventLine, Notice, RolloutCall, RolloutSummary, ThreadId, ThreadItem, TurnSummary, TurnUsage,
    Unconfirmed, Verdict,
};
use serde::de::DeserializeOwned;

use crate::{ResponseError, TurnFailure};

/// Everything that is known of a turn once it is over, however it ended.
///
/// Serialised it is one object: the fields of its [`Verdict`], and beside them `threadId`, `finalResponse`,
/// `usage`, `durationMs`, `process` (`exitCode`, `signal`, `stop`), `leftovers`, `unseenCalls`, `unconfirmed`
/// and `summary`.
#[derive(Clone)]
#[non_exhaustive]
pub struct TurnResult {
    /// How the turn ended. Only [`Verdict::Completed`] is a success.
    pub verdict: Verdict,
    /// The thread that the turn belongs to; `None` if it ended before Codex named it.
    pub thread_id: Option<ThreadId>,
    /// What the turn and its thread used; `None` within it stands for unknown, never for nothing. The rules are
    /// in the documentation of [the crate](crate#what-a-turn-used).
    pub usage: TurnUsage,
    /// What the lines say, folded.
    pub summary: TurnSummary,
    /// The lines themselves, as many as [`Keep`](crate::Keep) says.
    pub lines: Vec<EventLine>,
    /// From the first poll to the end, with the time that the consumer took.
    pub duration: Duration,
    /// What the transport says: the fate of the process, who stopped the turn, standard error, what was left running.
    pub end: TransportReport,
    /// What Codex's own record says of this turn, if it was read: see [`RolloutReading`](crate::RolloutReading).
    pub rollout: Option<Arc<RolloutSummary>>,
    /// What broke the transport, if something did; a turn that was cancelled or timed out has it too.
    pub error: Option<Arc<TransportError>>,
    pub(crate) rollout_part: RolloutPart,
    pub(crate) began: bool,
}

/// Whether an error of the transport means that there was no turn.
///
/// A thread that is not the one asked for is stopped at its first line, before it does anything; and what is
/// not Codex does no turn, whatever it prints.
pub(crate) fn never_began(error: &TransportError, summary: &TurnSummary) -> bool {
    if matches!(error, TransportError::Cancelled | TransportError::TimedOut { .. }) {
        return false;
    }
    summary.lines() == 0
        || matches!(error, TransportError::ThreadMismatch { .. } | TransportError::NotCodex { .. })
}

/// Fits on a screen: shows how much there is, and the beginning of what was said.
impl fmt::Debug for TurnResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TurnResult")
            .field("verdict", &self.verdict)
            .field("thread_id", &self.thread_id)
            .field("usage", &self.usage)
            .field("summary", &Brief::new(&self.summary, 1000))
            .field("lines", &self.lines.len())
            .field("duration", &self.duration)
            .field("end", &Brief::new(&self.end, 700))
            .field("rollout", &Brief::new(&self.rollout, 300))
            .field("error", &Brief::new(&self.error, 400))
            .finish_non_exhaustive()
    }
}

/// How much of the thread a rollout that was read covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RolloutPart {
    /// What this turn added.
    Turn,
    /// What was there before it as well.
    Thread,
}

impl TurnResult {
    /// The answer: the last message of the agent.
    pub fn final_response(&self) -> Option<&str> {
        self.summary.final_response()
    }

    /// The items in the order in which they appeared, each in its last state.
    pub fn items(&self) -> &[ThreadItem] {
        self.summary.items()
    }

    /// What was noticed on the way and ended nothing: retries, warnings.
    pub fn notices(&self) -> &[Notice] {
        self.summary.notices()
    }

    /// Whether there was a turn at all.
    ///
    /// [Observers](crate::ObserveTurn) see the result of a turn that never began beside the error that says why; the caller
    /// gets that error alone. [`TurnStream::close`](crate::TurnStream::close) gives such a result of a turn that was not
    /// polled.
    pub fn began(&self) -> bool {
        self.began
    }

    /// The last bytes of standard error.
    pub fn stderr_tail(&self) -> &OutputTail {
        &self.end.stderr_tail
    }

    /// Processes that were still running after Codex had ended, by process id.
    pub fn leftovers(&self) -> &[u32] {
        &self.end.leftovers
    }

    /// Reads the answer as JSON: the counterpart of [`Turn::output_schema`](crate::Turn::output_schema).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), codex_turn::TurnError> {
    /// # use codex_turn::{EventStream, Turn};
    /// # let recorded = [
    /// #     r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"{\"files\":3}"}}"#,
    /// #     r#"{"type":"turn.completed","usage":null}"#,
    /// # ];
    /// #[derive(serde::Deserialize)]
    /// struct Answer {
    ///     files: u32,
    /// }
    ///
    /// let result = Turn::over(EventStream::from_lines(recorded)).await?;
    /// let answer: Answer = result.json()?;
    /// assert_eq!(answer.files, 3);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// There is no answer, or it is not JSON of that shape. Codex does not check the answer against the
    /// schema. The error shows the text and the place.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ResponseError> {
        let text = self.final_response().ok_or(ResponseError::Missing)?;
        serde_json::from_str(text).map_err(|source| ResponseError::shape(text, source))
    }

    /// What went wrong within the turn and did not end it: commands, patches and tools that failed.
    ///
    /// A turn with failures can be [`Verdict::Completed`]: the agent was told, and may have found a way. The
    /// order is that of the items.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), codex_turn::TurnError> {
    /// # use codex_turn::{EventStream, Turn};
    /// let recorded = [
    ///     r#"{"type":"item.completed","item":{"id":"item_0","type":"command_execution","command":"make","aggregated_output":"","exit_code":2,"status":"failed"}}"#,
    ///     r#"{"type":"turn.completed","usage":null}"#,
    /// ];
    /// let result = Turn::over(EventStream::from_lines(recorded)).await?; // completed
    /// assert_eq!(result.failures()[0].to_string(), r#""make" exited with code 2"#);
    /// # Ok(())
    /// # }
    /// ```
    pub fn failures(&self) -> Vec<TurnFailure<'_>> {
        self.items().iter().filter_map(TurnFailure::of).collect()
    }

    /// Tool calls that Codex's own record has and the stream has not: commands that the sandbox refused,
    /// patches that did not apply, calls that were not allowed.
    ///
    /// `None` if that record was not read or is not there, which says nothing about calls; also where it does
    /// not tell this turn's calls from earlier ones, as in the turn that makes a fork or finds the newest
    /// thread. Read it with [`ReadRollout::Always`](crate::ReadRollout::Always).
    pub fn unseen_calls(&self) -> Option<Vec<&RolloutCall>> {
        let rollout = self.rollout.as_ref().filter(|_| self.rollout_part == RolloutPart::Turn)?;
        Some(rollout.unseen_calls(&self.summary))
    }

    /// The opposite of [`unseen_calls`](TurnResult::unseen_calls): what the stream says and Codex's own record of
    /// the turn does not have, such as a line that an agent with full access wrote into Codex's standard output.
    ///
    /// `None` if the two cannot be compared, for the reasons given there and at
    /// [`RolloutSummary::unconfirmed`].
    ///
    /// # Limits
    ///
    /// An agent that can write such lines can write into Codex's record as well: what is named is forged, and
    /// what is not named is not proved.
    pub fn unconfirmed(&self) -> Option<Unconfirmed> {
        let rollout = self.rollout.as_ref().filter(|_| self.rollout_part == RolloutPart::Turn)?;
        rollout.unconfirmed(&self.summary)
    }
}
