//! [`manifest_schema`]: the JSON Schema of a manifest, made from its types.

use serde_json::Value;

use crate::manifest::Manifest;

/// The JSON Schema of `manifest.json`, draft 2020-12.
///
/// It takes all that [`Manifest::read`] takes: the oldest form with its eight keys, and keys that nobody knows yet.
pub fn manifest_schema() -> Value {
    schemars::schema_for!(Manifest).to_value()
}

/// The bytes of the file that is checked in and published, keys sorted.
///
/// # Panics
///
/// Never: a schema has no keys that are not text.
pub fn manifest_schema_text() -> String {
    let mut text = serde_json::to_string_pretty(&sorted(manifest_schema())).expect("a schema is JSON");
    text.push('\n');
    text
}

/// The order of keys must not depend on whether another crate asks for it to be kept.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = map.into_iter().collect();
            entries.sort_by(|one, other| one.0.cmp(&other.0));
            entries
                .into_iter()
                .map(|(key, value)| (key, sorted(value)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
        Value::Array(values) => values.into_iter().map(sorted).collect(),
        // The sentences are those of the types, where unknown has another name.
        Value::String(text) => text.replace("`None`", "`null`").into(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

#[cfg(test)]
mod tests;
