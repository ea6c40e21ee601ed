//! [`TrustError`]: why files of a project cannot be trusted.

use std::io;
use std::path::PathBuf;

use super::project_file::FileRefused;

/// Why files of a project cannot be trusted, or trust cannot be looked up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrustError {
    /// The agent could write what decides.
    #[error("trust is kept in {}, and agents may write to {}", store.display(), place.display())]
    StoreInReach { store: PathBuf, place: PathBuf },
    /// Somebody else could write what decides.
    #[error("trust is kept in {}, and that is not a folder which only this user can write to", store.display())]
    StoreOfOthers { store: PathBuf },
    /// The store cannot be used.
    #[error("trust is kept in {}, and that cannot be used", store.display())]
    Store {
        store: PathBuf,
        #[source]
        source: io::Error,
    },
    /// A command names a file whose bytes cannot be known.
    #[error("a command names {}, and that cannot be trusted: {source}", path.display())]
    File { path: PathBuf, source: FileRefused },
    /// A command names more files than are looked at.
    #[error("a command names more than {limit} files")]
    ManyWords { limit: usize },
    /// A variable or a flag says neither which bytes nor which ref.
    #[error("{name}: {text:?} {problem}")]
    Word { name: &'static str, text: String, problem: String },
    /// The ref is not there, or git does not say what it holds.
    #[error("{name}: the files at {text:?} cannot be read: {problem}")]
    Ref { name: &'static str, text: String, problem: String },
}
