//! [`VcsError`]: why git did not do what it was asked.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use crate::cause::Cause;
use crate::git::git_cli::GitVersion;

/// Says why git did not do what it was asked. `step` is what was asked, in words.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VcsError {
    /// The program `git` could not be started.
    #[error("git could not be started to {step}")]
    #[non_exhaustive]
    Start {
        /// What was asked.
        step: &'static str,
        /// Why.
        source: io::Error,
    },
    /// Git is older than [`GitVersion::OLDEST`].
    #[error("{found} is too old: git {} or later is needed", GitVersion::OLDEST)]
    #[non_exhaustive]
    TooOld {
        /// What it says of itself.
        found: String,
    },
    /// Git said no.
    #[error("git could not {step} ({}){}", end(*code), said(stderr))]
    #[non_exhaustive]
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
    #[non_exhaustive]
    TimedOut {
        /// What was asked.
        step: &'static str,
        /// The limit.
        limit: Duration,
    },
    /// An [`Abort`](crate::system::Abort) was pulled, so that git was ended or not started.
    #[error("git was ended before it could {step}")]
    #[non_exhaustive]
    Aborted {
        /// What was asked.
        step: &'static str,
    },
    /// Git printed what cannot be read.
    #[error("what git printed to {step} cannot be read: {reason}")]
    #[non_exhaustive]
    Unreadable {
        /// What was asked.
        step: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of the private state could not be read or written, or git's output could not be read.
    #[error("{} cannot be used to {step}", path.display())]
    #[non_exhaustive]
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
    #[non_exhaustive]
    NoWorktree {
        /// The folder.
        path: PathBuf,
        /// What git says.
        reason: String,
    },
    /// Something in the worktree keeps git from its work.
    #[error("git could not {step} because of {}{}", path.display(), said(reason))]
    #[non_exhaustive]
    Obstructed {
        /// What was asked.
        step: &'static str,
        /// What keeps git from it.
        path: PathBuf,
        /// What git says.
        reason: String,
    },
}

/// How git begins when its configuration cannot be used. What comes after these words may be anybody's.
const OF_CONFIGURATION: &[&str] = &[
    "fatal: bad ",
    "error: bad ",
    "fatal: exceeded maximum include depth",
    "fatal: unable to access '",
    "warning: unable to access '",
    "fatal: invalid ",
    "error: invalid ",
    "error: malformed ",
    "error: missing value for ",
    "error: key does not contain ",
];

/// How git begins when it cannot read a file of the worktree.
const OF_WORKTREE: &str = "error: open(\"";

/// What git says if the machine, how it is set up, or a program of the user's keeps it from its work.
const OF_MACHINE: &[&str] = &[
    "Read-only file system",
    "Too many open files",
    "Cannot allocate memory",
    "out of memory",
    "Resource temporarily unavailable",
    "Input/output error",
    "Permission denied",
    "insufficient permission",
    "dubious ownership",
    "Please tell me who you are",
    "empty ident name",
    "cannot run ",
    "cannot exec ",
    "filter '",
    "gpg failed to sign",
    "is not a git command",
    "unknown option",
];

/// What git says if there is no room for what it writes.
const OF_FULL_DISKS: &[&str] =
    &["No space left on device", "Disk quota exceeded", "File too large", "Out of diskspace"];

/// What git says if another process holds a lock.
const OF_LOCKS: &[&str] = &[".lock': File exists", "cannot lock ref", "Another git process"];

impl VcsError {
    /// Creates the error of a git that could not be started to do this step.
    pub fn start(step: &'static str, source: io::Error) -> Self {
        Self::Start { step, source }
    }

    /// Creates the error of a git that ended with this exit code, and what it wrote to standard error.
    pub fn failed(step: &'static str, code: i32, stderr: impl Into<String>) -> Self {
        Self::Failed { step, code: Some(code), stderr: stderr.into() }
    }

    /// Creates the error of a git that took longer than a limit.
    pub fn timed_out(step: &'static str, limit: Duration) -> Self {
        Self::TimedOut { step, limit }
    }

    /// Creates the error of an answer that cannot be read.
    pub fn unreadable(step: &'static str, reason: impl Into<String>) -> Self {
        Self::Unreadable { step, reason: reason.into() }
    }

