//! [`ThreadEvent`]: what a line says.

mod wire;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::thread_id::ThreadId;
use crate::thread_item::ThreadItem;
use crate::usage::Usage;

/// Says what happened, as one line of `codex exec --json` reports it.
///
/// Serialised, an event has the shape and the order of keys of the line it came from.
///
/// ```
/// use codex_protocol::{EventLine, ItemDetails, ItemPhase, ThreadEvent};
///
/// let line = br#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"hi"}}"#;
/// let line = EventLine::new(3, *line);
/// let Some((ItemPhase::Completed, item)) = line.event()?.item() else { panic!("an item is completed") };
/// let ItemDetails::AgentMessage(message) = &item.details else { panic!("it is a message") };
/// assert_eq!(message.text, "hi");
/// # Ok::<(), codex_protocol::DecodeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ThreadEvent {
    /// The thread is open; the first line, if there is any.
    ThreadStarted(ThreadStarted),
    /// The turn has begun.
    TurnStarted(TurnStarted),
    /// The turn is done; the last line.
    TurnCompleted(TurnCompleted),
    /// The turn has failed; the last line.
    TurnFailed(TurnFailed),
    /// An item has begun.
    ItemStarted(ThreadItem),
    /// An item has changed; only ever seen for the list of things to do.
    ItemUpdated(ThreadItem),
    /// An item is done, whether it succeeded or not.
    ItemCompleted(ThreadItem),
    /// Something went wrong that Codex may well recover from; not the end of the turn.
    Error(ErrorEvent),
    /// An event that this version does not know.
    Unknown(UnknownEvent),
}

impl ThreadEvent {
    /// The item that the event is about, and what happened to it.
    pub fn item(&self) -> Option<(ItemPhase, &ThreadItem)> {
        match self {
            Self::ItemStarted(item) => Some((ItemPhase::Started, item)),
            Self::ItemUpdated(item) => Some((ItemPhase::Updated, item)),
            Self::ItemCompleted(item) => Some((ItemPhase::Completed, item)),
            Self::ThreadStarted(_)
            | Self::TurnStarted(_)
            | Self::TurnCompleted(_)
            | Self::TurnFailed(_)
            | Self::Error(_)
            | Self::Unknown(_) => None,
        }
    }

    /// The type of the event as the line spells it, such as `turn.started`.
    pub fn name(&self) -> &str {
        match self {
            Self::ThreadStarted(_) => "thread.started",
            Self::TurnStarted(_) => "turn.started",
            Self::TurnCompleted(_) => "turn.completed",
            Self::TurnFailed(_) => "turn.failed",
            Self::ItemStarted(_) => "item.started",
            Self::ItemUpdated(_) => "item.updated",
            Self::ItemCompleted(_) => "item.completed",
            Self::Error(_) => "error",
            Self::Unknown(unknown) => &unknown.name,
        }
    }

    /// Whether the event ends the turn.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::TurnCompleted(_) | Self::TurnFailed(_))
    }
}

/// Says what happened to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ItemPhase {
    /// It has begun.
    Started,
    /// It has changed.
    Updated,
    /// It is done.
    Completed,
}

/// Opens the thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ThreadStarted {
    /// The id of the thread, new or resumed.
    pub thread_id: ThreadId,
}

/// Begins the turn.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TurnStarted {}

/// Ends a turn that came to its end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TurnCompleted {
    /// What was used, as printed: see [`Usage`] for what it covers.
    ///
    /// `None` also where one of the numbers that every release prints is missing or null: the turn has completed all the same, and
    /// what it used is unknown.
    #[serde(default, deserialize_with = "Usage::read_if_complete", skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

/// Ends a turn that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TurnFailed {
    /// Why it failed.
    pub error: ErrorMessage,
}

/// Says why a turn failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ErrorMessage {
    /// Prose; [`FailureKind::classify`](crate::FailureKind::classify) reads it.
    pub message: String,
}

/// Reports a difficulty, such as a connection that is tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ErrorEvent {
    /// Prose; the same as that of the `turn.failed` that may follow.
    pub message: String,
}

/// Keeps an event that this version does not know.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct UnknownEvent {
    /// Its type.
    pub name: String,
    /// Its keys other than `type`.
    pub payload: Map<String, Value>,
}
