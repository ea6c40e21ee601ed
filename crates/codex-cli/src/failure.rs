//! [`CliError`]: why a command failed, as a sentence, its causes, and what to do.

pub(crate) mod hint;

use std::error::Error;
use std::io::{self, Write as _};
use std::iter;
use std::path::PathBuf;
use std::sync::Arc;

use codex_exec::{ProgramError, TransportError};
use codex_ledger::{LedgerError, TurnId};
pub(crate) use codex_protocol::with_causes as causes;
use codex_runner::{Problem, RunnerError};
use codex_turn::{AutoRunError, CodexError, TurnError};

use crate::exit_code::Code;
use crate::interrupts::Interrupt;
use crate::render::{Line, Tone};

/// Why a command failed before there was a turn to report.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// Nothing was asked.
    #[error("there is no prompt")]
    NoPrompt,
    /// Standard input could not be read.
    #[error("the prompt cannot be read from standard input")]
    PromptUnreadable(#[source] io::Error),
    /// Standard input is no text.
    #[error("the prompt on standard input is not UTF-8 from byte {valid_bytes} on")]
    PromptNotUtf8 { valid_bytes: usize },
    /// A file to write cannot be written; said before anything starts.
    #[error("cannot write {}", path.display())]
    Unwritable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// Two outputs have one file.
    #[error("the answer and the result cannot both be written to {}", path.display())]
    OneFileTwice { path: PathBuf },
    /// A recording cannot be read.
    #[error("cannot read the stream {}", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// A recording has nothing of a turn.
    #[error("the stream {} has neither the beginning nor the end of a turn: codex did not start", path.display())]
    NoTurn { path: PathBuf },
    /// The project could not be opened, or may not be worked in.
    #[error(transparent)]
    Project(RunnerError),
    /// There is no ledger to do anything with.
    #[error("turns are not recorded in {}", root.display())]
    NoLedger { root: PathBuf },
    /// There is no such record.
    #[error("there is no record of turn {turn_id}")]
    NoRecord { turn_id: TurnId },
    /// A record never had a file of this name.
    #[error("{file:?} is no file of the record of turn {turn_id}")]
    NoFile { turn_id: TurnId, file: String, files: Vec<String> },
    /// A record does not hold what was asked for.
    #[error("the record of turn {turn_id} has no {what}")]
    NotKept { turn_id: TurnId, what: &'static str },
    /// The plan of a pipeline has problems.
    #[error("the pipeline cannot be run")]
    Plan { problems: Vec<Problem> },
    /// The ledger could not do what it must.
    #[error(transparent)]
    Ledger(LedgerError),
    /// A second signal came before anything had started.
    #[error("nothing was started")]
    Interrupted(Interrupt),
    /// There is no Codex.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The program is there and is not Codex, as its answer to a question shows.
    #[error(transparent)]
    NotCodex(Arc<ProgramError>),
    /// A handle could not be made.
    #[error(transparent)]
    Codex(CodexError),
    /// The turn did not start.
    #[error(transparent)]
    Start(Arc<TransportError>),
    /// The turn did not start for a reason of the turn layer's.
    #[error(transparent)]
    Turn(TurnError),
    /// A run did not begin.
    #[error(transparent)]
    Run(AutoRunError),
    /// A flag of a turn that a run cannot have.
    #[error("a run of turns cannot have {flag}: {why}")]
    NotOfRuns { flag: &'static str, why: &'static str },
    /// The system gave us no thread or signal handler.
    #[error("the command could not be set up")]
    Setup(#[source] io::Error),
}

impl CliError {
    /// Sorts an error of work that did not run.
    pub(crate) fn of_runner(error: RunnerError, interrupt: Option<Interrupt>) -> Self {
        if matches!(error, RunnerError::Killed) { Self::interrupted(interrupt) } else { error.into() }
    }

    /// A signal came before anything had started.
    pub(crate) fn interrupted(interrupt: Option<Interrupt>) -> Self {
        Self::Interrupted(interrupt.unwrap_or(Interrupt::CtrlC))
    }

    /// Whether it may be that the program is no Codex at all.
    pub(crate) fn doubts_the_program(&self) -> bool {
        let Self::Start(error) = self else { return false };
        matches!(
            **error,
            TransportError::StartFailed { .. }
                | TransportError::NotCodex { .. }
                | TransportError::Spawn { .. }
        )
    }

    /// Sorts an error of a turn that did not run.
    pub(crate) fn of_turn(error: TurnError) -> Self {
        if let TurnError::Start(error) = error { Self::Start(error) } else { Self::Turn(error) }
    }

    /// The exit code.
    pub(crate) fn code(&self, interrupt: Option<Interrupt>) -> Code {
        match self {
            Self::NoPrompt
            | Self::PromptUnreadable(_)
            | Self::PromptNotUtf8 { .. }
            | Self::Unwritable { .. }
            | Self::OneFileTwice { .. }
            | Self::Unreadable { .. }
            | Self::NoLedger { .. }
            | Self::NoRecord { .. }
            | Self::NoFile { .. }
            | Self::Plan { .. }
            | Self::NotKept { .. }
            | Self::NotOfRuns { .. } => Code::Usage,
            Self::Run(error) => Code::of_run(error),
            Self::Ledger(error) => Code::of_ledger(error),
            Self::Project(error) => Code::of_project(error),
            Self::Interrupted(heard) => Code::of_interrupt(Some(*heard)),
            Self::Program(error) => Code::of_program(error),
            Self::NotCodex(error) => Code::of_program(error),
            Self::Codex(error) => Code::of_codex(error),
            Self::Start(error) => Code::of_transport(error, interrupt),
            Self::Turn(error) => Code::of_turn(error, interrupt),
            Self::NoTurn { .. } | Self::Setup(_) => Code::NotStarted,
        }
    }

    /// The lines for a person: the error, its causes, and what to do.
    pub(crate) fn lines(&self) -> Vec<Line> {
        if let Self::Plan { problems } = self {
            return problems.iter().map(|problem| error_line(&problem.to_string())).collect();
        }
        let mut lines = vec![error_line(&self.to_string())];
        let causes = iter::successors(self.source(), |error| (*error).source());
        lines.extend(causes.map(|cause| Line::new(Tone::Plain, &format!("  caused by: {cause}"))));
        lines.extend(hint::of_failure(self).map(|hint| hint_line(&hint)));
        lines
    }

    /// Prints the lines to standard error, where no console does it.
    pub(crate) fn report(&self) {
        print(&self.lines());
    }
}

/// Prints lines to standard error, where no console does it.
pub(crate) fn print(lines: &[Line]) {
    let mut stderr = anstream::stderr().lock();
    for line in lines {
        // There is nobody to tell that standard error is closed.
        let _ = writeln!(stderr, "{}", line.painted());
    }
}

impl From<RunnerError> for CliError {
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are of the project")]
    fn from(error: RunnerError) -> Self {
        match error {
            RunnerError::Ledger(error) => Self::Ledger(error),
            RunnerError::Program(error) => Self::Program(error),
            RunnerError::NotCodex(error) => Self::NotCodex(error),
            RunnerError::Start(error) => Self::Start(error),
            RunnerError::Run(error) => Self::Run(error),
            RunnerError::Plan { problems, .. } => Self::Plan { problems },
            error => Self::Project(error),
        }
    }
}

impl From<CodexError> for CliError {
    fn from(error: CodexError) -> Self {
        if let CodexError::Program(error) = error { Self::Program(error) } else { Self::Codex(error) }
    }
}

/// The line of an error.
pub(crate) fn error_line(text: &str) -> Line {
    Line::new(Tone::Bad, "error: ").and(Tone::Plain, text)
}

/// The line of what to do.
pub(crate) fn hint_line(text: &str) -> Line {
    Line::new(Tone::Strong, "hint: ").and(Tone::Plain, text)
}

/// The line of something that is to be known and stops nothing.
pub(crate) fn warning_line(text: &str) -> Line {
    Line::new(Tone::Warning, "warning: ").and(Tone::Plain, text)
}
