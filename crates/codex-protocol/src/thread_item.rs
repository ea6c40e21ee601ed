//! [`ThreadItem`]: the thing that an event is about.

mod collab_tool_call;
mod command_execution;
mod file_change;
mod mcp_tool_call;
mod prose;
mod todo_list;
mod web_search;
mod wire;

use serde_json::{Map, Value};

use crate::item_id::ItemId;

pub use collab_tool_call::{AgentState, AgentStatus, CollabStatus, CollabTool, CollabToolCall};
pub use command_execution::{CommandExecution, CommandStatus};
pub use file_change::{ChangeKind, FileChange, FileUpdate, PatchStatus};
pub use mcp_tool_call::{McpStatus, McpToolCall, McpToolError, McpToolResult};
pub use prose::{AgentMessage, ErrorItem, Reasoning};
pub use todo_list::{TodoItem, TodoList};
pub use web_search::{
    FindInPageAction, OpenPageAction, SearchAction, UnknownAction, WebSearch, WebSearchAction,
};

/// Describes one thing that the agent said or did.
///
/// Keys that this version does not know are only in the raw line.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ThreadItem {
    /// Its name within the stream.
    pub id: ItemId,
    /// What it is.
    pub details: ItemDetails,
}

impl ThreadItem {
    /// The type of the item as the line spells it, such as `command_execution`.
    pub fn name(&self) -> &str {
        self.details.name()
    }

    /// Whether this version knows the type of the item and every word in it, such as its status.
    pub fn is_known(&self) -> bool {
        self.details.is_known()
    }
}

/// Says what an item is.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ItemDetails {
    /// The agent said something.
    AgentMessage(AgentMessage),
    /// The agent summed up what it thought.
    Reasoning(Reasoning),
    /// The agent ran a command.
    CommandExecution(CommandExecution),
    /// The agent applied a patch.
    FileChange(FileChange),
    /// The agent called a tool of an MCP server.
    McpToolCall(McpToolCall),
    /// The agent searched the web or read a page.
    WebSearch(WebSearch),
    /// The agent made or changed its plan.
    TodoList(TodoList),
    /// The agent used another agent.
    CollabToolCall(CollabToolCall),
    /// Codex warned about something; never the end of the turn.
    Error(ErrorItem),
    /// An item that this version does not know.
    Unknown(UnknownItem),
}

impl ItemDetails {
    /// The type of the item as the line spells it.
    pub fn name(&self) -> &str {
        match self {
            Self::AgentMessage(_) => "agent_message",
            Self::Reasoning(_) => "reasoning",
            Self::CommandExecution(_) => "command_execution",
            Self::FileChange(_) => "file_change",
            Self::McpToolCall(_) => "mcp_tool_call",
            Self::WebSearch(_) => "web_search",
            Self::TodoList(_) => "todo_list",
            Self::CollabToolCall(_) => "collab_tool_call",
            Self::Error(_) => "error",
            Self::Unknown(unknown) => &unknown.name,
        }
    }

    fn is_known(&self) -> bool {
        match self {
            Self::AgentMessage(_) | Self::Reasoning(_) | Self::TodoList(_) | Self::Error(_) => true,
            Self::CommandExecution(command) => command.status.is_known(),
            Self::FileChange(change) => {
                change.status.is_known() && change.changes.iter().all(|update| update.kind.is_known())
            }
            Self::McpToolCall(call) => call.status.is_known(),
            Self::WebSearch(search) => search.action.as_ref().is_none_or(WebSearchAction::is_known),
            Self::CollabToolCall(call) => call.is_known(),
            Self::Unknown(_) => false,
        }
    }
}

/// Keeps an item that this version does not know.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct UnknownItem {
    /// Its type.
    pub name: String,
    /// Its keys other than the first `id` and `type`.
    pub payload: Map<String, Value>,
}
