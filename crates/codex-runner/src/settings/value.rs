//! [`Value`]: how each kind of setting is written.

use std::time::Duration;

use codex_exec::Sandbox;
use codex_ledger::GitMode;
use codex_ledger::git::Signing;
use codex_ledger::record::DirtyWorktree;
use serde_json::Value as Json;
use toml::de::DeValue;

use super::check_sandbox::CheckSandbox;
use super::project_file::{string, strings};

/// A kind of value that a setting can have.
pub(crate) trait Value: Sized {
    /// Reads what a variable or a flag says.
    fn from_text(text: &str) -> Result<Self, String>;

    /// Reads what the file says.
    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        Self::from_text(string(value).ok_or("must be a text in quotes")?)
    }

    /// As it is shown.
    fn json(&self) -> Json;

    /// Whether it is a larger limit than another.
    fn exceeds(&self, _other: &Self) -> bool {
        false
    }
}

/// What may be left open.
impl<T: Value> Value for Option<T> {
    fn from_text(text: &str) -> Result<Self, String> {
        T::from_text(text).map(Some)
    }

    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        T::from_toml(value).map(Some)
    }

    fn json(&self) -> Json {
        self.as_ref().map_or(Json::Null, T::json)
    }
}

impl Value for String {
    fn from_text(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() { Err("must not be empty".to_owned()) } else { Ok(text.to_owned()) }
    }

    fn json(&self) -> Json {
        self.as_str().into()
    }
}

impl Value for bool {
    fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err("must be true or false".to_owned()),
        }
    }

    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        value.as_bool().ok_or_else(|| "must be true or false, without quotes".to_owned())
    }

    fn json(&self) -> Json {
        (*self).into()
    }
}

/// A number of bytes or of things; none of them may be 0.
impl Value for u64 {
    fn from_text(text: &str) -> Result<Self, String> {
        let number = text.replace('_', "").parse().ok().filter(|number| *number > 0);
        number.ok_or_else(|| "must be a whole number above 0".to_owned())
    }

    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        let number = value.as_integer().ok_or("must be a whole number, without quotes")?;
        let number = Self::from_str_radix(number.as_str(), number.radix()).ok().filter(|number| *number > 0);
        number.ok_or_else(|| "must be a whole number above 0".to_owned())
    }

    fn json(&self) -> Json {
        (*self).into()
    }

    fn exceeds(&self, other: &Self) -> bool {
        self > other
    }
}

impl Value for Duration {
    fn from_text(text: &str) -> Result<Self, String> {
        let limit = humantime::parse_duration(text).ok().filter(|limit| !limit.is_zero());
        limit.ok_or_else(|| "must be a number and a unit, such as \"90s\", \"5m\" or \"1h30m\"".to_owned())
    }

    fn json(&self) -> Json {
        humantime::format_duration(*self).to_string().into()
    }

    fn exceeds(&self, other: &Self) -> bool {
        self > other
    }
}

/// A list; in a variable its parts are separated by commas.
impl Value for Vec<String> {
    fn from_text(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        Ok(parts.map(str::to_owned).collect())
    }

    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        if let Some(one) = string(value) {
            return String::from_text(one).map(|one| vec![one]);
        }
        strings(value).ok_or_else(|| "must be a text, or a list of texts".to_owned())
    }

    fn json(&self) -> Json {
        self.as_slice().into()
    }
}

impl Value for Sandbox {
    fn from_text(text: &str) -> Result<Self, String> {
        let modes = [Self::ReadOnly, Self::WorkspaceWrite, Self::DangerFullAccess];
        one_of(text, modes.map(|mode| (mode.as_str(), mode)))
    }

    fn json(&self) -> Json {
        self.as_str().into()
    }
}

impl Value for CheckSandbox {
    fn from_text(text: &str) -> Result<Self, String> {
        one_of(text, [Self::Off, Self::WorkspaceWrite].map(|mode| (mode.word(), mode)))
    }

    fn json(&self) -> Json {
        self.word().into()
    }
}

impl Value for GitMode {
    fn from_text(text: &str) -> Result<Self, String> {
        one_of(text, [Self::Record, Self::Commit, Self::Branch].map(|mode| (mode.word(), mode)))
    }

    fn json(&self) -> Json {
        self.word().into()
    }
}

impl Value for Signing {
    fn from_text(text: &str) -> Result<Self, String> {
        one_of(text, [("never", Self::Never), ("auto", Self::Auto), ("required", Self::Required)])
    }

    fn json(&self) -> Json {
        match self {
            Self::Never => "never",
            Self::Auto => "auto",
            Self::Required => "required",
        }
        .into()
    }
}

impl Value for DirtyWorktree {
    fn from_text(text: &str) -> Result<Self, String> {
        one_of(text, [("refuse", Self::Refuse), ("record", Self::RecordOnly)])
    }

    fn json(&self) -> Json {
        match self {
            Self::Refuse => "refuse",
            Self::RecordOnly => "record",
        }
        .into()
    }
}

/// Reads one of a few words.
pub(super) fn one_of<T, const N: usize>(text: &str, words: [(&str, T); N]) -> Result<T, String> {
    let names = words.each_ref().map(|(word, _)| format!("\"{word}\"")).join(", ");
    let found = words.into_iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| value).ok_or_else(|| format!("must be one of {names}, not {text:?}"))
}
