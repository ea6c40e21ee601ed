//! [`RolloutSummary`]: the fold of a rollout file's lines.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};
use serde_json::Value;

use super::call::{self, RolloutCall};
use super::line::RolloutLine;
use super::meter::UsageFold;
use super::session::RolloutSession;
use super::turn::{RolloutEnd, RolloutTurn};
use super::unconfirmed::{self, Noted, Unconfirmed};
use super::unseen;
use crate::brief::Brief;
use crate::turn_summary::TurnSummary;
use crate::usage::Usage;

/// Folds the lines of a rollout file, the file in which Codex keeps a thread, or of the part of it that one
/// turn wrote.
///
/// The file has what the stream leaves out: what each turn alone used, and every call of a tool. Its format
/// is internal to Codex and differs between releases, so that nothing has to be in it, and nothing in it is
/// an error.
///
/// ```
/// use codex_protocol::RolloutSummary;
///
/// let mut rollout = RolloutSummary::new();
/// rollout.observe(br#"{"type":"event_msg","payload":{"type":"task_started"}}"#);
/// rollout.observe(br#"{"type":"response_item","payload":{"type":"function_call","call_id":"c1",
///     "name":"exec_command","arguments":"{\"cmd\":\"make\"}"}}"#);
/// assert_eq!(rollout.calls()[0].name, "exec_command");
/// assert_eq!(rollout.calls()[0].output, None, "nobody has told the model how it went");
/// assert_eq!(rollout.turn_usage(), None);
/// ```
#[derive(Clone, Default)]
pub struct RolloutSummary {
    session: Option<RolloutSession>,
    turns: Vec<RolloutTurn>,
    calls: Vec<RolloutCall>,
    meter: UsageFold,
    task_events: TaskEvents,
    items: NotedItems,
    lines: u64,
    unreadable: u64,
}

/// Shows how much there is, and the beginning of what came last.
impl fmt::Debug for RolloutSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RolloutSummary")
            .field("session", &Brief::new(&self.session, 300))
            .field("turns", &self.turns.len())
            .field("last_turn", &Brief::new(&self.turns.last(), 300))
            .field("calls", &self.calls.len())
            .field("lines", &self.lines)
            .field("unreadable", &self.unreadable)
            .finish_non_exhaustive()
    }
}

/// The completed items of the turn, as far as Codex notes them in the rollout.
#[derive(Debug, Clone, Default)]
struct NotedItems {
    noted: Vec<Noted>,
    /// The user's message is the first item of a turn; releases that do not note items do not note it either.
    has_beginning: bool,
    /// Whether something is there whose items stand elsewhere: another agent, a review, a compaction.
    is_incomplete: bool,
}

/// Whether the release writes events for the beginning of a task; older ones write only the user's message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum TaskEvents {
    #[default]
    NotSeen,
    Seen,
}

impl RolloutSummary {
    /// The summary of no lines.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next line, without its line feed.
    pub fn observe(&mut self, raw: &[u8]) {
        self.lines += 1;
        let Some(line) = RolloutLine::parse(raw) else {
            self.unreadable += 1;
            return;
        };
        match line.kind.as_str() {
            "session_meta" => {
                self.session.get_or_insert_with(|| RolloutSession::read(&line));
            }
            "compacted" => self.items.is_incomplete = true,
            "turn_context" => self.current_turn().model = line.owned("model"),
            "response_item" => self.observe_response_item(&line),
            "event_msg" => self.observe_event(&line),
            "token_usage_record" => {
                self.meter.record(&line);
                self.note_usage();
            }
            _ => {}
        }
    }

    fn observe_response_item(&mut self, line: &RolloutLine) {
        match line.payload_kind() {
            "message" if line.text("role") == Some("assistant") => {
                self.meter.model_spoke();
                self.current_turn().last_agent_message = Some(message_text(line));
            }
            "reasoning" => self.meter.model_spoke(),
            "function_call_output" | "custom_tool_call_output" => {
                let id = line.text("call_id");
                let waits = |call: &&mut RolloutCall| call.call_id.as_deref() == id && call.output.is_none();
                if let Some(call) = self.calls.iter_mut().rfind(waits) {
                    call.output = Some(call::output_text(line));
                }
            }
            _ => {
                if let Some(call) = RolloutCall::read(line) {
                    self.meter.model_spoke();
                    self.calls.push(call);
                }
            }
        }
    }

    fn observe_event(&mut self, line: &RolloutLine) {
        match line.payload_kind() {
            "task_started" | "turn_started" => {
                self.task_events = TaskEvents::Seen;
                self.begin_turn(line.owned("turn_id"));
            }
            "user_message" if self.task_events == TaskEvents::NotSeen => self.begin_turn(None),
            "token_count" => {
                self.meter.count(line);
                self.note_usage();
            }
            "task_complete" | "turn_complete" => {
                let message = line.owned("last_agent_message");
                let turn = self.end_turn(line, RolloutEnd::Completed);
                turn.last_agent_message = message.or(turn.last_agent_message.take());
            }
            "turn_aborted" => {
                self.end_turn(line, RolloutEnd::Aborted { reason: line.owned("reason") });
            }
            "item_completed" => self.note_item(line),
            "entered_review_mode" | "exited_review_mode" | "context_compacted" => {
                self.items.is_incomplete = true;
            }
            _ => {}
        }
    }

    fn begin_turn(&mut self, id: Option<String>) {
        self.meter.begin_turn();
        self.turns.push(RolloutTurn { id, ..RolloutTurn::default() });
    }

    fn end_turn(&mut self, line: &RolloutLine, end: RolloutEnd) -> &mut RolloutTurn {
        let turn = self.current_turn();
        turn.end = Some(end);
        turn.duration = line.payload.get("duration_ms").and_then(Value::as_u64).map(Duration::from_millis);
        turn
    }

