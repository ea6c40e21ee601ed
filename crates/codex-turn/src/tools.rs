//! Host tools: functions of the caller that the agent can call while a turn runs.

mod answer;
mod calls;
mod endpoint;
mod event;
mod fn_tool;
mod handler;
mod hint;
mod host_tool;
mod output;
mod running;
mod tool_set;

pub use event::{ToolCall, ToolEvent, ToolOutcome};
pub use fn_tool::{FnTool, NoArguments, ToolFunction, tool};
pub use host_tool::{HostTool, ToolAnnotations, ToolContext};
pub use output::{IntoToolOutput, ToolFailure, ToolJson, ToolOutput, ToolPart};
pub(crate) use running::RunningTools;
pub use tool_set::{ToolSet, ToolSetBuilder, ToolSetError};
