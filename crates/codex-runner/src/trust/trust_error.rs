//! [`TrustError`]: why files of a project cannot be trusted.

use std::io;
use std::path::PathBuf;

use super::project_file::FileRefused;

/// Why files of a project cannot be trusted, or trust cannot be looked up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The agent could write what decides.
    #[error("trust is kept in {}, and agents may write to {}", store.display(), place.display())]
    #[non_exhaustive]
    StoreInReach {
        /// The folder of the store.
        store: PathBuf,
        /// The folder that an agent may write to.
        place: PathBuf,
    },
    /// Another user could write what decides.
    #[error("trust is kept in {}, and that is not a folder which only this user can write to", store.display())]
    #[non_exhaustive]
    StoreOfOthers {
        /// The folder of the store.
        store: PathBuf,
    },
    /// The store cannot be used.
    #[error("trust is kept in {}, and that cannot be used", store.display())]
    #[non_exhaustive]
    Store {
        /// The folder of the store.
        store: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A command names a file whose bytes cannot be known.
    #[error("a command names {}, and that cannot be trusted", path.display())]
    #[non_exhaustive]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: FileRefused,
    },
    /// A command names more files than are looked at.
    #[error("a command names more than {limit} files")]
    #[non_exhaustive]
    ManyWords {
        /// The most that are looked at.
        limit: usize,
    },
    /// A variable or a flag says neither which bytes nor which ref.
    #[error("{name}: {text:?} {problem}")]
    #[non_exhaustive]
    Word {
        /// The variable or the flag.
        name: &'static str,
        /// Its value.
        text: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The ref is not there, or git does not say what it holds.
    #[error("{name}: the files at {text:?} cannot be read: {problem}")]
    #[non_exhaustive]
    Ref {
        /// The variable or the flag.
        name: &'static str,
        /// The ref.
        text: String,
        /// Why.
        problem: String,
    },
}
