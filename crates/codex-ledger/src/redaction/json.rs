//! Takes secrets out of a JSON value, text by text.

use serde_json::Value;

use super::{Redactor, is_secret_name};

impl Redactor {
    /// Replaces the secrets in every text of a value, and whole texts that a secret-named key holds.
    ///
    /// ```
    /// use codex_ledger::{RedactionRules, Redactor};
    /// use serde_json::json;
    ///
    /// let redactor = Redactor::new(RedactionRules::of_environment([("DEPLOY_TOKEN", "v3ry\"s3cret")]))?;
    /// let value = json!({"answer": ["it is v3ry\"s3cret"], "password": "x", "tokens": 7});
    /// let expected =
    ///     json!({"answer": ["it is [REDACTED:environment]"], "password": "[REDACTED:secret-name]", "tokens": 7});
    /// assert_eq!(redactor.redact_value(&value), expected);
    /// # Ok::<(), codex_ledger::redaction::RedactionError>(())
    /// ```
    pub fn redact_value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::from(self.redact_text(text).0),
            Value::Array(values) => values.iter().map(|value| self.redact_value(value)).collect(),
            Value::Object(map) => {
                let entries = map.iter().map(|(key, value)| {
                    let is_secret =
                        is_secret_name(key) && value.as_str().is_some_and(|text| !text.is_empty());
                    let mark = || Value::from("[REDACTED:secret-name]");
                    (self.redact_text(key).0, if is_secret { mark() } else { self.redact_value(value) })
                });
                Value::Object(entries.collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }
}