    /// Whether there is no room for what git or we were to write.
    pub(crate) fn is_disk_full(&self) -> bool {
        match self {
            Self::Failed { stderr: said, .. } => {
                // What such a line says later may be anybody's.
                !is_of_configuration(said) && !said.starts_with(OF_WORKTREE) && speaks_of(said, OF_FULL_DISKS)
            }
            Self::Io { source, .. } => is_disk_full(source),
            Self::Start { .. }
            | Self::TooOld { .. }
            | Self::TimedOut { .. }
            | Self::Aborted { .. }
            | Self::Unreadable { .. }
            | Self::NoWorktree { .. }
            | Self::Obstructed { .. } => false,
        }
    }

    /// Who can do something about it, as far as the error itself proves it: what names nothing of the worktree may be a git
    /// that was never set up well.
    pub(crate) fn cause(&self) -> Cause {
        match self {
            Self::Obstructed { .. } => Cause::Repository,
            Self::Start { .. }
            | Self::TooOld { .. }
            | Self::Failed { .. }
            | Self::TimedOut { .. }
            | Self::Aborted { .. }
            | Self::Unreadable { .. }
            | Self::Io { .. }
            | Self::NoWorktree { .. } => Cause::Environment,
        }
    }

    /// Who can do something about it if git did the same a moment ago: whatever the machine is not known for was changed
    /// in between.
    pub(crate) fn cause_after_success(&self) -> Cause {
        match self {
            Self::Failed { stderr: said, .. } | Self::NoWorktree { reason: said, .. } => {
                if is_of_configuration(said) || said.starts_with(OF_WORKTREE) {
                    Cause::Repository
                } else if speaks_of(said, OF_LOCKS) {
                    Cause::Contention
                } else if speaks_of(said, OF_MACHINE) || speaks_of(said, OF_FULL_DISKS) {
                    Cause::Environment
                } else {
                    Cause::Repository
                }
            }
            Self::TimedOut { .. } | Self::Unreadable { .. } | Self::Obstructed { .. } => Cause::Repository,
            Self::Start { .. } | Self::TooOld { .. } | Self::Aborted { .. } | Self::Io { .. } => {
                Cause::Environment
            }
        }
    }
}

/// Whether the disk or the quota is full, or files may not become that long.
pub(crate) fn is_disk_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};

    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// Whether git says that it cannot use its configuration.
pub(crate) fn is_of_configuration(said: &str) -> bool {
    OF_CONFIGURATION.iter().any(|words| said.starts_with(words))
}

fn speaks_of(said: &str, words: &[&str]) -> bool {
    words.iter().any(|words| said.contains(words))
}

fn end(code: Option<i32>) -> String {
    code.map_or_else(|| "ended by a signal".to_owned(), |code| format!("exit code {code}"))
}

fn said(stderr: &str) -> String {
    if stderr.is_empty() { String::new() } else { format!(": {stderr}") }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::VcsError;
    use crate::cause::Cause;

    #[rstest]
    #[case::broken_include("fatal: bad config line 1 in file .git/../git.inc", Cause::Repository)]
    #[case::bad_value("fatal: bad boolean config value 'x' for 'core.autocrlf'", Cause::Repository)]
    #[case::locked_include("fatal: unable to access '.git/../git.inc': Permission denied", Cause::Repository)]
    #[case::forged_words(
        "fatal: bad config line 1 in file .git/../x: No space left on device",
        Cause::Repository
    )]
    #[case::locked_files("error: open(\"a\"): Permission denied", Cause::Repository)]
    #[case::unheard_of("fatal: what nobody has ever read", Cause::Repository)]
    #[case::full_disk("error: unable to write file .git/x: No space left on device", Cause::Environment)]
    #[case::no_such_filter("error: cannot run lfs: No such file or directory", Cause::Environment)]
    #[case::failing_filter("fatal: a.txt: clean filter 'lfs' failed", Cause::Environment)]
    #[case::other_owner("fatal: detected dubious ownership in repository at '/x'", Cause::Environment)]
    #[case::locked("fatal: Unable to create '/x/.git/index.lock': File exists.", Cause::Contention)]
    fn words_of_git_say_who_is_to_act(#[case] stderr: &str, #[case] after_success: Cause) {
        let failed = VcsError::Failed { step: "x", code: Some(128), stderr: stderr.to_owned() };
        assert_eq!(failed.cause_after_success(), after_success);
        assert_eq!(failed.cause(), Cause::Environment, "it may never have worked");
    }
}
