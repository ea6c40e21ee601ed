//! [`Boundary`]: the one question that a supervisor asks of a line.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::decode::{EventName, TagKey};
use crate::thread_event::ThreadEvent;
use crate::thread_id::ThreadId;

/// Says whether a line opens the thread, ends the turn, or neither.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a line opens, ends or does neither")]
pub enum Boundary {
    /// The thread has this id.
    ThreadStarted(ThreadId),
    /// The turn completed or failed.
    TurnEnded,
    /// Anything else, lines included that cannot be decoded.
    Within,
}

impl Boundary {
    pub(crate) fn of(event: &ThreadEvent) -> Self {
        match event {
            ThreadEvent::ThreadStarted(started) => Self::ThreadStarted(started.thread_id.clone()),
            ThreadEvent::TurnCompleted(_) | ThreadEvent::TurnFailed(_) => Self::TurnEnded,
            ThreadEvent::TurnStarted(_)
            | ThreadEvent::ItemStarted(_)
            | ThreadEvent::ItemUpdated(_)
            | ThreadEvent::ItemCompleted(_)
            | ThreadEvent::Error(_)
            | ThreadEvent::Unknown(_) => Self::Within,
        }
    }
}

/// Whether the line may be a boundary: of a line as Codex prints it, no byte is looked at beyond its type.
pub(crate) fn is_possible(raw: &[u8]) -> bool {
    let Some(rest) = raw.strip_prefix(b"{\"type\":\"") else { return is_possible_in_any_spelling(raw) };
    match rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
        Some(end) if rest[end] == b'"' => {
            matches!(&rest[..end], b"thread.started" | b"turn.completed" | b"turn.failed")
        }
        Some(_) => is_possible_in_any_spelling(raw),
        None => false,
    }
}

fn is_possible_in_any_spelling(raw: &[u8]) -> bool {
    let mut name = None;
    let mut json = serde_json::Deserializer::from_slice(raw);
    // Reading stops at the type, which the reader takes for an error; only the name that it left matters.
    let _ = json.deserialize_map(FirstType(&mut name));
    matches!(name, Some(EventName::ThreadStarted | EventName::TurnCompleted | EventName::TurnFailed))
}

struct FirstType<'a>(&'a mut Option<EventName>);

impl<'de> Visitor<'de> for FirstType<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key()? {
            if let TagKey::Type = key {
                *self.0 = Some(map.next_value()?);
                return Ok(());
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}
