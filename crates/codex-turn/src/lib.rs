//! Runs turns of the Codex agent: one prompt in, a typed result with a verdict out.
//!
//! This crate knows what a caller wants of a turn. It starts no process, reads no file and no environment
//! variable: `codex-exec` does, below the seam [`RunTurn`], and what lines mean is `codex-protocol`'s. All that
//! it opens is a socket on loopback, while a turn with [host tools](#host-tools) runs.
//!
//! * [`Codex`] is the way in: cheap to make, cheap to clone.
//! * A [`Thread`] is one conversation; every turn of it restates all its [`ThreadOptions`], because Codex
//!   forgets sandbox, model and folders when a thread is resumed.
//! * A [`Turn`] is an inert builder: await it for a [`TurnResult`], or [stream](Turn::stream) its lines.
//! * `Ok` means that the turn completed. Every other end is a [`TurnError`], and what was done is in it.
//! * [`RunTurn`] is one turn, whatever the transport; [`ExecTurns`] is the one over `codex exec`.
//!
//! ```no_run
//! use codex_turn::{Codex, Sandbox, ThreadOptions};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let codex = Codex::builder().build()?;
//! let thread = codex.start_thread(ThreadOptions::new("/my/project").sandbox(Sandbox::WorkspaceWrite));
//! let result = thread.run("fix the failing test").await?;
//! println!("{}", result.final_response().unwrap_or_default());
//! let result = thread.run("and now the docs").await?; // the same thread, the same options
//! # Ok(())
//! # }
//! ```
//!
//! # Without a process
//!
//! A recorded stream goes through the same code; so can the lines of any other transport.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), codex_turn::TurnError> {
//! use codex_turn::{EventStream, Turn};
//!
//! let recorded = [
//!     r#"{"type":"thread.started","thread_id":"019b7c2a-1111-7000-8000-000000000001"}"#,
//!     r#"{"type":"turn.started"}"#,
//!     r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"done"}}"#,
//!     r#"{"type":"turn.completed","usage":{"input_tokens":7,"cached_input_tokens":0,"output_tokens":2}}"#,
//! ];
//! let result = Turn::over(EventStream::from_lines(recorded)).await?;
//! assert!(result.verdict.is_completed());
//! assert_eq!(result.final_response(), Some("done"));
//! # Ok(())
//! # }
//! ```
//!
//! # How a turn ends
//!
//! | what happened | awaited, or [`TurnStream::finish`] | last item of the stream |
//! | --- | --- | --- |
//! | it completed | `Ok` | a line |
//! | it failed, or its process ended too early | [`TurnError::NotCompleted`] | a line |
//! | it was cancelled, or ran into a limit | [`TurnError::NotCompleted`] | the same error |
//! | a line could not be understood, and that was not to be borne | [`TurnError::Undecodable`] | the same error |
//! | Codex did not start | [`TurnError::Start`] | the same error |
//! | the thread has another turn | [`TurnError::Busy`] | the same error |
//!
//! [`TurnError::result`] has what was done in each case in which something was.
//!
//! # Turn after turn
//!
//! [`Thread::run_auto`] runs turn after turn until a [`Check`] passes: see [`AutoRun`].
//!
//! # Host tools
//!
//! With the feature `tools`, the agent can call functions of the caller: put a `ToolSet` together and give it to
//! the options of a thread, to a turn, or to an auto-run. Nothing is served before the first poll of a turn, and
//! nothing listens once it is over, cancelled or dropped.
//!
//! * They are served over HTTP, as the Model Context Protocol has it, on a free port of 127.0.0.1, for each start
//!   of Codex anew. Who calls must have the token of this start, which Codex has in its environment and the
//!   commands of the agent do not; name this address as the host; and be no web page.
//! * Codex reaches them without the proxy that its environment may name: `NO_PROXY` gets this host. Releases before
//!   0.80 send no token, and have no tools.
//! * Without the token there is no access. Where the sandbox lets a command of the agent look into other
//!   processes of its user, it can be found in Codex's environment.
//! * Each tool is approved, whatever the sandbox is, and runs in this process, outside of the sandbox: what it does
//!   with what the model sends it is up to it.
//! * Calls run as tasks of the caller's runtime, so many at once, each within its time. A failure, a panic, a
//!   time that passed and a result that was too large reach the model as texts, and the caller as `ToolEvent`s: by
//!   `ObserveTurn::on_tool_event`, and in the stream of an auto-run as `AutoRunEvent::Tool`.
//! * The model is told of the tools by what their server says of itself; nothing is added to the prompt or
//!   to the caller's instructions.
//!
//! # What a turn used
//!
//! Codex reports the total of the *thread* (0.44 and 0.45: of the process), not what the turn used.
//! [`TurnResult::usage`] has both as far as they are known, and says where the turn's own share is from:
//!
//! * the first turn of a new thread: what the stream reports;
//! * a later turn: the difference of two reports, if the turn before it completed on the same handle and the
//!   thread's rollout shows that nobody else was there in between; else what the rollout says of the turn;
//! * all zeros, and whatever neither of them says, is `None`. A report without `reasoning_output_tokens` about a
//!   thread that is older than the turn may count either way, and is not used.
//!
//! # Tracing
//!
//! Each turn is a span `turn` of the target `codex_turn`, with an event `turn settled` at its end. The prompt
//! is in neither.
//!
//! | field | recorded |
//! | --- | --- |
//! | `model` | at the start, if one was chosen |
//! | `thread_id` | as soon as Codex names it |
//! | `verdict` | at the end: [`Verdict::word`], `not_started`, or `abandoned` for a stream that was dropped early |
//! | `input_tokens`, `output_tokens` | at the end, if the turn's usage is known |
//! | `thread_input_tokens`, `thread_output_tokens` | at the end, if the thread's usage is known |
//! | `duration_ms` | at the end |
//!
//! An auto-run is a span `auto_run` (`thread_id`, `turns`, `stop`, `duration_ms`) with a span `step` (`number`,
//! `verdict`) for each turn and its checks; the `turn` is within its step.
//!
//! [Host tools](#host-tools) and the tasks of their server run in the span of their turn. The library that speaks the
//! protocol (target `rmcp`) has a task of its own for each session, and logs what it does there outside of the turn.
//!
//! # Features
//!
//! * `schemars`: `Turn::output_type`, the output schema of a Rust type.
//! * `tools`: [host tools](#host-tools), with an HTTP server and the Model Context Protocol.
//! * `mock`: `MockRunTurn`, `MockObserveTurn`, `MockCheck`, `MockContinuePolicy` and `MockHostTool`, mocks of the seams.
//! * `samples`: samples of each error, for tests of what people are told.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod accounting;
mod auto_run;
mod codex;
#[cfg(test)]
mod error_texts;
mod keep;
#[cfg(feature = "mock")]
#[expect(clippy::ref_option_ref, clippy::struct_field_names, reason = "the macro writes such code")]
mod mocks;
mod observe_turn;
mod output_schema;
mod response_error;
mod resumer;
mod rollout_reading;
mod run_turn;
#[cfg(any(test, feature = "samples"))]
pub mod samples;
mod served_tools;
mod steps;
mod thread;
mod thread_options;
#[cfg(feature = "tools")]
mod tools;
mod turn;
mod turn_error;
mod turn_failure;
mod turn_json;
mod turn_result;
mod turn_span;
mod turn_stream;

