//! [`RunCommand`], the seam for any other command, and [`SystemCommands`], which runs it under the same supervision.

mod child_environment;
mod command_sandbox;
mod command_spec;
mod merged_output;
mod sandbox_folders;
mod sandboxed_commands;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use codex_protocol::{ExitKind, StopCause};
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use self::child_environment::child_environment;
pub use self::command_sandbox::{CommandSandbox, NetworkAccess};
pub use self::command_spec::CommandSpec;
use self::merged_output::MergedOutput;
pub use self::sandboxed_commands::SandboxedCommands;
use crate::pipes::feed;
use crate::queue::Consumer;
use crate::spawn::{Launch, Outputs, Stdin, spawn};
use crate::spawner::on_the_spawner;
use crate::starts::StartNote;
use crate::supervisor::{Addressee, ProcessOutcome, Supervisor};
use crate::sweep::Marks;
use crate::{ExecOptions, Marker, OutputTail, StateDir};

/// Runs a command that is not Codex: a check, a test suite, a linter.
///
/// With the feature `mock` there is a `MockRunCommand`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RunCommand: Send + Sync {
    /// Runs a command to its end.
    ///
    /// A command that fails, is cancelled or takes too long is no error: the output says how it ended.
    ///
    /// # Errors
    ///
    /// The command could not be started.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future kills the command and what it started.
    async fn run(
        &self,
        command: CommandSpec,
        cancel: CancellationToken,
    ) -> Result<CommandOutput, CommandError>;
}

/// What a command did.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CommandOutput {
    /// How it ended; `None` if it was cancelled before its start, or was still alive when it was given up.
    pub exit: Option<ExitKind>,
    /// Why it was stopped; `None` if it ended by itself.
    pub stop: Option<StopCause>,
    /// The end of what it wrote to standard output and standard error, in the order in which it wrote it: both are one pipe, as they
    /// are one terminal for a person.
    pub output: OutputTail,
    /// From its start to its end.
    pub elapsed: Duration,
    /// Processes that it left behind; they were killed.
    pub leftovers: Vec<u32>,
}

impl CommandOutput {
    /// Describes a command that ended by itself, for a fake.
    pub fn new(exit: ExitKind, output: impl Into<Vec<u8>>) -> Self {
        Self::of(Some(exit), None, output)
    }

    fn of(exit: Option<ExitKind>, stop: Option<StopCause>, output: impl Into<Vec<u8>>) -> Self {
        Self { exit, stop, output: OutputTail::new(output), elapsed: Duration::ZERO, leftovers: Vec::new() }
    }

    /// Says whether it ended by itself with exit code 0.
    pub fn succeeded(&self) -> bool {
        self.exit == Some(ExitKind::Code(0)) && self.stop.is_none()
    }
}

