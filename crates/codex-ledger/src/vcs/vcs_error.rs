//! [`VcsError`]: why git did not do what it was asked.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

/// Says why git did not do what it was asked. `step` is what was asked, in words.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VcsError {
    /// The program `git` could not be started.
    #[error("git could not be started to {step}")]
    Start {
        /// What was asked.
        step: &'static str,
        /// Why.
        source: io::Error,
    },
    /// Git said no.
    #[error("git could not {step} ({}){}", end(*code), said(stderr))]
    Failed {
        /// What was asked.
        step: &'static str,
        /// Its exit code; `None` if a signal ended it.
        code: Option<i32>,
        /// The last lines it wrote to standard error.
        stderr: String,
    },
    /// Git took too long and was killed.
    #[error("git took longer than {limit:?} to {step}")]
    TimedOut {
        /// What was asked.
        step: &'static str,
        /// The limit.
        limit: Duration,
    },
    /// An [`Abort`](crate::Abort) was pulled, so that git was ended or not started.
    #[error("git was ended before it could {step}")]
    Aborted {
        /// What was asked.
        step: &'static str,
    },
    /// Git printed what cannot be read.
    #[error("what git printed to {step} cannot be read: {reason}")]
    Unreadable {
        /// What was asked.
        step: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of the private state could not be read or written, or git's output could not be read.
    #[error("{} cannot be used to {step}", path.display())]
    Io {
        /// What was asked.
        step: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no worktree of git at this folder.
    #[error("{} is in no worktree of git{}", path.display(), said(reason))]
    NoWorktree {
        /// The folder.
        path: PathBuf,
        /// What git says.
        reason: String,
    },
}

fn end(code: Option<i32>) -> String {
    code.map_or_else(|| "ended by a signal".to_owned(), |code| format!("exit code {code}"))
}

fn said(stderr: &str) -> String {
    if stderr.is_empty() { String::new() } else { format!(": {stderr}") }
}