pub use auto_run::{
    AllOf, AnyOf, AutoRun, AutoRunError, AutoRunEvent, AutoRunFuture, AutoRunReport, AutoRunStream, Budget,
    BudgetEnd, BudgetKind, Check, CheckContext, CheckError, CheckOutcome, CheckReport, CommandCheck,
    ContinuePolicy, FileExists, FixedPrompts, IntoCheck, JsonPointerCheck, Money, Next, Once, Predicate,
    Price, PriceTable, Progress, Retries, Retry, RetryPolicy, Spent, StepKind, StepReport, StopReason,
    Surroundings, UnknownUsage, UntilSatisfied,
};
pub use codex::{Codex, CodexBuilder, CodexError};
pub use keep::Keep;
#[cfg(all(feature = "mock", feature = "tools"))]
pub use mocks::MockHostTool;
#[cfg(feature = "mock")]
pub use mocks::{MockCheck, MockContinuePolicy, MockObserveTurn};
pub use observe_turn::ObserveTurn;
pub use response_error::ResponseError;
pub use resumer::Resumer;
pub use rollout_reading::{ReadRollout, RolloutReading};
#[cfg(feature = "mock")]
pub use run_turn::MockRunTurn;
pub use run_turn::{ExecTurns, RunTurn, TurnLines, TurnRequest};
pub use thread::Thread;
pub use thread_options::ThreadOptions;
#[cfg(feature = "tools")]
pub use tools::{
    FnTool, HostTool, IntoToolOutput, NoArguments, ToolAnnotations, ToolCall, ToolContext, ToolEvent,
    ToolFailure, ToolFunction, ToolJson, ToolOutcome, ToolOutput, ToolPart, ToolSet, ToolSetBuilder,
    ToolSetError, tool,
};
pub use turn::Turn;
pub use turn_error::TurnError;
pub use turn_failure::TurnFailure;
pub use turn_result::TurnResult;
pub use turn_stream::{TurnFuture, TurnStream};

// What the signatures above name, and what is read in them: who runs turns needs no crate beside this one.
pub use codex_exec::{
    ApiKey, CancellationToken, CodexEnvironment, CommandError, CommandOutput, CommandSandbox, CommandSpec,
    ConfigValue, EventStream, Exec, ExecOptions, Invocation, InvocationError, LayerLimits, McpServer,
    NestedRepository, OutputTail, Program, ProgramError, ProjectInstructions, ProjectLayer, ProjectPrograms,
    ReviewTarget, RolloutRef, RunCommand, RuntimeError, Sandbox, SandboxedCommands, Stream, StreamEnd,
    SystemCommands, ThreadHolder, TransportError, TransportReport,
};
pub use codex_protocol::{
    CodexTurnId, CollabToolCall, CommandExecution, DecodeError, DecodePolicy, EventLine, ExitKind, Failure,
    FailureKind, FileChange, ItemDetails, ItemPhase, Limit, McpToolCall, Notice, ProcessFate, RolloutCall,
    RolloutSummary, StopCause, Terminal, ThreadEvent, ThreadId, ThreadItem, TransportEnd, TurnSummary,
    TurnUsage, Unconfirmed, Usage, UsageSource, Verdict,
};

/// Compiles the examples of the README of the workspace.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct WorkspaceReadme;

/// Compiles the examples of the README of this crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
