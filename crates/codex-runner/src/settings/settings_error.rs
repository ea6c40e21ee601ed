//! [`SettingsError`]: what is wrong with a setting, and where it was made.

use std::io;
use std::path::PathBuf;

use super::setting::Origin;

/// What is wrong with a setting, and where it was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file is there and cannot be read.
    #[error("cannot read {}", path.display())]
    #[non_exhaustive]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is not TOML.
    #[error("{place}: {problem}")]
    #[non_exhaustive]
    Syntax {
        /// The line.
        place: Origin,
        /// What is wrong there.
        problem: String,
    },
    /// No setting has this key.
    #[error("{place}: there is no setting `{key}`{}", did_you_mean(nearest.as_deref()))]
    #[non_exhaustive]
    UnknownKey {
        /// Where it stands.
        place: Origin,
        /// The key.
        key: String,
        /// The key that is most like it.
        nearest: Option<String>,
    },
    /// The value cannot be understood.
    #[error("{place}: `{key}` {problem}")]
    #[non_exhaustive]
    Value {
        /// Where it was set.
        place: Origin,
        /// The key.
        key: String,
        /// What is wrong with the value.
        problem: String,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|key| format!("; the nearest is `{key}`")).unwrap_or_default()
}
