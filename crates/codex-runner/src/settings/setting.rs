//! [`Setting`]: a value and where it came from.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value as Json;

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

impl<T> Setting<T> {
    /// A value that nobody has set.
    pub(super) fn default(value: T) -> Self {
        Self { value, origin: Origin::Default }
    }
}

/// Says where a value came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Nobody has set it.
    #[default]
    Default,
    /// This line of this file.
    #[non_exhaustive]
    File {
        /// The name of the file.
        name: String,
        /// Counted from 1.
        line: usize,
    },
    /// This variable.
    Environment(String),
    /// This flag.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File { name, line } => write!(formatter, "{name}:{line}"),
            Self::Environment(name) | Self::Flag(name) => formatter.write_str(name),
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A setting for people and programs.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ShownSetting {
    /// Its key, such as `run.model`.
    pub key: String,
    /// Its value.
    pub value: Json,
    /// Where it came from.
    pub origin: Origin,
    /// What the variable or the flag said that set it.
    #[serde(skip)]
    pub(crate) text: Option<String>,
    /// The variable that sets it.
    pub variable: String,
}
