//! What an item is and how it ended, in a few words each.

use std::path::Path;

use codex_protocol::{CommandExecution, FileChange, ItemDetails, McpToolCall, ThreadItem, TodoList};

use crate::texts::markdown::one_line;

/// How many characters of a text stand in the timeline.
const TEXT_LIMIT_LETTERS: usize = 160;

/// Puts a text on one line, cut.
pub(super) fn cut(text: &str) -> String {
    // A long text is cut before it is looked at, since nobody sees the rest.
    let head: String = text.chars().take(4 * TEXT_LIMIT_LETTERS).collect();
    let line = one_line(&head);
    let mut letters = line.chars();
    let kept: String = letters.by_ref().take(TEXT_LIMIT_LETTERS).collect();
    if letters.next().is_some() || head.len() < text.len() { format!("{kept}...") } else { kept }
}

pub(super) fn what(item: &ThreadItem, project: Option<&Path>) -> String {
    match &item.details {
        ItemDetails::AgentMessage(message) => format!("message, {} bytes", message.text.len()),
        ItemDetails::Reasoning(_) => "reasoning summary".to_owned(),
        ItemDetails::CommandExecution(command) => format!("command {}", cut(&command.command)),
        ItemDetails::FileChange(change) => format!("patch of {}", files(change, project)),
        ItemDetails::McpToolCall(call) => format!("tool {}", cut(&format!("{}.{}", call.server, call.tool))),
        ItemDetails::WebSearch(search) => format!("web search {}", cut(&search.query)).trim_end().to_owned(),
        ItemDetails::TodoList(_) => "plan".to_owned(),
        ItemDetails::CollabToolCall(call) => format!("agents {}", cut(call.tool.as_str())),
        ItemDetails::Error(_) => "warning".to_owned(),
        ItemDetails::Unknown(_) | _ => format!("unknown item {}", cut(item.name())),
    }
}

pub(super) fn result(item: &ThreadItem) -> String {
    match &item.details {
        ItemDetails::AgentMessage(message) => cut(&message.text),
        ItemDetails::Reasoning(reasoning) => cut(&reasoning.text),
        ItemDetails::CommandExecution(command) => command_result(command),
        ItemDetails::FileChange(change) => cut(change.status.as_str()),
        ItemDetails::McpToolCall(call) => call_result(call),
        ItemDetails::TodoList(plan) => steps(plan),
        ItemDetails::CollabToolCall(call) => cut(call.status.as_str()),
        ItemDetails::Error(error) => cut(&error.message),
        // None of these says how it went.
        ItemDetails::WebSearch(_) | ItemDetails::Unknown(_) | _ => String::new(),
    }
}

fn command_result(command: &CommandExecution) -> String {
    match command.exit_code {
        Some(code) => format!("exit code {code}, {} bytes of output", command.aggregated_output.len()),
        None => cut(command.status.as_str()),
    }
}

fn call_result(call: &McpToolCall) -> String {
    let status = cut(call.status.as_str());
    call.error.as_ref().map_or_else(|| status.clone(), |error| format!("{status}, {}", cut(&error.message)))
}

/// Files of the project are named as they are named there.
fn files(change: &FileChange, project: Option<&Path>) -> String {
    let named: Vec<String> = change
        .changes
        .iter()
        .take(5)
        .map(|update| {
            let inside =
                project.and_then(|project| Path::new(&update.path).strip_prefix(project).ok()?.to_str());
            let path = inside.filter(|path| !path.is_empty()).unwrap_or(&update.path);
            format!("{} ({})", cut(path), cut(update.kind.as_str()))
        })
        .collect();
    let more = change.changes.len().saturating_sub(named.len());
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", named.join(", "))
}

fn steps(plan: &TodoList) -> String {
    let done = plan.items.iter().filter(|step| step.completed).count();
    format!("{done} of {} steps done", plan.items.len())
}
