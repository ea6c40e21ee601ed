//! [`SettingChange`]: a setting that is no longer what it was.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::settings::Origin;

/// Says where a kept value came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum SettingSource {
    /// Nobody had set it.
    Default,
    /// This line of this file.
    #[non_exhaustive]
    File {
        /// The name of the file.
        name: String,
        /// Counted from 1.
        line: usize,
    },
    /// The caller or the environment, which need not say it again.
    #[non_exhaustive]
    Caller {
        /// The variable or the flag.
        name: String,
        /// What it said.
        text: String,
    },
}

/// A setting that is no longer what it was.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SettingChange {
    /// Its key.
    pub key: String,
    /// The value when the work began.
    pub before: Json,
    /// Where that came from.
    pub before_source: SettingSource,
    /// The value of now.
    pub now: Json,
    /// Where this comes from.
    pub now_origin: Origin,
}

impl fmt::Display for SettingSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File { name, line } => write!(formatter, "{name}:{line}"),
            Self::Caller { name, .. } => formatter.write_str(name),
        }
    }
}

/// One line: `run.model was "a" (CODEX_TURNS_RUN_MODEL) and is "b" (codex-turns.toml:3)`.
impl fmt::Display for SettingChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |value: &Json| if value.is_null() { "unset".to_owned() } else { value.to_string() };
        let Self { key, before, before_source, now, now_origin } = self;
        write!(
            formatter,
            "`{key}` was {} ({before_source}) and is {} ({now_origin})",
            text(before),
            text(now)
        )
    }
}
