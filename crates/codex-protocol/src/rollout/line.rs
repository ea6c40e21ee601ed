//! [`RolloutLine`]: one line of a rollout file.

use serde::Deserialize;
use serde_json::Value;

/// Holds one line of a rollout file, as far as every release agrees on its shape.
///
/// ```
/// use codex_protocol::RolloutLine;
///
/// let line =
/// br#"{"timestamp":"2026-11-21T00:10:38.928Z","type":"event_msg","payload":{"type":"task_started"}}"#; let
/// line = RolloutLine::parse(line).unwrap(); assert_eq!((line.kind.as_str(), &line.payload["type"]),
/// ("event_msg", &"task_started".into())); assert_eq!(RolloutLine::parse(br#"{"timestamp":"2026-"#), None,
/// "half a line, which a kill left");
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct RolloutLine {
    /// When it was written, in Codex's own spelling of the time.
    #[serde(default)]
    pub timestamp: Option<String>,
    /// Its place in the file; not written by 0.142 and before.
    #[serde(default)]
    pub ordinal: Option<u64>,
    /// What it is, such as `response_item`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it says, which differs between releases.
    #[serde(default)]
    pub payload: Value,
}

impl RolloutLine {
    /// Reads a line; `None` if it is not a JSON object with a type.
    pub fn parse(raw: &[u8]) -> Option<Self> {
        serde_json::from_slice(raw).ok()
    }

    /// The type of the payload, such as `function_call`; empty if it has none.
    pub(super) fn payload_kind(&self) -> &str {
        self.text("type").unwrap_or_default()
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.payload.get(key)?.as_str()
    }

    pub(super) fn owned(&self, key: &str) -> Option<String> {
        self.text(key).map(str::to_owned)
    }
}
