//! [`McpToolCall`]: a call of a tool of an MCP server.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::open_words::open_words;

/// A call of a tool of an MCP server.
///
/// A tool that answers with its own error flag leaves `status` failed, a `result` and no `error`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct McpToolCall {
    /// The server's name in Codex's configuration.
    pub server: String,
    /// The tool's name.
    pub tool: String,
    /// What the tool was called with; not printed by 0.44 and 0.45.
    #[serde(default)]
    pub arguments: Option<Value>,
    /// What the tool answered.
    #[serde(default)]
    pub result: Option<McpToolResult>,
    /// Why there is no answer.
    #[serde(default)]
    pub error: Option<McpToolError>,
    /// How far it came.
    pub status: McpStatus,
}

/// What a tool of an MCP server answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct McpToolResult {
    /// The blocks of the answer as the server sent them; long ones are cut.
    #[serde(default)]
    pub content: Vec<Value>,
    /// What the server sent beside the answer, if anything.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Value>,
    /// The answer as data, if the server sent it as such.
    #[serde(default)]
    pub structured_content: Option<Value>,
}

/// Says why a call of a tool has no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct McpToolError {
    /// Prose.
    pub message: String,
}

open_words! {
    /// Says how far a call of a tool came.
    pub enum McpStatus: "a tool call's status" {
        /// The tool has been called.
        InProgress = "in_progress",
        /// The tool answered.
        Completed = "completed",
        /// The tool answered with an error, or not at all.
        Failed = "failed",
    }
}
