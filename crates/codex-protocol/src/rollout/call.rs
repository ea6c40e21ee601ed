//! [`RolloutCall`]: a call of a tool, as the thread's file has it.

use serde::Serialize;

/// A call of a tool that the model made, whether the stream shows it or not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RolloutCall {
    /// The model's name for the call.
    pub call_id: Option<String>,
    /// The tool, such as `exec_command`.
    pub name: String,
    /// What it was called with, as the model wrote it: mostly JSON, for some tools a text.
    pub arguments: String,
    /// What the model was told; `None` if the turn ended before the tool did.
    pub output: Option<String>,
}
