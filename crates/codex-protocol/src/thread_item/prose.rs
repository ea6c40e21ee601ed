//! The items that are nothing but a text: [`AgentMessage`], [`Reasoning`], [`ErrorItem`].

use serde::{Deserialize, Serialize};

/// Something that the agent said, complete.
///
/// A turn can have none, one or several; its answer is the last one. The text can be empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AgentMessage {
    /// What it said.
    pub text: String,
}

/// A summary of what the agent thought; the thoughts themselves are never printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reasoning {
    /// The parts of the summary, one per line.
    pub text: String,
}

/// A warning of Codex's own, such as one about its configuration; it can be there twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ErrorItem {
    /// What it warns of.
    pub message: String,
}
