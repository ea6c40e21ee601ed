//! [`ConfigValue`]: a typed value of a `-c key=value` override, and how it is spelled.
//!
//! Codex reads the part after the first `=` as TOML and silently falls back to the raw text where that fails:
//! a JSON escape such as `\/` or a surrogate pair turns a string into something else without a word. So every
//! value is spelled in the part of TOML that cannot be misread: basic strings with the short escapes, inline
//! tables and arrays on one line.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Holds one value of Codex's configuration.
///
/// ```
/// use codex_exec::ConfigValue;
///
/// assert_eq!(ConfigValue::from("say \"hi\"\n").to_toml(), r#""say \"hi\"\n""#);
/// assert_eq!(ConfigValue::from(vec!["a", "b"]).to_toml(), r#"["a","b"]"#);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ConfigValue {
    /// A string, of whatever characters.
    String(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction, infinite or not a number.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// Values in their order.
    Array(Vec<ConfigValue>),
    /// Values by name. A name may hold any character; a dot in it does not nest.
    Table(BTreeMap<String, ConfigValue>),
    /// Text that goes to Codex as it is: Codex reads it as TOML, and as a string where it is none.
    ///
    /// This is what a person typed after `-c key=`. Codex trims it and removes surrounding quotes.
    Verbatim(String),
}

impl ConfigValue {
    /// Makes a table of pairs; of two pairs with one name the later counts.
    pub fn table<K, V>(pairs: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<String>,
        V: Into<ConfigValue>,
    {
        Self::Table(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// Spells the value as TOML on one line, the way that Codex reads back as the same value.
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::String(text) => write_string(out, text),
            Self::Integer(number) => out.push_str(&number.to_string()),
            Self::Float(number) if number.is_nan() => out.push_str("nan"),
            Self::Float(number) => {
                // The debug form always has a point or an exponent, without which TOML would read an integer.
                // Writing to a string cannot fail.
                let _ = write!(out, "{number:?}");
            }
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Array(values) => {
                out.push('[');
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
            Self::Table(entries) => {
                out.push('{');
                for (index, (name, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_name(out, name);
                    out.push('=');
                    value.write(out);
                }
                out.push('}');
            }
            Self::Verbatim(text) => out.push_str(text),
        }
    }
}

impl From<&str> for ConfigValue {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for ConfigValue {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<i64> for ConfigValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<i32> for ConfigValue {
    fn from(number: i32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<u32> for ConfigValue {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<f64> for ConfigValue {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<bool> for ConfigValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl<T: Into<ConfigValue>> From<Vec<T>> for ConfigValue {
    fn from(values: Vec<T>) -> Self {
        Self::Array(values.into_iter().map(Into::into).collect())
    }
}

impl From<BTreeMap<String, ConfigValue>> for ConfigValue {
    fn from(entries: BTreeMap<String, ConfigValue>) -> Self {
        Self::Table(entries)
    }
}

/// Spells a setting as the one argument that follows `-c`.
///
/// Codex splits the key at every dot and takes the names between them as they are, quotes included.
pub(crate) fn setting(key: &str, value: &ConfigValue) -> String {
    format!("{key}={}", value.to_toml())
}

/// Whether a name needs no quotes in TOML.
pub(crate) fn is_bare(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

fn write_name(out: &mut String, name: &str) {
    if is_bare(name) {
        out.push_str(name);
    } else {
        write_string(out, name);
    }
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\0'..='\u{1f}' | '\u{7f}' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04X}", u32::from(character));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests;
