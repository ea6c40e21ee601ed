//! [`ToolEvent`]: what happens to the calls of host tools.

mod json;

use std::sync::Arc;
use std::time::Duration;

use codex_protocol::{McpToolCall, ThreadId};
use serde::Serialize;
use serde_json::Value;

/// What happens to a call of a host tool.
///
/// Shown by [`ObserveTurn::on_tool_event`](crate::ObserveTurn::on_tool_event), and in the stream of an auto-run by
/// [`AutoRunEvent::Tool`](crate::AutoRunEvent::Tool). Every call that started ends, before the turn does.
///
/// Serialised it is one object: `event` is `started` or `ended`, and `call` the [`ToolCall`]; of one that ended also
/// `outcome` (the [`word`](ToolOutcome::word)), `message` (the text of a failure or a panic, or `null`),
/// `durationMs`, `resultBytes` and `leftOutBytes`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ToolEvent {
    /// Codex called a tool.
    #[non_exhaustive]
    Started {
        /// The call.
        call: Arc<ToolCall>,
    },
    /// The call is over.
    #[non_exhaustive]
    Ended {
        /// The call.
        call: Arc<ToolCall>,
        /// How it ended.
        outcome: ToolOutcome,
        /// From the call to its answer, the wait for a free place included.
        duration: Duration,
        /// How many bytes of text, JSON and encoded pictures the model was answered with.
        result_bytes: u64,
        /// How many bytes of the result were left out, because it was larger than the limit.
        left_out_bytes: u64,
    },
}

impl ToolEvent {
    /// Says that a tool was called, for tests of what sees calls.
    pub fn started(call: ToolCall) -> Self {
        Self::Started { call: Arc::new(call) }
    }

    /// Says that a call is over and had no result, for tests of what sees calls.
    pub fn ended(call: ToolCall, outcome: ToolOutcome, duration: Duration) -> Self {
        Self::Ended { call: Arc::new(call), outcome, duration, result_bytes: 0, left_out_bytes: 0 }
    }

    /// The call.
    pub fn call(&self) -> &ToolCall {
        match self {
            Self::Started { call } | Self::Ended { call, .. } => call,
        }
    }
}

/// One call of a host tool; [`is_item`](ToolCall::is_item) finds its item among those of the turn.
///
/// Serialised it is one object with these fields in camelCase.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolCall {
    /// Counts the calls of the set in this turn, from 1.
    pub number: u64,
    /// The name of the set, which is that of the server in the items of the turn.
    pub server: String,
    /// The name of the tool.
    pub tool: String,
    /// The arguments, an object.
    pub arguments: Value,
    /// The name that the model gave the call.
    pub call_id: Option<String>,
    /// The thread that called: another than the turn's where a sub-agent did.
    pub thread_id: Option<ThreadId>,
}

impl ToolCall {
    /// Describes a call.
    pub fn new(server: impl Into<String>, tool: impl Into<String>, arguments: Value) -> Self {
        Self {
            number: 0,
            server: server.into(),
            tool: tool.into(),
            arguments,
            call_id: None,
            thread_id: None,
        }
    }

    /// The name under which an answer has the number of its call.
    pub(super) const NUMBER_KEY: &str = "codex-turns/call";

    /// Whether an item of the turn is this call.
    ///
    /// Codex names its items only in its output, so an item is known by the answer that it has: exactly, since
    /// each answer carries the number of its call. An item without one (the call still runs, Codex gave it up,
    /// or the release is older than 0.142) is known by server, tool and arguments, and calls that agree in these
    /// are not told apart.
    ///
    /// ```
    /// use codex_protocol::McpToolCall;
    /// use codex_turn::ToolCall;
    /// use serde_json::json;
    ///
    /// let call = ToolCall::new("host", "add", json!({ "a": 1 }));
    /// let item: McpToolCall = serde_json::from_value(json!({
    ///     "server": "host", "tool": "add", "arguments": { "a": 1 }, "status": "in_progress",
    /// }))?;
    /// assert!(call.is_item(&item));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn is_item(&self, item: &McpToolCall) -> bool {
        let same_tool = self.server == item.server && self.tool == item.tool;
        let meta = item.result.as_ref().and_then(|result| result.meta.as_ref());
        same_tool
            && match meta.and_then(|meta| meta.get(Self::NUMBER_KEY)) {
                Some(number) => number.as_u64() == Some(self.number),
                None => item.arguments.as_ref() == Some(&self.arguments),
            }
    }
}

/// How a call of a host tool ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToolOutcome {
    /// The tool answered.
    Ok,
    /// It failed, with this text for the model, within the limit of a result.
    Failed(String),
    /// It panicked, with this message, within the same limit.
    Panicked(String),
    /// It took longer than this.
    TimedOut(Duration),
    /// Codex gave the call up, or the turn was cancelled or is over.
    Cancelled,
}

impl ToolOutcome {
    /// One word for the outcome, as records and logs use it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed(_) => "failed",
            Self::Panicked(_) => "panicked",
            Self::TimedOut(_) => "timed_out",
            Self::Cancelled => "cancelled",
        }
    }
}
