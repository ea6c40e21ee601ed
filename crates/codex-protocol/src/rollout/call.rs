//! [`RolloutCall`]: a call of a tool, as the thread's file has it.

use serde::Serialize;
use serde_json::Value;

use super::line::RolloutLine;

/// A call of a tool that the model made, whether the stream shows it or not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RolloutCall {
    /// The model's id of the call.
    pub call_id: Option<String>,
    /// The tool, such as `exec_command` or `mcp__server__tool`.
    pub name: String,
    /// What it was called with, as the model wrote it: JSON, or for some tools any text.
    pub arguments: String,
    /// What the model was told; `None` if the turn ended before the tool did.
    pub output: Option<String>,
    /// Whether Codex itself noted a completed item under the id of this call.
    #[serde(skip)]
    pub(super) noted: bool,
}

impl RolloutCall {
    /// Reads a `response_item` that is a call.
    pub(super) fn read(line: &RolloutLine) -> Option<Self> {
        let (name, arguments) = match line.payload_kind() {
            "function_call" => (qualified_name(line), line.owned("arguments").unwrap_or_default()),
            "custom_tool_call" => (qualified_name(line), line.owned("input").unwrap_or_default()),
            "local_shell_call" => (
                "local_shell".to_owned(),
                line.payload.get("action").map(Value::to_string).unwrap_or_default(),
            ),
            _ => return None,
        };
        Some(Self { call_id: line.owned("call_id"), name, arguments, output: None, noted: false })
    }

    /// Whether this is a script that calls tools, which is how most models since 0.169 work, or the wait for
    /// one.
    ///
    /// What a script called has items of its own in the stream, as far as it has any; the file does not list
    /// it.
    pub fn is_script(&self) -> bool {
        match self.name.as_str() {
            "exec" => true,
            "wait" => self.argument("cell_id").is_some(),
            _ => false,
        }
    }

    /// One of the arguments, if they are a JSON object that has it.
    pub(super) fn argument(&self, key: &str) -> Option<Value> {
        let mut arguments: Value = serde_json::from_str(&self.arguments).ok()?;
        Some(arguments.get_mut(key)?.take())
    }
}

/// The text of a `function_call_output` or `custom_tool_call_output`, which may be in several parts.
pub(super) fn output_text(line: &RolloutLine) -> String {
    match line.payload.get("output") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            parts.iter().filter_map(|part| part.get("text")?.as_str()).collect::<Vec<_>>().concat()
        }
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

fn qualified_name(line: &RolloutLine) -> String {
    let name = line.text("name").unwrap_or_default();
    match line.text("namespace") {
        Some(namespace) => format!("{}__{name}", namespace.trim_end_matches("__")),
        None => name.to_owned(),
    }
}
