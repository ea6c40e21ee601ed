//! [`RolloutLine`]: one line of a rollout file.

use serde::Deserialize;
use serde_json::Value;

/// Holds one line of a rollout file, as far as every release agrees on its shape.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct RolloutLine {
    /// When it was written, in Codex's own spelling of the time.
    #[serde(default)]
    pub timestamp: Option<String>,
    /// Its place in the file; not written by older releases.
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
    /// Reads a line; `None` if it is not a JSON object with a type, such as the half of a line that a kill left.
    pub fn parse(raw: &[u8]) -> Option<Self> {
        serde_json::from_slice(raw).ok()
    }

    /// The type of the payload, such as `function_call`; empty if it has none.
    pub(crate) fn payload_kind(&self) -> &str {
        self.text("type").unwrap_or("")
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.payload.get(key)?.as_str()
    }
}
