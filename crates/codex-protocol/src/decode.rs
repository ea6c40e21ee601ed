//! [`decode`]: from the bytes of a line to an event, in one pass.
//!
//! A line as Codex prints it goes straight from the text into the structs: `type` is the first key, and what
//! follows it is handed to the type's payload; those that there are most of are read without `serde_json`, by
//! [`plain`]. [`Node`] serves the two rare cases: keys in another order, and saying exactly which field of a
//! broken line is wrong.

mod fault;
mod node;
mod plain;
mod tagged;

use serde::Deserialize;
use serde_json::error::Category;

use crate::decode_error::DecodeError;
use crate::thread_event::ThreadEvent;

pub(crate) use node::Node;
pub(crate) use tagged::{OtherKeys, TagKey, Tagged, TaggedVisitor};

use crate::open_words::open_words;

open_words! {
    pub(crate) enum EventName: "an event type" {
        ThreadStarted = "thread.started",
        TurnStarted = "turn.started",
        TurnCompleted = "turn.completed",
        TurnFailed = "turn.failed",
        ItemStarted = "item.started",
        ItemUpdated = "item.updated",
        ItemCompleted = "item.completed",
        Error = "error",
    }
}

/// Reads one line.
pub(crate) fn decode(raw: &[u8]) -> Result<ThreadEvent, DecodeError> {
    let text = match str::from_utf8(raw) {
        Ok(text) => text,
        Err(error) => return Err(DecodeError::NotUtf8 { valid_bytes: error.valid_up_to() }),
    };
    match plain::decode_plain(text) {
        Some(event) => Ok(event),
        None => serde_json::from_str(text).or_else(|error| explain(text, &error)),
    }
}

/// Reads the line again, slowly, to say what is wrong with it.
#[cold]
fn explain(text: &str, error: &serde_json::Error) -> Result<ThreadEvent, DecodeError> {
    if error.classify() != Category::Data {
        return Err(not_json(error));
    }
    let node: Node = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    let Some(event) = node.text_at("type").map(str::to_owned) else { return Err(DecodeError::NoType) };
    let item = node.at("item").and_then(|item| item.text_at("type")).map(str::to_owned);
    ThreadEvent::deserialize(node).map_err(|fault| {
        let (field, reason) = fault.into_parts();
        DecodeError::Broken { event, item, field, reason }
    })
}

fn not_json(error: &serde_json::Error) -> DecodeError {
    let text = error.to_string();
    let reason = text.rsplit_once(" at line ").map_or(&*text, |(reason, _)| reason);
    DecodeError::NotJson { column: error.column(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests;
