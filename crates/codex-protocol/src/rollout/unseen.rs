//! [`unseen_calls`]: the calls for which the stream has no item.

use std::path::Path;

use serde_json::Value;

use super::call::RolloutCall;
use super::shell_words;
use crate::thread_item::{CollabTool, FileChange, ItemDetails};
use crate::turn_summary::TurnSummary;

/// Whether an item of this kind in the file has an item in the stream as well.
pub(super) fn is_shown(kind: &str) -> bool {
    matches!(kind, "CommandExecution" | "FileChange" | "McpToolCall" | "WebSearch")
        || kind.starts_with("Collab")
}

/// Whether the call is of a tool for other agents.
pub(super) fn is_collab(call: &RolloutCall) -> bool {
    matches!(CallAction::of(call), CallAction::Collab(_)) && !call.is_script()
}

/// Matches each call with one item, those first that Codex itself has noted an item for.
///
/// Of two equal commands, of which the sandbox denied the first, the one item is then the second's.
pub(super) fn unseen_calls<'a>(calls: &'a [RolloutCall], stream: &TurnSummary) -> Vec<&'a RolloutCall> {
    let mut free: Vec<&ItemDetails> = stream.items().iter().map(|item| &item.details).collect();
    for call in calls.iter().filter(|call| call.noted) {
        take_item(call, &mut free);
    }
    let mut unseen = Vec::new();
    for call in calls.iter().filter(|call| !call.noted && !call.is_script()) {
        if !(needs_no_item(call) || take_item(call, &mut free)) {
            unseen.push(call);
        }
    }
    unseen
}

/// Looking at what a running command has printed is part of that command's item.
fn needs_no_item(call: &RolloutCall) -> bool {
    call.name == "write_stdin" && call.argument("chars").is_none_or(|chars| chars.as_str() == Some(""))
}

fn take_item(call: &RolloutCall, free: &mut Vec<&ItemDetails>) -> bool {
    let action = CallAction::of(call);
    let Some(at) = free.iter().position(|details| action.is_shown_by(details)) else { return false };
    // The plan is one item, however often it is changed.
    if !matches!(action, CallAction::Plan) {
        free.remove(at);
    }
    true
}

enum CallAction {
    Command(Vec<String>),
    Patch(Vec<String>),
    Plan,
    Collab(CollabTool),
    Mcp(String),
}

impl CallAction {
    fn of(call: &RolloutCall) -> Self {
        match without_agent_namespace(&call.name) {
            "exec_command" | "shell" | "shell_command" | "local_shell" | "container.exec" => {
                let words = command_words(call);
                match words.iter().find(|word| word.contains("*** Begin Patch")) {
                    Some(patch) => Self::Patch(patched_files(patch)),
                    None => Self::Command(words),
                }
            }
            "apply_patch" => {
                let patch = call.argument("input").and_then(|patch| patch.as_str().map(str::to_owned));
                Self::Patch(patched_files(patch.as_deref().unwrap_or(&call.arguments)))
            }
            "update_plan" => Self::Plan,
            "spawn_agent" => Self::Collab(CollabTool::SpawnAgent),
            "send_input" => Self::Collab(CollabTool::SendInput),
            "wait" | "wait_agent" | "resume_agent" => Self::Collab(CollabTool::Wait),
            "close_agent" => Self::Collab(CollabTool::CloseAgent),
            name => Self::Mcp(name.to_owned()),
        }
    }

    fn is_shown_by(&self, details: &ItemDetails) -> bool {
        match (self, details) {
            (Self::Command(words), ItemDetails::CommandExecution(item)) => is_command(words, &item.command),
            (Self::Patch(files), ItemDetails::FileChange(change)) => is_patch(files, change),
            (Self::Plan, ItemDetails::TodoList(_)) => true,
            (Self::Collab(tool), ItemDetails::CollabToolCall(call)) => *tool == call.tool,
            (Self::Mcp(name), ItemDetails::McpToolCall(call)) => {
                let expected = format!("{}__{}", identifier(&call.server), identifier(&call.tool));
                name.strip_prefix("mcp__").unwrap_or(name) == expected
            }
            _ => false,
        }
    }
}

/// The tools for other agents stand in a namespace of their own, such as `multi_agent_v1`.
fn without_agent_namespace(name: &str) -> &str {
    match name.split_once("__") {
        Some((namespace, tool)) if namespace.starts_with("multi_agent") => tool,
        _ => name,
    }
}

/// The words of a command, or one word that a shell is to read.
fn command_words(call: &RolloutCall) -> Vec<String> {
    match call.argument("cmd").or_else(|| call.argument("command")) {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn is_command(words: &[String], shown: &str) -> bool {
    match (words, shell_words::split(shown)) {
        ([text], Some(shown_words)) => shown_words.last() == Some(text) || shown == text,
        (words, Some(shown_words)) => !words.is_empty() && words == shown_words,
        ([text], None) => shown.ends_with(text.as_str()),
        (_, None) => false,
    }
}

fn patched_files(patch: &str) -> Vec<String> {
    let file = |line: &str| {
        ["*** Add File: ", "*** Update File: ", "*** Delete File: "]
            .iter()
            .find_map(|mark| line.strip_prefix(mark))
            .map(|file| file.trim().to_owned())
    };
    patch.lines().filter_map(file).collect()
}

fn is_patch(files: &[String], change: &FileChange) -> bool {
    let is_changed =
        |file: &String| change.changes.iter().any(|update| Path::new(&update.path).ends_with(file));
    !files.is_empty() && files.len() == change.changes.len() && files.iter().all(is_changed)
}

/// The name of a server or tool as Codex writes it in the name of a function.
fn identifier(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect()
}
