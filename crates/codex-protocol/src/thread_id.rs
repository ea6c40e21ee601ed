//! [`ThreadId`]: the name of a conversation.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Names a thread, the conversation that turns belong to.
///
/// Codex names threads by UUIDs. A text that a person or a program passes *in* is checked by
/// [`parse`](Self::parse), because Codex takes anything that is no UUID for a thread's *name* and silently
/// starts a new thread if there is none. A text that Codex prints is kept as it is.
///
/// ```
/// use codex_protocol::ThreadId;
///
/// let id = ThreadId::parse("0199A213-81C0-7800-8AA1-BBAB2A035A53")?;
/// assert_eq!(id.as_str(), "0199a213-81c0-7800-8aa1-bbab2a035a53");
/// assert!(ThreadId::parse("yesterday's thread").is_err());
/// # Ok::<(), codex_protocol::InvalidThreadId>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ThreadId(String);

impl ThreadId {
    /// Checks that `text` is a UUID and keeps it in lower case, which is how Codex prints it.
    ///
    /// # Errors
    ///
    /// The text is not 32 hexadecimal digits in the groups 8-4-4-4-12.
    pub fn parse(text: impl AsRef<str>) -> Result<Self, InvalidThreadId> {
        let text = text.as_ref();
        if is_uuid(text) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(InvalidThreadId { text: text.to_owned() })
        }
    }

    /// Keeps what Codex printed, whether it is a UUID or not.
    pub fn from_wire(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the text is a UUID; always so after [`parse`](Self::parse).
    pub fn is_uuid(&self) -> bool {
        is_uuid(&self.0)
    }
}

impl fmt::Display for ThreadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for ThreadId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for ThreadId {
    type Err = InvalidThreadId;

    fn from_str(text: &str) -> Result<Self, InvalidThreadId> {
        Self::parse(text)
    }
}

/// Says that a text names no thread, because it is not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a thread id, which is a UUID like 0199a213-81c0-7800-8aa1-bbab2a035a53")]
#[non_exhaustive]
pub struct InvalidThreadId {
    /// The text that was refused.
    pub text: String,
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::plain("0199a213-81c0-7800-8aa1-bbab2a035a53", true)]
    #[case::empty("", false)]
    #[case::short("0199a213-81c0-7800-8aa1-bbab2a035a5", false)]
    #[case::long("0199a213-81c0-7800-8aa1-bbab2a035a530", false)]
    #[case::no_hyphens("0199a21381c078008aa1bbab2a035a530000", false)]
    #[case::not_hexadecimal("0199a213-81c0-7800-8aa1-bbab2a035a5g", false)]
    #[case::braces("{199a213-81c0-7800-8aa1-bbab2a035a5}", false)]
    #[case::several_bytes_per_character("é99a213-81c0-7800-8aa1-bbab2a035a53", false)]
    fn only_a_uuid_is_a_thread_id(#[case] text: &str, #[case] valid: bool) {
        assert_eq!(ThreadId::parse(text).is_ok(), valid);
        assert_eq!(ThreadId::from_wire(text).is_uuid(), valid);
    }

    #[test]
    fn the_wire_is_kept_as_it_is() {
        let id: ThreadId = serde_json::from_str("\"No UUID\"").unwrap();
        assert_eq!(id, ThreadId::from_wire("No UUID"));
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"No UUID\"");
    }

    #[test]
    fn a_refusal_names_the_text() {
        let error = "last".parse::<ThreadId>().unwrap_err();
        assert!(error.to_string().starts_with("`last` is not a thread id"), "{error}");
    }
}
