//! [`LedgerError`]: why the ledger could not do what it was asked.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::io::Errno;
use thiserror::Error;

use crate::cause::Cause;
use crate::claims::ClaimError;
use crate::git::{VcsError, is_disk_full};
use crate::manifest::ManifestError;
use crate::values::LEDGER_ROOT;

/// Says why the ledger could not do what it was asked. `step` is what it was about to do, in words.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// Git did not do its part.
    #[error("cannot {step}")]
    #[non_exhaustive]
    Git {
        /// What was about to be done.
        step: &'static str,
        /// Why.
        source: VcsError,
    },
    /// A file could not be read or written.
    #[error("cannot {step}: {}", path.display())]
    #[non_exhaustive]
    Disk {
        /// What was about to be done.
        step: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No number could be had; nothing ran.
    #[error("no turn id could be claimed")]
    Claim(#[from] ClaimError),
    /// A manifest cannot be read.
    #[error("the manifest {} cannot be read", path.display())]
    #[non_exhaustive]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ManifestError,
    },
    /// What is recorded does not fit together.
    #[error("{}: {finding}", path.display())]
    #[non_exhaustive]
    Integrity {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        finding: String,
    },
    /// The ledger was written in a later version of the format and may only be read.
    #[error("the ledger {} has the format {format} and can only be read", root.display())]
    #[non_exhaustive]
    ReadOnly {
        /// The folder of the ledger.
        root: PathBuf,
        /// The format.
        format: String,
    },
    /// There is no ledger here.
    #[error("{} has no ledger", root.display())]
    #[non_exhaustive]
    NotInitialised {
        /// The top of the worktree.
        root: PathBuf,
    },
    /// There was a ledger at the last turn on this branch, and it is gone.
    #[error("the ledger of {} was there at the last turn and is gone", root.display())]
    #[non_exhaustive]
    Gone {
        /// The top of the worktree.
        root: PathBuf,
    },
    /// Something else stands in the place of a folder of the ledger.
    #[error("{} is {by} and was a folder of the ledger", path.display())]
    #[non_exhaustive]
    Replaced {
        /// What was replaced.
        path: PathBuf,
        /// What stands there.
        by: &'static str,
    },
    /// Somebody else holds a lock.
    #[error("{} is held by another process{}", lock.display(), for_how_long(*age))]
    #[non_exhaustive]
    Busy {
        /// The lock file.
        lock: PathBuf,
        /// How old the lock file is, where that could be read.
        age: Option<Duration>,
    },
    /// What was asked for cannot be done in the state that the repository is in.
    #[error("cannot {step}: {reason}")]
    #[non_exhaustive]
    Refused {
        /// What was asked for.
        step: &'static str,
        /// Why not.
        reason: String,
    },
}

impl LedgerError {
    /// Creates the error of a git that did not do its part in this step.
    pub fn of_git(step: &'static str, source: VcsError) -> Self {
        Self::Git { step, source }
    }

    /// Creates the error of a project whose ledger is gone.
    pub fn gone(root: impl Into<PathBuf>) -> Self {
        Self::Gone { root: root.into() }
    }

    /// Creates the error of a folder of the ledger that is something else now, such as `a symbolic link`.
    pub fn replaced(path: impl Into<PathBuf>, by: &'static str) -> Self {
        Self::Replaced { path: path.into(), by }
    }

    /// Creates the error of a project that has no ledger yet.
    pub fn not_initialised(root: impl Into<PathBuf>) -> Self {
        Self::NotInitialised { root: root.into() }
    }

    /// Who can do something about it.
    ///
    /// ```
    /// use codex_ledger::{Cause, LedgerError};
    ///
    /// let gone = LedgerError::gone("/project");
    /// assert_eq!(gone.cause(), Cause::Repository);
    /// ```
    pub fn cause(&self) -> Cause {
        match self {
            Self::Gone { .. }
            | Self::Replaced { .. }
            | Self::Integrity { .. }
            | Self::Manifest { .. }
            | Self::ReadOnly { .. } => Cause::Repository,
            Self::Claim(_) if self.is_disk_full() => Cause::Environment,
            Self::Claim(_) | Self::Busy { .. } => Cause::Contention,
            Self::Disk { path, source, .. } if is_in_ledger(path) && is_obstacle(source) => Cause::Repository,
            Self::Git { source, .. } => source.cause(),
            Self::Disk { .. } | Self::NotInitialised { .. } | Self::Refused { .. } => Cause::Environment,
        }
    }

    /// The same of an error after a turn whose record was opened: git could do its part then, so what keeps it from that
    /// now is the repository, unless it is known for the machine.
    ///
    /// ```
    /// use codex_ledger::{Cause, LedgerError};
    /// use codex_ledger::git::VcsError;
    ///
    /// let failed = |stderr: &str| VcsError::failed("read the worktree", 128, stderr);
    /// let git = |stderr: &str| LedgerError::of_git("commit the record", failed(stderr));
    /// let broken = git("fatal: bad config line 1 in file .git/../git.inc");
    /// assert_eq!((broken.cause(), broken.cause_after_turn()), (Cause::Environment, Cause::Repository));
    /// assert_eq!(git("fatal: No space left on device").cause_after_turn(), Cause::Environment);
    /// ```
    pub fn cause_after_turn(&self) -> Cause {
        match self {
            Self::Git { source, .. } => source.cause_after_success(),
            Self::Disk { .. }
            | Self::Claim(_)
            | Self::Manifest { .. }
            | Self::Integrity { .. }
            | Self::ReadOnly { .. }
            | Self::NotInitialised { .. }
            | Self::Gone { .. }
            | Self::Replaced { .. }
            | Self::Busy { .. }
            | Self::Refused { .. } => self.cause(),
        }
    }

