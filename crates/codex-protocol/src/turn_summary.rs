//! [`TurnSummary`]: the one fold of a turn.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::brief::Brief;
use crate::event_line::EventLine;
use crate::item_id::ItemId;
use crate::notice::{Notice, NoticeSource};
use crate::thread_event::{ItemPhase, ThreadEvent};
use crate::thread_id::ThreadId;
use crate::thread_item::{ItemDetails, ThreadItem};
use crate::usage::Usage;

/// Folds the lines of one turn, that is of one Codex process, into what they come to.
///
/// The first `turn.completed` or `turn.failed` decides: lines that follow it are counted and change nothing
/// else. Items are kept whole, so that the summary grows with the turn.
///
/// Serialised it is one object with camelCase keys: `threadId`, `turnStarted`, `items` (the items as Codex
/// spells them), `openItems` (ids), `finalResponse`, `usage` (as Codex spells it), `notices`, `terminal`,
/// `lines`, `undecodable`, `unknown` and `linesAfterTerminal`.
///
/// ```
/// use codex_protocol::{EventLine, TurnSummary};
///
/// let stream = r#"{"type":"thread.started","thread_id":"0199a213-81c0-7800-8aa1-bbab2a035a53"}
/// {"type":"turn.started"}
/// {"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"done"}}
/// {"type":"turn.completed","usage":{"input_tokens":9,"cached_input_tokens":0,"output_tokens":1}}"#;
///
/// let mut summary = TurnSummary::new();
/// for (number, line) in (1..).zip(stream.lines()) {
///     summary.observe(&EventLine::new(number, line.trim().as_bytes()));
/// }
/// assert_eq!(summary.final_response(), Some("done"));
/// assert_eq!(summary.usage().map(|usage| usage.total()), Some(10));
/// assert_eq!((summary.lines(), summary.undecodable()), (4, 0));
/// ```
#[derive(Clone, Default)]
pub struct TurnSummary {
    thread_id: Option<ThreadId>,
    turn_started: bool,
    items: Vec<ThreadItem>,
    phases: Vec<ItemPhase>,
    index: HashMap<ItemId, usize>,
    /// Completed states of items that a later line of the same id replaced, which Codex does not do.
    replaced: Vec<ThreadItem>,
    last_message: Option<usize>,
    notices: Vec<Notice>,
    terminal: Option<Terminal>,
    lines: u64,
    undecodable: u64,
    unknown: u64,
    lines_after_terminal: u64,
}

/// Says how a turn ended in Codex's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "camelCase")]
#[non_exhaustive]
pub enum Terminal {
    /// `turn.completed` came.
    #[non_exhaustive]
    Completed {
        /// What was used, as printed.
        usage: Option<Usage>,
    },
    /// `turn.failed` came.
    #[non_exhaustive]
    Failed {
        /// Why, in prose.
        message: String,
    },
    /// Codex said that the turn was interrupted; `codex exec` has no line for that.
    Interrupted,
}

impl TurnSummary {
    /// The summary of no lines.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next line.
    pub fn observe(&mut self, line: &EventLine) {
        self.lines += 1;
        let event = line.event().ok();
        match event {
            None => self.undecodable += 1,
            Some(ThreadEvent::Unknown(_)) => self.unknown += 1,
            Some(event) => self.unknown += u64::from(event.item().is_some_and(|(_, item)| !item.is_known())),
        }
        if self.terminal.is_some() {
            self.lines_after_terminal += 1;
        } else if let Some(event) = event {
            self.fold(line.number(), event);
        }
    }

    fn fold(&mut self, line: u64, event: &ThreadEvent) {
        match event {
            ThreadEvent::ThreadStarted(started) => self.thread_id = Some(started.thread_id.clone()),
            ThreadEvent::TurnStarted(_) => {
                self.turn_started = true;
                self.last_message = None;
            }
            ThreadEvent::TurnCompleted(completed) => {
                self.terminal = Some(Terminal::Completed { usage: completed.usage });
            }
            ThreadEvent::TurnFailed(failed) => self.fail(&failed.error.message),
            ThreadEvent::ItemStarted(item) => self.keep(line, ItemPhase::Started, item),
            ThreadEvent::ItemUpdated(item) => self.keep(line, ItemPhase::Updated, item),
            ThreadEvent::ItemCompleted(item) => self.keep(line, ItemPhase::Completed, item),
            ThreadEvent::Error(error) => {
                self.notices.push(Notice::new(line, NoticeSource::Event, &error.message));
            }
            ThreadEvent::Unknown(_) => {}
        }
    }

    /// The last `error` before `turn.failed` says the same and is the failure, not a notice.
    fn fail(&mut self, message: &str) {
        self.notices.pop_if(|last| last.source == NoticeSource::Event && last.message == message);
        self.terminal = Some(Terminal::Failed { message: message.to_owned() });
    }

