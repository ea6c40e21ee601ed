//! [`DecodeError`]: why a line is not an event.

/// Says why a line could not be decoded; the raw line is kept beside it.
///
/// An event, item or status that this version does not know is none of these: it decodes to an `Unknown`
/// variant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes are not UTF-8.
    #[error("the line is not UTF-8 from byte {valid_bytes} on")]
    #[non_exhaustive]
    NotUtf8 {
        /// How many bytes at the start are valid.
        valid_bytes: usize,
    },
    /// The text is not one JSON value, or one that is nested too deeply or has a number out of range.
    #[error("the line is not JSON at column {column}: {reason}")]
    #[non_exhaustive]
    NotJson {
        /// The byte at which it stops being JSON, counted from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// The JSON is no object with a string under the key `type`.
    #[error("the line has no event type")]
    NoType,
    /// The type of the event, and of the item in it, is known, but a field of it is not as expected.
    #[error("the field `{field}` of {event}{} is broken: {reason}", in_item(item.as_deref()))]
    #[non_exhaustive]
    Broken {
        /// The type of the event, such as `item.completed`.
        event: String,
        /// The type of the item in the event, where there is one.
        item: Option<String>,
        /// The path to the field, from the event on, such as `item.changes.0.path`.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The line is longer than its reader allows.
    #[error("the line has {original_bytes} bytes, of which the first {kept_bytes} are kept")]
    #[non_exhaustive]
    TooLong {
        /// How many of its first bytes are kept.
        kept_bytes: usize,
        /// How many bytes it had.
        original_bytes: u64,
    },
}

fn in_item(item: Option<&str>) -> String {
    item.map(|item| format!(" ({item})")).unwrap_or_default()
}

/// Lets `line.event()?` hand the error on to the caller.
impl From<&DecodeError> for DecodeError {
    fn from(error: &DecodeError) -> Self {
        error.clone()
    }
}
