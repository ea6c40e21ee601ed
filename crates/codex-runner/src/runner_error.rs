//! [`RunnerError`]: why work in a project did not run, or not to its end.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use codex_exec::{ProgramError, TransportError};
use codex_ledger::{LedgerError, TurnId};
use codex_turn::AutoRunError;

use crate::context::Problem;
use crate::settings::SettingsError;
use crate::trust::TrustError;
use crate::work::SettingChange;

/// Why work in a project did not run, or not to its end.
///
/// ```
/// use codex_runner::{Environment, Project, RunnerError};
///
/// let scratch = tempfile::tempdir()?;
/// let environment = Environment::empty().variable("CODEX_TURNS_LEDGER_GIT", "sometimes");
/// let error = Project::open(scratch.path(), environment).unwrap_err();
/// assert!(matches!(error, RunnerError::Settings(_)));
/// assert!(error.to_string().starts_with("CODEX_TURNS_LEDGER_GIT: `ledger.git` must be one of"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunnerError {
    /// A setting cannot be understood.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Files of the project cannot be trusted, or trust cannot be looked up.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// A file that is named as a person's own lies where others write.
    #[error("{} is a file of the project, and it is not trusted", path.display())]
    #[non_exhaustive]
    SettingsInProject {
        /// The file.
        path: PathBuf,
    },
    /// A `.git` in a folder that an outer project tracks would hide its turns from the ledger of that project.
    #[error(
        "{} belongs to the project {}, which records turns, but contains a `.git` of its own",
        root.display(),
        outer.display()
    )]
    #[non_exhaustive]
    Eclipsed {
        /// The folder that looks like a project of its own.
        root: PathBuf,
        /// The project that tracks it.
        outer: PathBuf,
    },
    /// A link out of a project would keep its turns out of the ledger of that project.
    #[error(
        "{} leads out of the project {}, which records turns, to {}",
        typed.display(),
        outer.display(),
        root.display()
    )]
    #[non_exhaustive]
    LeadsOut {
        /// The folder as the caller named it.
        typed: PathBuf,
        /// Where it leads.
        root: PathBuf,
        /// The project that it leads out of.
        outer: PathBuf,
    },
    /// The turn works in a folder outside of the project.
    #[error("the turn works in {}, which is not in the project {}", dir.display(), root.display())]
    #[non_exhaustive]
    Elsewhere {
        /// The folder of the turn.
        dir: PathBuf,
        /// The top of the project.
        root: PathBuf,
    },
    /// There is no ledger.
    #[error("turns are not recorded in {}", root.display())]
    #[non_exhaustive]
    NoLedger {
        /// The top of the project.
        root: PathBuf,
    },
    /// The plan of a pipeline has problems.
    #[error("the pipeline cannot be run")]
    #[non_exhaustive]
    Plan {
        /// All of them.
        problems: Vec<Problem>,
    },
    /// The input of a task is missing, and no task before it can write it.
    #[error(
        "{file}:{line}: the input `{path}` is not there, and no task that could write it is run before; \
         write it, or begin with the task that does: --from TASK"
    )]
    #[non_exhaustive]
    MissingInput {
        /// The task's file.
        file: String,
        /// The line that names the input.
        line: u64,
        /// The input.
        path: String,
    },
    /// A task of a pipeline that is to be resumed has changed.
    #[error("{sentence}")]
    #[non_exhaustive]
    TaskChanged {
        /// The record of the pipeline.
        turn_id: TurnId,
        /// What has changed.
        sentence: String,
    },
    /// Settings are not what they were when the work began that is to be resumed.
    #[error("the settings of turn {turn_id} have changed: {}", listed(changes))]
    #[non_exhaustive]
    SettingsChanged {
        /// The record of the work.
        turn_id: TurnId,
        /// All that have.
        changes: Vec<SettingChange>,
    },
    /// There is nothing to resume.
    #[error("turn {turn_id} is no pipeline that was cut off in this worktree")]
    #[non_exhaustive]
    NotWaiting {
        /// The number that was asked for.
        turn_id: TurnId,
    },
    /// The ledger failed.
    #[error(transparent)]
    Ledger(LedgerError),
    /// Codex was not found.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The program is there and is not Codex, as its answer to a question shows.
    #[error(transparent)]
    NotCodex(Arc<ProgramError>),
    /// The turn would be refused.
    #[error(transparent)]
    Start(Arc<TransportError>),
    /// The run would not begin.
    #[error(transparent)]
    Run(AutoRunError),
    /// It was killed before anything had started.
    #[error("nothing was started")]
    Killed,
    /// The secrets of the project cannot be known.
    #[error("the secrets of the project cannot be redacted")]
    Redaction(#[source] Box<dyn Error + Send + Sync>),
}

impl RunnerError {
    /// Creates the error of a number under which nothing waits.
    pub fn not_waiting(turn_id: TurnId) -> Self {
        Self::NotWaiting { turn_id }
    }
}

fn listed(changes: &[SettingChange]) -> String {
    changes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
