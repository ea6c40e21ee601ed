//! [`ClaimError`]: why no number could be had.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use crate::git::VcsError;

/// Says why no number could be had. Nothing ran; a later attempt may succeed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// Git did not do its part.
    #[error("cannot {step}")]
    #[non_exhaustive]
    Git {
        /// What was about to be done.
        step: &'static str,
        /// Why.
        source: VcsError,
    },
    /// A file of the private state could not be written.
    #[error("cannot write {}", path.display())]
    #[non_exhaustive]
    Disk {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others were always faster, or a lock did not become free.
    #[error("{ref_name} could not be made within {} s{}: {reason}", waited.as_secs(), lock(*lock_age))]
    #[non_exhaustive]
    GaveUp {
        /// The ref that was tried last.
        ref_name: String,
        /// How long it was tried.
        waited: Duration,
        /// What git says.
        reason: String,
        /// How old the lock file of the ref is, where there is one.
        lock_age: Option<Duration>,
    },
    /// The remote answers and does not take claims.
    #[error("the remote {remote} does not take {ref_name}: {reason}")]
    #[non_exhaustive]
    Denied {
        /// The remote.
        remote: String,
        /// The ref.
        ref_name: String,
        /// What it says.
        reason: String,
    },
    /// The remote does not answer; it may have taken the claim before it fell silent.
    #[error("the remote {remote} did not say whether it took {ref_name}: {reason}")]
    #[non_exhaustive]
    Unreachable {
        /// The remote.
        remote: String,
        /// The ref.
        ref_name: String,
        /// What git says.
        reason: String,
    },
    /// There are no more numbers of 16 digits.
    #[error("the numbers are used up")]
    Exhausted,
}

impl ClaimError {
    pub(super) fn git(step: &'static str) -> impl FnOnce(VcsError) -> Self {
        move |source| Self::Git { step, source }
    }
}

fn lock(age: Option<Duration>) -> String {
    age.map(|age| format!(" (its .lock file is {} s old)", age.as_secs())).unwrap_or_default()
}
