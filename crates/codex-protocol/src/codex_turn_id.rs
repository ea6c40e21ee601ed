//! [`CodexTurnId`]: the name that Codex gives a turn.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Names a turn, as Codex does.
///
/// It is not called `TurnId`, because that is the number of a record in `codex-ledger`, and a record may hold
/// several of Codex's turns. Only Codex makes these ids, and what it prints is kept as it is. `codex exec`
/// prints none.
///
/// ```
/// use codex_protocol::CodexTurnId;
///
/// let id = CodexTurnId::from_wire("0199a213-9d3a-7f12-8a5c-6fd1f5c7e3b1");
/// assert_eq!(id.to_string(), id.as_str());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodexTurnId(String);

impl CodexTurnId {
    /// Keeps what Codex printed.
    pub fn from_wire(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CodexTurnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for CodexTurnId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