    /// The last turn; a part of a file may begin in the middle of one.
    fn current_turn(&mut self) -> &mut RolloutTurn {
        if self.turns.is_empty() {
            self.turns.push(RolloutTurn::default());
        }
        self.turns.last_mut().expect("there is a turn, one was just added if there was none")
    }

    fn note_usage(&mut self) {
        let usage = self.meter.turn().and_then(Usage::known);
        self.current_turn().usage = usage;
    }

    fn note_item(&mut self, line: &RolloutLine) {
        let Some(item) = line.payload.get("item") else { return };
        let text = |key: &str| item.get(key).and_then(Value::as_str);
        let (Some(id), Some(kind)) = (text("id"), text("type")) else { return };
        match kind {
            "UserMessage" => self.items.has_beginning = true,
            "EnteredReviewMode" | "ExitedReviewMode" | "ContextCompaction" => self.items.is_incomplete = true,
            collab if collab.starts_with("Collab") => self.items.is_incomplete = true,
            _ => self.items.noted.extend(Noted::read(item)),
        }
        if unseen::is_shown(kind)
            && let Some(call) = self.calls.iter_mut().rfind(|call| call.call_id.as_deref() == Some(id))
        {
            call.noted = true;
        }
    }

    /// What the file says about the thread, if its beginning was read.
    pub fn session(&self) -> Option<&RolloutSession> {
        self.session.as_ref()
    }

    /// The turns in the order of the file.
    pub fn turns(&self) -> &[RolloutTurn] {
        &self.turns
    }

    /// The calls of tools in the order of the file.
    pub fn calls(&self) -> &[RolloutCall] {
        &self.calls
    }

    /// What the last turn alone used.
    pub fn turn_usage(&self) -> Option<Usage> {
        self.turns.last()?.usage
    }

    /// What the thread has used in all; in 0.44 and 0.45, what its last process has.
    pub fn thread_usage(&self) -> Option<Usage> {
        self.meter.thread().and_then(Usage::known)
    }

    /// The last message of the agent in the last turn.
    pub fn last_agent_message(&self) -> Option<&str> {
        self.turns.last()?.last_agent_message.as_deref()
    }

    /// How the last turn ended.
    pub fn end(&self) -> Option<&RolloutEnd> {
        self.turns.last()?.end.as_ref()
    }

    /// How many lines there were.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// How many of the lines could not be read.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// The calls for which the stream has no item: refused ones, ones that the sandbox denied, patches that
    /// do not apply, tools that the stream never shows.
    ///
    /// Both sides must be of the same turn. The two have no ids in common, so that calls and items are
    /// matched by what they do, which is a good guess and no proof. [Scripts](RolloutCall::is_script) are
    /// never counted as unseen.
    pub fn unseen_calls(&self, stream: &TurnSummary) -> Vec<&RolloutCall> {
        unseen::unseen_calls(&self.calls, stream)
    }

    /// The messages, commands, patches and calls of MCP tools in the stream that this rollout does not have, and
    /// a `turn.completed` that it does not confirm.
    ///
    /// Both sides must be of the same turn. `None` if the two cannot be compared: the release does not note its
    /// items (0.142 and before), the beginning of the turn or any line is missing, the turn was killed, or it
    /// was a review, used other agents or compacted its history.
    ///
    /// # Limits
    ///
    /// An agent that can write into the pipe of its Codex can write into the rollout as well: what is named here
    /// is forged, and what is not named is not proved. Reasoning, plans, web searches, warnings, commands
    /// that were declined and the output of commands are not compared.
    ///
    /// ```
    /// use codex_protocol::{EventLine, RolloutSummary, TurnSummary};
    ///
    /// let mut rollout = RolloutSummary::new();
    /// rollout.observe(br#"{"type":"event_msg","payload":{"type":"item_completed","item":{"type":"UserMessage","id":"u"}}}"#);
    /// rollout.observe(br#"{"type":"event_msg","payload":{"type":"task_complete"}}"#);
    /// let mut stream = TurnSummary::new();
    /// let line = br#"{"type":"item.completed","item":{"id":"x","type":"agent_message","text":"fine"}}"#;
    /// stream.observe(&EventLine::new(1, &line[..]));
    /// let unconfirmed = rollout.unconfirmed(&stream).unwrap();
    /// assert_eq!(unconfirmed.names(), [r#"agent_message "fine""#]);
    /// ```
    pub fn unconfirmed(&self, stream: &TurnSummary) -> Option<Unconfirmed> {
        let has_ended = self.end().is_some() || stream.terminal().is_some();
        let is_whole = self.items.has_beginning && !self.items.is_incomplete && self.unreadable == 0;
        let alone = !self.calls.iter().any(unseen::is_collab);
        (has_ended && is_whole && alone)
            .then(|| unconfirmed::unconfirmed(&self.items.noted, self.end(), stream))
    }
}

/// One object with the keys `session`, `turns`, `calls`, `threadUsage`, `lines` and `unreadable`.
impl Serialize for RolloutSummary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("RolloutSummary", 6)?;
        object.serialize_field("session", &self.session)?;
        object.serialize_field("turns", &self.turns)?;
        object.serialize_field("calls", &self.calls)?;
        object.serialize_field("threadUsage", &self.thread_usage())?;
        object.serialize_field("lines", &self.lines)?;
        object.serialize_field("unreadable", &self.unreadable)?;
        object.end()
    }
}

fn message_text(line: &RolloutLine) -> String {
    let parts = line.payload.get("content").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    parts.iter().filter_map(|part| part.get("text")?.as_str()).collect::<Vec<_>>().concat()
}