/// Why a command was not started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The command names no program.
    #[error("the command is empty: name a program")]
    Empty,
    /// The working directory is not there.
    #[error("the working directory {path} is not a directory")]
    #[non_exhaustive]
    Directory {
        /// The directory.
        path: PathBuf,
    },
    /// The program could not be started.
    #[error("could not start {program:?}")]
    #[non_exhaustive]
    Spawn {
        /// The program.
        program: OsString,
        /// Why.
        source: io::Error,
    },
    /// Codex could not make the sandbox; the command has not run.
    #[error("codex could not make its sandbox: {said}")]
    #[non_exhaustive]
    Sandbox {
        /// What Codex said.
        said: String,
    },
    /// Its start could not be noted.
    #[error("could not note the start in {path}")]
    #[non_exhaustive]
    Note {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// For an implementation of [`RunCommand`] of one's own, and for fakes.
impl CommandError {
    /// Creates the error of a working directory that is not there.
    pub fn directory(path: impl Into<PathBuf>) -> Self {
        Self::Directory { path: path.into() }
    }

    /// Creates the error of a program that could not be started.
    pub fn spawn(program: impl Into<OsString>, source: io::Error) -> Self {
        Self::Spawn { program: program.into(), source }
    }

    /// Creates the error of a sandbox that could not be made, and what was said of it.
    pub fn sandbox(said: impl Into<String>) -> Self {
        Self::Sandbox { said: said.into() }
    }
}

/// Runs commands on this machine, each in a process group of its own.
///
/// The group is asked with SIGINT, has five seconds, and is killed; then what carries the marker of this start is killed too,
/// wherever it went.
///
/// Standard output and standard error are one pipe, so [`CommandOutput::output`] has what was written in the order in which it was
/// written; a command cannot tell the two apart either.
///
/// A command inherits the environment of this process without its secrets: the API key under whatever name, the tokens of host
/// tools, and every variable for which [`is_secret_variable`](codex_protocol::is_secret_variable) holds. What it really needs
/// [`CommandSpec::hand_over`] lets through.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use codex_exec::{CommandSpec, RunCommand, SystemCommands};
///
/// let done = SystemCommands::new().run(CommandSpec::shell("echo out; echo err >&2; exit 3"), Default::default()).await?;
/// assert!(!done.succeeded());
/// assert_eq!(done.output.text(), "out\nerr\n");
/// # Ok::<(), codex_exec::CommandError>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SystemCommands;

impl SystemCommands {
    /// Runs commands on this machine.
    pub fn new() -> Self {
        Self
    }
}

#[async_trait]
impl RunCommand for SystemCommands {
    async fn run(
        &self,
        command: CommandSpec,
        cancel: CancellationToken,
    ) -> Result<CommandOutput, CommandError> {
        let program = command.program().ok_or(CommandError::Empty)?.to_owned();
        if cancel.is_cancelled() {
            return Ok(CommandOutput::of(None, Some(StopCause::Cancelled), []));
        }
        let marker = Marker::new();
        let options = ExecOptions { total: command.limit, ..ExecOptions::default() };
        // There a runtime without an I/O driver is an error and not a panic.
        let tail_bytes = command.output_limit_bytes;
        let pipe = on_the_spawner(move || MergedOutput::pipe(tail_bytes)).await;
        let (output, outputs) =
            pipe.map_err(|source| CommandError::Spawn { program: program.clone(), source })?;
        let launch = launch(&command, &marker, outputs);
        let note = Note::write(command.noted_in, &marker).await?;
        let process = spawn(launch, Marks { marker, thread: None }).await;
        let mut process = match process {
            Ok(process) => process,
            Err(source) => {
                note.forget().await;
                return Err(not_started(program, command.cwd, source));
            }
        };
        let child = &mut process.child;
        let input = feed(child.stdin.take(), command.stdin.unwrap_or_default().into_bytes());
        let consumer = Consumer::patient();
        let supervisor = Supervisor::new(process, output, consumer, cancel, Addressee::Group, options);
        let ProcessOutcome { output, exit, stop, leftovers, elapsed } = supervisor.run().await;
        input.stop().await;
        note.forget().await;
        Ok(CommandOutput { exit, stop, output: output.tail(), elapsed, leftovers })
    }
}

/// The note of a start, where one is wanted. Dropped with a future that is given up it stays, and the next start of Codex
/// looks for what the drop has missed.
struct Note(Option<StartNote>);

impl Note {
    async fn write(state_dir: Option<StateDir>, marker: &Marker) -> Result<Self, CommandError> {
        let Some(state_dir) = state_dir else { return Ok(Self(None)) };
        let (path, marker) = (state_dir.path().to_owned(), marker.clone());
        let note = spawn_blocking(move || StartNote::write(&state_dir, &marker)).await;
        match note.unwrap_or_else(|gone| Err(io::Error::other(gone))) {
            Ok(note) => Ok(Self(Some(note))),
            Err(source) => Err(CommandError::Note { path, source }),
        }
    }

    async fn forget(self) {
        if let Some(note) = self.0 {
            // Where the runtime is gone the note stays, which harms nobody.
            drop(spawn_blocking(move || note.forget()).await);
        }
    }
}

/// The system names neither of the two that may not be there.
fn not_started(program: OsString, cwd: Option<PathBuf>, source: io::Error) -> CommandError {
    match cwd {
        Some(path) if !path.is_dir() => CommandError::Directory { path },
        _ => CommandError::Spawn { program, source },
    }
}

fn launch(command: &CommandSpec, marker: &Marker, outputs: Outputs) -> Launch {
    let (program, args) = command.argv.split_first().expect("the caller has asked for the program");
    let mut environment = child_environment(std::env::vars_os(), command);
    environment.push((marker.variable_name().into(), Marker::VALUE.into()));
    Launch {
        program: program.into(),
        args: args.to_vec(),
        environment,
        cwd: command.cwd.clone(),
        stdin: if command.stdin.is_some() { Stdin::Piped } else { Stdin::Null },
        outputs,
        parent_death: command.parent_death,
    }
}
