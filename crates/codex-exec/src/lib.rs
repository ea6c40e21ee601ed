//! Runs the Codex binary under supervision and streams its lines.
//!
//! An [`Invocation`] says what is to run, [`CodexExec`] runs it, the [`EventStream`] gives its lines: lazily, with back pressure,
//! and with an end that says how the process ended. [`SystemCommands`] runs any other command under the same supervision,
//! [`SandboxedCommands`] one that must not be trusted, in the sandbox of Codex.
//!
//! `examples/lines.rs` is a whole program that prints the lines of a turn and can be cancelled.
//!
//! This crate knows processes, not turns: of a line it asks one question, whether it opens the thread or ends the turn.
//!
//! # Features
//!
//! * `mock`: `MockExec` and `MockRunCommand`, mocks of the seams.
//! * `samples`: samples of each error, for tests of what people are told.
#![cfg_attr(docsrs, feature(doc_cfg))]
#[cfg(not(unix))]
compile_error!("codex-exec supervises processes the Unix way: build it for Linux or macOS");

mod codex_home;
mod command_line;
mod config_value;
mod environment;
#[cfg(test)]
mod error_texts;
mod event_stream;
mod exec;
mod exec_options;
mod guard;
mod invocation;
mod line_output;
mod line_reader;
mod mcp_server;
mod nested_repository;
mod output_tail;
mod pipes;
mod prepare;
mod probe;
mod program;
mod project_layer;
mod project_settings;
mod queue;
mod rollout;
mod rollout_meter;
mod rollout_watch;
mod run_command;
mod runtime_error;
#[cfg(any(test, feature = "samples"))]
pub mod samples;
mod schema_file;
mod secret;
mod spawn;
mod spawner;
mod starts;
mod state;
mod state_dir;
mod supervisor;
mod sweep;
mod thread_claim;
mod thread_holder;
mod thread_lock;
mod transport_error;
mod transport_report;
mod version;

#[cfg(feature = "mock")]
pub use exec::MockExec;
pub use exec::{CodexExec, Exec};

pub use event_stream::{EventStream, Phase, StreamEnd};
pub use exec_options::{ExecOptions, ParentDeath, Survivors};
pub use output_tail::OutputTail;
pub use runtime_error::RuntimeError;
pub use transport_error::TransportError;
pub use transport_report::TransportReport;

pub use command_line::{CommandLine, StartMarks};
pub use config_value::ConfigValue;
pub use environment::{BaseEnvironment, CodexEnvironment, EnvironmentPlan};
pub use invocation::{
    ConnectionRetries, GitRepoCheck, Invocation, InvocationError, InvocationParts, Marker, NestedRepository,
    OutputSchema, PROMPT_LIMIT_CHARACTERS, Persistence, ProjectInstructions, ProjectPrograms, ReviewTarget,
    Sandbox, Target, UserConfig,
};
pub use mcp_server::{McpServer, McpTransport, ToolApproval};
pub use nested_repository::GitSettings;
pub use project_layer::{LayerContent, LayerFile, LayerFileKind, LayerLimits, ProjectLayer};
pub use project_settings::ProjectSettings;
pub use secret::{ApiKey, Secret};

pub use program::{DiscoveryEnvironment, Found, Program, ProgramError};
pub use version::{CodexVersion, InvalidCodexVersion, RangePosition, TESTED, TestedRange};

pub use codex_home::{CodexHome, HomeEnvironment, LoginState};
pub use rollout::RolloutRef;
pub use rollout_meter::RolloutMeter;
pub use schema_file::SchemaFile;
pub use spawn::tie_to_this_thread;
pub use state_dir::StateDir;
pub use thread_holder::ThreadHolder;
pub use thread_lock::{ThreadLock, ThreadLockError};

#[cfg(feature = "mock")]
pub use run_command::MockRunCommand;
pub use run_command::{
    CommandError, CommandOutput, CommandSandbox, CommandSpec, NetworkAccess, RunCommand, SandboxedCommands,
    SystemCommands,
};

// What the signatures above name.
pub use codex_protocol::{
    CodexTurnId, EventLine, ExitKind, Limit, ProcessFate, RolloutSummary, StopCause, ThreadId, TransportEnd,
    Usage,
};
pub use futures_core::Stream;
pub use tokio_util::sync::CancellationToken;

/// Compiles the example of the README of this crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
