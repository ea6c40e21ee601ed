//! An item of a turn, as one line with its result, and as the label of what is running.

use std::path::Path;

use codex_protocol::{
    AgentState, ChangeKind, CollabStatus, CollabTool, CollabToolCall, CommandExecution, CommandStatus,
    FileChange, FileUpdate, ItemDetails, McpStatus, McpToolCall, PatchStatus, WebSearch, WebSearchAction,
};
use serde_json::Value;

use super::command_text::typed;
use super::line::{Line, Tone};

/// How an item ended.
#[derive(Clone, Copy)]
enum Glyph {
    Good,
    Bad,
    /// Neither, or unknown.
    Open,
}

impl Glyph {
    fn line(self, text: &str) -> Line {
        match self {
            Self::Good => Line::new(Tone::Good, "✓ ").and_long(text),
            Self::Bad => Line::new(Tone::Bad, "✗ ").and_long(text),
            Self::Open => Line::new(Tone::Dim, "• ").and_long(text),
        }
    }
}

/// The lines of an item that is over. Messages, plans and warnings are told by others.
pub(super) fn finished(details: &ItemDetails, root: &Path) -> Vec<Line> {
    match details {
        ItemDetails::CommandExecution(command) => vec![command_line(command)],
        ItemDetails::FileChange(change) => file_lines(change, root),
        ItemDetails::McpToolCall(call) => vec![mcp_line(call)],
        ItemDetails::WebSearch(search) => vec![Glyph::Good.line(&search_text(search, Tense::Past))],
        ItemDetails::CollabToolCall(call) => vec![collab_line(call)],
        ItemDetails::Reasoning(reasoning) => {
            let thought = first_line(&reasoning.text).unwrap_or_default();
            vec![Line::new(Tone::Dim, &format!("• thought: {}", thought.trim_matches('*')))]
        }
        ItemDetails::Unknown(unknown) => {
            vec![Line::new(Tone::Dim, &format!("• unknown item {}", unknown.name))]
        }
        ItemDetails::AgentMessage(_) | ItemDetails::TodoList(_) | ItemDetails::Error(_) | _ => Vec::new(),
    }
}

/// What is said of an item while it runs.
pub(super) fn running(details: &ItemDetails) -> Option<String> {
    match details {
        ItemDetails::CommandExecution(command) => Some(format!("$ {}", typed(&command.command))),
        ItemDetails::FileChange(_) => Some("applying a patch".to_owned()),
        ItemDetails::McpToolCall(call) => Some(format!("calling {}.{}", call.server, call.tool)),
        ItemDetails::WebSearch(search) => Some(search_text(search, Tense::Present)),
        ItemDetails::CollabToolCall(call) => Some(collab_text(&call.tool, Tense::Present).to_owned()),
        ItemDetails::AgentMessage(_)
        | ItemDetails::Reasoning(_)
        | ItemDetails::TodoList(_)
        | ItemDetails::Error(_)
        | ItemDetails::Unknown(_)
        | _ => None,
    }
}

/// The line of an item that was still running when the turn ended.
pub(super) fn cut_off(details: &ItemDetails) -> Option<Line> {
    let label = running(details)?;
    Some(Glyph::Open.line(&label).and(Tone::Warning, " → not finished when the turn ended"))
}

/// The first line of a text that is not blank.
pub(super) fn first_line(text: &str) -> Option<&str> {
    text.lines().map(str::trim).find(|line| !line.is_empty())
}

fn command_line(command: &CommandExecution) -> Line {
    let mark = match command.status {
        CommandStatus::Completed => Glyph::Good,
        CommandStatus::Failed | CommandStatus::Declined => Glyph::Bad,
        CommandStatus::InProgress | CommandStatus::Unknown(_) | _ => Glyph::Open,
    };
    let line = mark.line(&format!("$ {}", typed(&command.command)));
    let result = match (command.exit_code, &command.status) {
        (_, CommandStatus::Declined) => "not allowed".to_owned(),
        (Some(code), _) => format!("exit {code}"),
        (None, status) => status.to_string(),
    };
    let line = line.and(Tone::Dim, &format!(" → {result}"));
    match first_line(&command.aggregated_output) {
        Some(output) if command.status == CommandStatus::Failed => {
            line.and(Tone::Dim, &format!(": {output}"))
        }
        _ => line,
    }
}

