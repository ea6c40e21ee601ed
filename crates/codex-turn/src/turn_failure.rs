//! [`TurnFailure`]: something that went wrong within a turn and did not end it.

use std::fmt;

use codex_protocol::{
    CollabStatus, CollabToolCall, CommandExecution, CommandStatus, FileChange, ItemDetails, McpStatus,
    McpToolCall, PatchStatus, ThreadItem,
};

/// Something that went wrong within a turn and did not end it: the agent was told, and went on.
///
/// What leaves no event in the stream is not among these: see
/// [`TurnResult::unseen_calls`](crate::TurnResult::unseen_calls).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum TurnFailure<'a> {
    /// A command exited with a code other than 0, or was not allowed to run.
    Command(&'a CommandExecution),
    /// A patch failed on the way; some of its files may have changed.
    FileChange(&'a FileChange),
    /// A tool answered with an error, or not at all.
    ToolCall(&'a McpToolCall),
    /// Another agent could not be used.
    Agent(&'a CollabToolCall),
}

impl<'a> TurnFailure<'a> {
    pub(crate) fn of(item: &'a ThreadItem) -> Option<Self> {
        match &item.details {
            ItemDetails::CommandExecution(command) => {
                let failed = matches!(command.status, CommandStatus::Failed | CommandStatus::Declined);
                failed.then_some(Self::Command(command))
            }
            ItemDetails::FileChange(change) => {
                (change.status == PatchStatus::Failed).then_some(Self::FileChange(change))
            }
            ItemDetails::McpToolCall(call) => {
                (call.status == McpStatus::Failed).then_some(Self::ToolCall(call))
            }
            ItemDetails::CollabToolCall(call) => {
                (call.status == CollabStatus::Failed).then_some(Self::Agent(call))
            }
            ItemDetails::AgentMessage(_)
            | ItemDetails::Reasoning(_)
            | ItemDetails::WebSearch(_)
            | ItemDetails::TodoList(_)
            | ItemDetails::Error(_)
            | ItemDetails::Unknown(_)
            | _ => None,
        }
    }
}

/// For people, in lower case, on one line.
impl fmt::Display for TurnFailure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(CommandExecution { command, exit_code: Some(code), .. }) => {
                write!(f, "{command:?} exited with code {code}")
            }
            Self::Command(command) => write!(f, "{:?} was not allowed to run", command.command),
            Self::FileChange(change) => write!(f, "a patch of {} files failed", change.changes.len()),
            Self::ToolCall(call) => match &call.error {
                Some(error) => write!(f, "{}.{} failed: {:?}", call.server, call.tool, error.message),
                None => write!(f, "{}.{} answered with an error", call.server, call.tool),
            },
            Self::Agent(call) => write!(f, "the agent tool {} failed", call.tool),
        }
    }
}
