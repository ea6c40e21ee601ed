//! A typed, lossless view of what `codex exec --json` prints: plain data, no I/O, no runtime.
//!
//! Codex prints a line of JSON for everything that happens in a turn. An [`EventLine`] is such a line: its
//! bytes, and the [`ThreadEvent`] that they say. A [`TurnSummary`] is what the lines of a turn come to, and a
//! [`Verdict`] says how the turn ended, judged from the summary and from the [end of its
//! transport](TransportEnd).
//!
//! ```
//! use codex_protocol::{EventLine, FailureKind, TransportEnd, TurnSummary, Verdict};
//!
//! let stdout = r#"{"type":"thread.started","thread_id":"0199a213-81c0-7800-8aa1-bbab2a035a53"}
//! {"type":"turn.started"}
//! {"type":"error","message":"Quota exceeded. Check your plan and billing details."}
//! {"type":"turn.failed","error":{"message":"Quota exceeded. Check your plan and billing details."}}"#;
//!
//! let mut summary = TurnSummary::new();
//! for (number, line) in (1..).zip(stdout.lines()) {
//!     summary.observe(&EventLine::new(number, line.as_bytes()));
//! }
//! let Verdict::Failed(failure) = Verdict::decide(&summary, &TransportEnd::exited(1)) else {
//!     panic!("the turn failed")
//! };
//! assert!(matches!(failure.kind, FailureKind::UsageLimit { .. }));
//! assert_eq!(failure.message, "Quota exceeded. Check your plan and billing details.");
//! ```
//!
//! # What can be relied on
//!
//! * Nothing is lost: a line keeps its bytes whether it is understood or not, and a line that cannot be read
//!   is a [`DecodeError`] of that line alone.
//! * What a newer Codex prints is no error: an event, an item or a status that this version does not know is
//!   an `Unknown` variant that keeps its name and its payload. A *known* one with a broken field is an error
//!   that names the field.
//! * What an older Codex does not print is `None`. The streams of 0.44 to 0.169 are decoded.
//! * Success is `turn.completed` **and** an acceptable end of the process, never the absence of bad news.
//!
//! # What the stream does not say
//!
//! It is no audit log: commands that were refused or denied, and patches that do not apply, can leave no
//! event, and the usage of a resumed thread is the thread's total. Codex's own file of the thread has both,
//! and [`RolloutSummary`] reads it.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod boundary;
mod brief;
mod codex_error_info;
mod codex_turn_id;
mod decode;
mod decode_error;
mod decode_policy;
#[cfg(test)]
mod error_texts;
mod event_line;
mod failure;
mod failure_kind;
mod git_setting;
mod item_id;
mod notice;
mod open_words;
mod rollout;
mod search_path;
mod secret_name;
mod secret_value;
mod steering;
mod thread_event;
mod thread_id;
mod thread_item;
mod transport_end;
mod turn_summary;
mod turn_usage;
mod usage;
mod verdict;
mod with_causes;

pub use event_line::EventLine;

pub use boundary::Boundary;
pub use decode_error::DecodeError;
pub use decode_policy::DecodePolicy;

pub use thread_event::{
    ErrorEvent, ErrorMessage, ItemPhase, ThreadEvent, ThreadStarted, TurnCompleted, TurnFailed, TurnStarted,
    UnknownEvent,
};

pub use thread_item::{
    AgentMessage, AgentState, AgentStatus, ChangeKind, CollabStatus, CollabTool, CollabToolCall,
    CommandExecution, CommandStatus, ErrorItem, FileChange, FileUpdate, FindInPageAction, ItemDetails,
    McpStatus, McpToolCall, McpToolError, McpToolResult, OpenPageAction, PatchStatus, Reasoning,
    SearchAction, ThreadItem, TodoItem, TodoList, UnknownAction, UnknownItem, WebSearch, WebSearchAction,
};

pub use codex_turn_id::CodexTurnId;
pub use item_id::ItemId;
pub use thread_id::{InvalidThreadId, ThreadId};

pub use notice::{Notice, NoticeSource, Reconnect};
pub use turn_summary::{Terminal, TurnSummary};
pub use turn_usage::{TurnUsage, UsageSource};
pub use usage::Usage;

pub use codex_error_info::CodexErrorInfo;
pub use failure::Failure;
pub use failure_kind::FailureKind;
pub use transport_end::{ExitKind, ProcessFate, StopCause, TransportEnd};
pub use verdict::{Limit, Verdict};

pub use rollout::{
    RolloutCall, RolloutEnd, RolloutLine, RolloutSession, RolloutSummary, RolloutTurn, Unconfirmed,
};

pub use brief::Brief;
pub use git_setting::GitSetting;
pub use search_path::absolute_path_entries;
pub use secret_name::{is_secret_key, is_secret_name};
pub use secret_value::{is_secret_value, is_secret_variable, url_password};
pub use steering::{escape_steering_in_json, is_steering, steering};
pub use with_causes::with_causes;

/// Compiles the example of the README of this crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