fn file_lines(change: &FileChange, root: &Path) -> Vec<Line> {
    let (mark, note) = match &change.status {
        PatchStatus::Completed => (Glyph::Good, None),
        PatchStatus::Failed => (Glyph::Bad, Some("the patch failed; it may be applied in part".to_owned())),
        other @ (PatchStatus::InProgress | PatchStatus::Unknown(_) | _) => {
            (Glyph::Open, Some(other.to_string()))
        }
    };
    let line = |update: &FileUpdate| {
        let line = mark.line(&format!("{} {}", letter(&update.kind), below(&update.path, root)));
        note.iter().fold(line, |line, note| line.and(Tone::Dim, &format!(" → {note}")))
    };
    change.changes.iter().map(line).collect()
}

fn letter(kind: &ChangeKind) -> &str {
    match kind {
        ChangeKind::Add => "A",
        ChangeKind::Update => "M",
        ChangeKind::Delete => "D",
        ChangeKind::Unknown(word) => word,
        _ => "?",
    }
}

fn below<'a>(path: &'a str, root: &Path) -> &'a str {
    Path::new(path).strip_prefix(root).ok().and_then(Path::to_str).unwrap_or(path)
}

fn mcp_line(call: &McpToolCall) -> Line {
    let name = format!("{}.{}", call.server, call.tool);
    match &call.status {
        McpStatus::Completed => Glyph::Good.line(&name),
        McpStatus::Failed => {
            let told = call.error.as_ref().map(|error| error.message.as_str()).or_else(|| told(call));
            let line = Glyph::Bad.line(&name);
            told.and_then(first_line)
                .into_iter()
                .fold(line, |line, why| line.and(Tone::Dim, &format!(": {why}")))
        }
        other @ (McpStatus::InProgress | McpStatus::Unknown(_) | _) => {
            Glyph::Open.line(&name).and(Tone::Dim, &format!(" → {other}"))
        }
    }
}

/// The first text of what a tool answered.
fn told(call: &McpToolCall) -> Option<&str> {
    call.result.as_ref()?.content.iter().find_map(|block| block.get("text").and_then(Value::as_str))
}

/// Whether something is going on or is over.
#[derive(Clone, Copy)]
enum Tense {
    Present,
    Past,
}

fn search_text(search: &WebSearch, tense: Tense) -> String {
    let word = |present: &'static str, past: &'static str| match tense {
        Tense::Present => present,
        Tense::Past => past,
    };
    let searched = || word("searching the web", "searched the web");
    match &search.action {
        Some(WebSearchAction::OpenPage(page)) => {
            format!("{} {}", word("opening", "opened"), page.url.as_deref().unwrap_or("a page"))
        }
        Some(WebSearchAction::FindInPage(find)) => {
            let (pattern, url) = (find.pattern.as_deref().unwrap_or_default(), find.url.as_deref());
            let verb = word("looking for", "looked for");
            format!("{verb} \"{pattern}\" in {}", url.unwrap_or("a page"))
        }
        Some(WebSearchAction::Search(found)) if found.queries.is_some() => {
            format!("{}: {}", searched(), found.queries.as_deref().unwrap_or_default().join(", "))
        }
        _ if search.query.is_empty() => searched().to_owned(),
        _ => format!("{}: {}", searched(), search.query),
    }
}

fn collab_line(call: &CollabToolCall) -> Line {
    let mark = match call.status {
        CollabStatus::Completed => Glyph::Good,
        CollabStatus::Failed => Glyph::Bad,
        CollabStatus::InProgress | CollabStatus::Unknown(_) | _ => Glyph::Open,
    };
    let line = mark.line(collab_text(&call.tool, Tense::Past));
    let prompt = call.prompt.as_deref().and_then(first_line).map(|prompt| format!(": {prompt}"));
    let line = prompt.iter().fold(line, |line, prompt| line.and(Tone::Plain, prompt));
    let states: Vec<String> = call.agents_states.values().map(agent_text).collect();
    if states.is_empty() { line } else { line.and(Tone::Dim, &format!(" → {}", states.join(", "))) }
}

fn agent_text(agent: &AgentState) -> String {
    match agent.message.as_deref().and_then(first_line) {
        Some(message) => format!("{}: {message}", agent.status),
        None => agent.status.to_string(),
    }
}

fn collab_text(tool: &CollabTool, tense: Tense) -> &str {
    match (tool, tense) {
        (CollabTool::SpawnAgent, Tense::Present) => "starting an agent",
        (CollabTool::SpawnAgent, Tense::Past) => "started an agent",
        (CollabTool::SendInput, Tense::Present) => "talking to an agent",
        (CollabTool::SendInput, Tense::Past) => "talked to an agent",
        (CollabTool::Wait, Tense::Present) => "waiting for an agent",
        (CollabTool::Wait, Tense::Past) => "waited for an agent",
        (CollabTool::CloseAgent, Tense::Present) => "ending an agent",
        (CollabTool::CloseAgent, Tense::Past) => "ended an agent",
        (other, _) => other.as_str(),
    }
}
