//! [`ConfigError`]: what is wrong with a setting, and where it was made.

use std::io;
use std::path::PathBuf;

use super::setting::Origin;

/// What is wrong with a setting, and where it was made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file is there and cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// The file is no TOML.
    #[error("{place}: {problem}")]
    Syntax { place: Origin, problem: String },
    /// Nobody knows this key.
    #[error("{place}: there is no setting `{key}`{}", did_you_mean(nearest.as_deref()))]
    UnknownKey { place: Origin, key: String, nearest: Option<String> },
    /// The value cannot be understood.
    #[error("{place}: `{key}` {problem}")]
    Value { place: Origin, key: String, problem: String },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|key| format!("; the nearest is `{key}`")).unwrap_or_default()
}