    fn keep(&mut self, line: u64, phase: ItemPhase, item: &ThreadItem) {
        if let ItemDetails::Error(warning) = &item.details {
            self.notices.push(Notice::new(line, NoticeSource::Item, &warning.message));
        }
        let at = if let Some(&at) = self.index.get(&item.id) {
            let before = std::mem::replace(&mut self.items[at], item.clone());
            if self.phases[at] == ItemPhase::Completed {
                self.replaced.push(before);
            }
            self.phases[at] = phase;
            at
        } else {
            self.index.insert(item.id.clone(), self.items.len());
            self.items.push(item.clone());
            self.phases.push(phase);
            self.items.len() - 1
        };
        if let ItemDetails::AgentMessage(_) = item.details {
            self.last_message = Some(at);
        }
    }

    /// The thread, once it is open.
    pub fn thread_id(&self) -> Option<&ThreadId> {
        self.thread_id.as_ref()
    }

    /// Whether `turn.started` came.
    pub fn turn_started(&self) -> bool {
        self.turn_started
    }

    /// The items in the order of their first appearance, each in its last state.
    pub fn items(&self) -> &[ThreadItem] {
        &self.items
    }

    /// The items with what happened to each last.
    pub fn item_states(&self) -> impl ExactSizeIterator<Item = (&ThreadItem, ItemPhase)> {
        self.items.iter().zip(self.phases.iter().copied())
    }

    /// The items that are more than started, every message of the agent, and what a later line replaced.
    pub(crate) fn finished_items(&self) -> impl Iterator<Item = &ThreadItem> {
        let is_finished = |(item, phase): &(&ThreadItem, ItemPhase)| {
            *phase != ItemPhase::Started || matches!(item.details, ItemDetails::AgentMessage(_))
        };
        self.replaced.iter().chain(self.item_states().filter(is_finished).map(|(item, _)| item))
    }

    /// The items that were started and not completed; at the end of a turn, these were cut off.
    pub fn open_items(&self) -> impl Iterator<Item = &ThreadItem> {
        self.item_states().filter(|(_, phase)| *phase != ItemPhase::Completed).map(|(item, _)| item)
    }

    /// The answer: the last message of the agent since the turn started.
    pub fn final_response(&self) -> Option<&str> {
        let ItemDetails::AgentMessage(message) = &self.items[self.last_message?].details else { return None };
        Some(&message.text)
    }

    /// What Codex reported as used, unless it is all zeros: see [`Usage`] for what it covers.
    pub fn usage(&self) -> Option<&Usage> {
        match &self.terminal {
            Some(Terminal::Completed { usage }) => usage.as_ref().filter(|usage| !usage.is_zero()),
            Some(Terminal::Failed { .. } | Terminal::Interrupted) | None => None,
        }
    }

    /// What Codex mentioned in passing, in the order of the lines.
    ///
    /// An `error` that `turn.failed` repeats right after is the failure itself and not among these.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// How the turn ended in Codex's own words, once it did.
    pub fn terminal(&self) -> Option<&Terminal> {
        self.terminal.as_ref()
    }

    /// How many lines there were.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// How many of the lines could not be decoded.
    pub fn undecodable(&self) -> u64 {
        self.undecodable
    }

    /// How many of the lines were about an event, item or status that this version does not know.
    pub fn unknown(&self) -> u64 {
        self.unknown
    }

    /// How many lines came after the one that ended the turn.
    pub fn lines_after_terminal(&self) -> u64 {
        self.lines_after_terminal
    }
}

/// Shows how much there is, and the beginning of what was said last.
impl fmt::Debug for TurnSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TurnSummary")
            .field("thread_id", &self.thread_id)
            .field("terminal", &Brief::new(&self.terminal, 300))
            .field("final_response", &Brief::new(&self.final_response(), 200))
            .field("items", &self.items.len())
            .field("last_item", &Brief::new(&self.items.last(), 300))
            .field("notices", &self.notices.len())
            .field("last_notice", &Brief::new(&self.notices.last(), 200))
            .field("lines", &self.lines)
            .field("undecodable", &self.undecodable)
            .field("unknown", &self.unknown)
            .field("lines_after_terminal", &self.lines_after_terminal)
            .finish_non_exhaustive()
    }
}

impl Serialize for TurnSummary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let open: Vec<&ItemId> = self.open_items().map(|item| &item.id).collect();
        let mut object = serializer.serialize_struct("TurnSummary", 12)?;
        object.serialize_field("threadId", &self.thread_id)?;
        object.serialize_field("turnStarted", &self.turn_started)?;
        object.serialize_field("items", &self.items)?;
        object.serialize_field("openItems", &open)?;
        object.serialize_field("finalResponse", &self.final_response())?;
        object.serialize_field("usage", &self.usage())?;
        object.serialize_field("notices", &self.notices)?;
        object.serialize_field("terminal", &self.terminal)?;
        object.serialize_field("lines", &self.lines)?;
        object.serialize_field("undecodable", &self.undecodable)?;
        object.serialize_field("unknown", &self.unknown)?;
        object.serialize_field("linesAfterTerminal", &self.lines_after_terminal)?;
        object.end()
    }
}

#[cfg(test)]
mod tests;
