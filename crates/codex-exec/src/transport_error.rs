//! [`TransportError`]: why a stream ends with something else than the end of Codex's lines.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use codex_protocol::{ExitKind, Limit, ThreadId};

use crate::{InvocationError, OutputTail, ProgramError, RuntimeError, ThreadHolder, ThreadLockError};

/// Why a stream ends with something else than the end of Codex's lines.
///
/// A failed turn is none of these: its lines end like those of any other.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The invocation was refused before anything was started.
    #[error(transparent)]
    Invocation(#[from] InvocationError),
    /// There is no Codex to start.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The stream was first polled outside a tokio runtime, or within one that lacks a driver.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// Something that a start needs could not be prepared.
    #[error("could not {step} {path}")]
    #[non_exhaustive]
    Prepare {
        /// What was to be done.
        step: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// Why it was not.
        source: io::Error,
    },
    /// The thread is being worked on, here or by another process.
    #[error("thread {thread} is busy with another turn{}", holder_text(holder.as_ref()))]
    #[non_exhaustive]
    ThreadBusy {
        /// Which one.
        thread: ThreadId,
        /// The process that works on it, if it said so.
        holder: Option<ThreadHolder>,
    },
    /// The thread could not be locked.
    #[error(transparent)]
    ThreadLock(ThreadLockError),
    /// The program was not started.
    #[error("could not start {program}")]
    #[non_exhaustive]
    Spawn {
        /// The program.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Codex gave up before its first line.
    #[error("codex did not start ({}): {}", exit_text(*exit), reasons_text(reasons))]
    #[non_exhaustive]
    StartFailed {
        /// How it ended.
        exit: ExitKind,
        /// What it said, without its log lines.
        reasons: Vec<String>,
        /// The end of its standard error.
        stderr_tail: OutputTail,
    },
    /// What was started prints lines that are not Codex's.
    #[error("{program} does not behave like codex: it printed {first_line:?}")]
    #[non_exhaustive]
    NotCodex {
        /// The program.
        program: PathBuf,
        /// The first bytes that it printed.
        first_line: String,
    },
    /// Codex began to work on another thread than the one asked for, and was stopped.
    #[error("codex was to resume thread {asked} and started thread {got}")]
    #[non_exhaustive]
    ThreadMismatch {
        /// The thread that was to be resumed.
        asked: ThreadId,
        /// The thread that ran instead.
        got: ThreadId,
    },
    /// The turn was cancelled before it had ended.
    #[error("the turn was cancelled")]
    Cancelled,
    /// The turn was stopped at a limit before it had ended.
    #[error("the turn was stopped: {}", limit_text(*limit, *after))]
    #[non_exhaustive]
    TimedOut {
        /// Which limit.
        limit: Limit,
        /// How long that is.
        after: Duration,
    },
    /// The way to Codex broke: that of a process layer of the caller's, such as a connection.
    #[error("the way to codex broke")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The task that supervises the process is gone: its runtime was shut down.
    #[error("the runtime that supervised the turn was shut down")]
    SupervisorGone,
}

/// For a process layer of one's own, and for fakes.
impl TransportError {
    /// Creates the error of a start whose preparation failed at this step, such as `"make"`, at this file or folder.
    pub fn prepare(step: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Prepare { step, path: path.into(), source }
    }

    /// Creates the error of a thread that this process works on.
    pub fn thread_busy(thread: ThreadId, holder: ThreadHolder) -> Self {
        Self::ThreadBusy { thread, holder: Some(holder) }
    }

    /// Creates the error of a program that could not be started.
    pub fn spawn(program: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Spawn { program: program.into(), source }
    }

    /// Creates the error of a Codex that ended before its first line; its standard error says why.
    pub fn start_failed(exit: ExitKind, stderr_tail: OutputTail) -> Self {
        Self::StartFailed { exit, reasons: stderr_tail.reasons(), stderr_tail }
    }

    /// Creates the error of a program that printed this and not Codex's lines.
    pub fn not_codex(program: impl Into<PathBuf>, first_line: impl Into<String>) -> Self {
        Self::NotCodex { program: program.into(), first_line: first_line.into() }
    }

    /// Creates the error of a start that was to resume one thread and began another.
    pub fn thread_mismatch(asked: ThreadId, got: ThreadId) -> Self {
        Self::ThreadMismatch { asked, got }
    }

    /// Creates the error of a process layer whose way to Codex broke.
    pub fn broken(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Broken(source.into())
    }

    /// Creates the error of a turn that a limit of this length stopped.
    pub fn timed_out(limit: Limit, after: Duration) -> Self {
        Self::TimedOut { limit, after }
    }
}

fn exit_text(exit: ExitKind) -> String {
    match exit {
        ExitKind::Code(code) => format!("exit code {code}"),
        ExitKind::Signal(signal) => format!("signal {signal}"),
    }
}

fn holder_text(holder: Option<&ThreadHolder>) -> String {
    holder.map_or_else(String::new, |holder| format!(" of {holder}"))
}

fn reasons_text(reasons: &[String]) -> String {
    if reasons.is_empty() { "it gave no reason".to_owned() } else { reasons.join("; ") }
}

fn limit_text(limit: Limit, after: Duration) -> String {
    match limit {
        Limit::Idle => format!("nothing came for {after:?}"),
        Limit::Total | _ => format!("it took longer than {after:?}"),
    }
}