    /// Whether no number could be had, so that nothing ran and a later attempt may succeed: exit code 75.
    pub fn is_claim_unavailable(&self) -> bool {
        matches!(self, Self::Claim(_)) && !self.is_disk_full()
    }

    /// Whether there is no room for what was to be written: the disk or a quota is full, or a limit on the size of files is
    /// reached. What is written down by then stays, so that [`recover`](crate::FileLedger::recover) can finish it.
    ///
    /// ```
    /// use codex_ledger::LedgerError;
    /// use codex_ledger::git::VcsError;
    ///
    /// let full = VcsError::failed("write a blob", 128, "error: file write error: No space left on device");
    /// assert!(LedgerError::of_git("write the claim", full).is_disk_full());
    /// ```
    pub fn is_disk_full(&self) -> bool {
        match self {
            Self::Git { source, .. } | Self::Claim(ClaimError::Git { source, .. }) => source.is_disk_full(),
            Self::Disk { source, .. } | Self::Claim(ClaimError::Disk { source, .. }) => is_disk_full(source),
            Self::Claim(_)
            | Self::Manifest { .. }
            | Self::Integrity { .. }
            | Self::ReadOnly { .. }
            | Self::NotInitialised { .. }
            | Self::Gone { .. }
            | Self::Replaced { .. }
            | Self::Busy { .. }
            | Self::Refused { .. } => false,
        }
    }

    /// Whether what is recorded does not fit together: exit code 1 of a verification.
    pub fn is_integrity(&self) -> bool {
        matches!(self, Self::Integrity { .. } | Self::Manifest { .. })
    }

    /// Wraps what git says.
    pub(crate) fn git(step: &'static str) -> impl FnOnce(VcsError) -> Self {
        move |source| Self::Git { step, source }
    }

    /// Wraps what the system says.
    pub(crate) fn disk(step: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Disk { step, path, source }
    }
}

fn is_in_ledger(path: &Path) -> bool {
    let ledger: Vec<_> = Path::new(LEDGER_ROOT).iter().collect();
    path.iter().collect::<Vec<_>>().windows(ledger.len()).any(|parts| parts == ledger)
}

/// Whether something stands in the way, rather than that room or rights are missing. A refusal of [`RealDisk`] to follow a
/// link has no number of the system's.
///
/// [`RealDisk`]: crate::system::RealDisk
fn is_obstacle(error: &io::Error) -> bool {
    let Some(number) = error.raw_os_error() else {
        return error.kind() == io::ErrorKind::PermissionDenied;
    };
    [Errno::EXIST, Errno::NOTEMPTY, Errno::ISDIR, Errno::NOTDIR, Errno::NOENT, Errno::LOOP]
        .iter()
        .any(|errno| errno.raw_os_error() == number)
}

fn for_how_long(age: Option<Duration>) -> String {
    age.map(|age| format!(", for {} s", age.as_secs())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io;

    use rstest::rstest;

    use super::LedgerError;
    use crate::cause::Cause;
    use crate::claims::ClaimError;
    use crate::git::VcsError;

    fn git(said: &str) -> VcsError {
        VcsError::failed("write a blob", 128, said)
    }

    fn disk(kind: io::ErrorKind) -> LedgerError {
        LedgerError::disk("open a journal", "/p/.git/turns/journal")(kind.into())
    }

    fn claim(source: VcsError) -> LedgerError {
        ClaimError::Git { step: "write the claim", source }.into()
    }

    /// Before a turn and after it, and wherever it is met.
    #[rstest]
    #[case::disk(disk(io::ErrorKind::StorageFull))]
    #[case::quota(disk(io::ErrorKind::QuotaExceeded))]
    #[case::limit(disk(io::ErrorKind::FileTooLarge))]
    #[case::of_git(LedgerError::of_git("look", git("fatal: write error: No space left on device")))]
    #[case::limit_of_git(LedgerError::of_git("look", git("error: file write error: File too large")))]
    #[case::at_the_claim(claim(git("error: file write error: Disk quota exceeded")))]
    #[case::at_the_note_of_a_claim(
        ClaimError::Disk { path: "/p".into(), source: io::ErrorKind::StorageFull.into() }.into()
    )]
    fn a_full_disk_is_the_machine_and_no_contention(#[case] error: LedgerError) {
        assert!(error.is_disk_full(), "{error}");
        assert!(!error.is_claim_unavailable(), "{error}");
        assert_eq!((error.cause(), error.cause_after_turn()), (Cause::Environment, Cause::Environment));
    }

    #[rstest]
    #[case::rights(disk(io::ErrorKind::PermissionDenied))]
    #[case::contention(claim(git("fatal: Unable to create '/x/refs/turns/1.lock': File exists.")))]
    #[case::words_of_a_file(LedgerError::of_git(
        "look",
        git("fatal: bad config line 1 in file x: No space left on device")
    ))]
    fn other_errors_are_no_full_disk(#[case] error: LedgerError) {
        assert!(!error.is_disk_full(), "{error}");
    }
}
