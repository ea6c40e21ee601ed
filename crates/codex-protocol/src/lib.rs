//! A typed, lossless view of what `codex exec --json` prints.

mod boundary;
mod decode;
mod decode_error;
mod decode_policy;
mod event_line;
mod failure_kind;
mod item_id;
mod notice;
mod open_words;
mod process_end;
mod rollout;
mod thread_event;
mod thread_id;
mod thread_item;
mod turn_summary;
mod turn_usage;
mod usage;
mod verdict;

pub use event_line::EventLine;

pub use boundary::Boundary;
pub use decode_error::DecodeError;
pub use decode_policy::DecodePolicy;

pub use thread_event::{
    ErrorEvent, ItemPhase, ThreadEvent, ThreadStarted, TurnCompleted, TurnFailed, TurnFailure, TurnStarted,
    UnknownEvent,
};

pub use thread_item::{
    AgentMessage, AgentState, AgentStatus, ChangeKind, CollabStatus, CollabTool, CollabToolCall,
    CommandExecution, CommandStatus, ErrorItem, FileChange, FileUpdate, FindInPageAction, ItemDetails,
    McpStatus, McpToolCall, McpToolError, McpToolResult, OpenPageAction, PatchStatus, Reasoning,
    SearchAction, ThreadItem, TodoItem, TodoList, UnknownAction, UnknownItem, WebSearch, WebSearchAction,
};

pub use item_id::ItemId;
pub use thread_id::{InvalidThreadId, ThreadId};

pub use notice::{Notice, NoticeSource, Retry};
pub use turn_summary::{Terminal, TurnSummary};
pub use turn_usage::{TurnUsage, UsageSource};
pub use usage::Usage;

pub use failure_kind::FailureKind;
pub use process_end::{ExitKind, ProcessEnd, StopCause};
pub use verdict::{Limit, Verdict};

pub use rollout::{RolloutCall, RolloutEnd, RolloutLine, RolloutSession, RolloutSummary, RolloutTurn};
