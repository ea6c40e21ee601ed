//! [`Unconfirmed`]: the lines of the stream that the rollout does not have.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::shell_words;
use super::turn::RolloutEnd;
use crate::thread_item::{CommandStatus, ItemDetails, ThreadItem};
use crate::turn_summary::{Terminal, TurnSummary};

/// How much of a text [`Unconfirmed::names`] quotes.
const QUOTED_LETTERS: usize = 80;

/// Holds what the stream of a turn says and Codex's own rollout of that turn does not have.
///
/// Codex writes both, so that a difference is a line from elsewhere: an agent with full access can write into
/// the pipe of its Codex. [`RolloutSummary::unconfirmed`](super::RolloutSummary::unconfirmed) makes it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Unconfirmed {
    /// Messages, commands, patches and calls of MCP tools, more of them than the rollout has.
    pub items: Vec<ThreadItem>,
    /// Whether the stream says `turn.completed`, and the rollout has no completed turn or the stream goes on.
    pub completion: bool,
}

impl Unconfirmed {
    /// Whether the rollout has everything that was compared.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && !self.completion
    }

    /// A short name of each line, such as `agent_message "all tests pass"`; steering characters are escaped.
    pub fn names(&self) -> Vec<String> {
        let quoted = |text: &str| {
            let head: String = text.chars().take(QUOTED_LETTERS).collect();
            format!("{head:?}{}", if head.len() < text.len() { "..." } else { "" })
        };
        let name = |item: &ThreadItem| {
            if let ItemDetails::CommandExecution(command) = &item.details {
                return format!("{} {}", item.name(), quoted(&command.command));
            }
            let text = match Noted::shown(item) {
                Some(Noted::Message(text)) => text,
                Some(Noted::Patch(files)) => files.into_iter().collect::<Vec<_>>().join(", "),
                Some(Noted::Mcp { server, tool }) => format!("{server}/{tool}"),
                Some(Noted::Command { .. }) | None => String::new(),
            };
            format!("{} {}", item.name(), quoted(&text))
        };
        let completion = self.completion.then(|| "turn.completed".to_owned());
        self.items.iter().map(name).chain(completion).collect()
    }
}

/// A completed item, as far as the stream and the rollout of one release agree on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Noted {
    Message(String),
    Command { words: Vec<String>, exit_code: Option<i64> },
    Patch(BTreeSet<String>),
    Mcp { server: String, tool: String },
}

impl Noted {
    /// Reads the item of an `item_completed` event.
    pub(super) fn read(item: &Value) -> Option<Self> {
        let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let list = |key: &str| item.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        Some(match item.get("type")?.as_str()? {
            "AgentMessage" => Self::Message(
                list("content").iter().filter_map(|part| part.get("text")?.as_str()).collect::<String>(),
            ),
            "CommandExecution" => Self::Command {
                words: list("command").iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                exit_code: item.get("exit_code").and_then(Value::as_i64),
            },
            "FileChange" => Self::Patch(item.get("changes")?.as_object()?.keys().cloned().collect()),
            "McpToolCall" => Self::Mcp { server: text("server"), tool: text("tool") },
            _ => return None,
        })
    }

    /// The same of an item of the stream; `None` for a kind that is not compared.
    fn shown(item: &ThreadItem) -> Option<Self> {
        Some(match &item.details {
            // It did not run, and Codex does not note it.
            ItemDetails::CommandExecution(command) if command.status == CommandStatus::Declined => {
                return None;
            }
            ItemDetails::AgentMessage(message) => Self::Message(message.text.clone()),
            ItemDetails::CommandExecution(command) => Self::Command {
                words: shell_words::split(&command.command).unwrap_or_default(),
                exit_code: command.exit_code,
            },
            ItemDetails::FileChange(change) => {
                Self::Patch(change.changes.iter().map(|update| update.path.clone()).collect())
            }
            ItemDetails::McpToolCall(call) => {
                Self::Mcp { server: call.server.clone(), tool: call.tool.clone() }
            }
            ItemDetails::Reasoning(_)
            | ItemDetails::WebSearch(_)
            | ItemDetails::TodoList(_)
            | ItemDetails::CollabToolCall(_)
            | ItemDetails::Error(_)
            | ItemDetails::Unknown(_) => return None,
        })
    }
}

/// Compares what a turn's stream says with the items that its rollout has.
pub(super) fn unconfirmed(noted: &[Noted], end: Option<&RolloutEnd>, stream: &TurnSummary) -> Unconfirmed {
    let mut free: Vec<&Noted> = noted.iter().collect();
    let mut items = Vec::new();
    for item in stream.finished_items() {
        let Some(shown) = Noted::shown(item) else { continue };
        match free.iter().position(|noted| **noted == shown) {
            Some(at) => {
                free.swap_remove(at);
            }
            None => items.push(item.clone()),
        }
    }
    let completed = matches!(stream.terminal(), Some(Terminal::Completed { .. }));
    let confirmed = end == Some(&RolloutEnd::Completed) && stream.lines_after_terminal() == 0;
    Unconfirmed { items, completion: completed && !confirmed }
}
