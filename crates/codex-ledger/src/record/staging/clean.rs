//! [`Cleaner`]: redacts everything that goes into a record, and counts.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use codex_protocol::with_causes;
use serde_json::Value;

use crate::manifest::{Extra, RedactionCount, Violation};
use crate::record::journal::{OpenedEntry, RanEntry};
use crate::redaction::{RedactionRules, Redactor, is_secret_name};

/// Redacts texts and files. Where it cannot, it gives nothing back, and nothing is what may be published.
pub(super) struct Cleaner {
    redactor: Option<Redactor>,
    counts: BTreeMap<(String, String), u64>,
    faults: Vec<(String, String)>,
}

/// The name under which replacements in the manifest's own texts are counted.
pub(super) const MANIFEST: &str = "manifest.json";

impl Cleaner {
    pub(super) fn new(rules: RedactionRules, opened: &OpenedEntry, ran: &RanEntry) -> Self {
        let before = opened.before.as_ref();
        let ids = [
            Some(opened.uid.clone()),
            Some(opened.claim.oid.clone()),
            before.map(|before| before.tree.clone()),
            before.and_then(|before| before.head.clone()),
            ran.tree_after.clone(),
            ran.head_after.clone(),
        ];
        let threads = ran.turns.iter().filter_map(|turn| turn.end.as_ref()?.turn.thread_id.clone());
        let rules = rules.keep(ids.into_iter().flatten().chain(threads));
        let mut faults = Vec::new();
        let redactor = Redactor::new(rules)
            .map_err(|error| faults.push((MANIFEST.to_owned(), with_causes(&error))))
            .ok();
        Self { redactor, counts: BTreeMap::new(), faults }
    }

    /// The bytes without secrets; nothing if that cannot be had.
    pub(super) fn bytes(&mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Option<Vec<u8>> {
        let redactor = self.redactor.as_ref()?;
        let Ok(redacted) = catch_unwind(AssertUnwindSafe(|| redactor.redact(bytes.into()))) else {
            self.faults.push((path.to_owned(), "the search for secrets broke down".to_owned()));
            return None;
        };
        for (rule, count) in redacted.counts {
            *self.counts.entry((path.to_owned(), rule.to_owned())).or_default() += count;
        }
        Some(redacted.bytes)
    }

    /// The redactor, if there is one.
    pub(super) fn redactor(&self) -> Option<&Redactor> {
        self.redactor.as_ref()
    }

    /// A text without secrets; a mark in its place if that cannot be had.
    pub(super) fn text(&mut self, path: &str, text: &str) -> String {
        let clean = self.bytes(path, text.as_bytes());
        clean.map_or_else(
            || "[REDACTED:unchecked]".to_owned(),
            |bytes| String::from_utf8_lossy(&bytes).into_owned(),
        )
    }

    /// The same for several.
    pub(super) fn texts(&mut self, path: &str, texts: &[String]) -> Vec<String> {
        texts.iter().map(|text| self.text(path, text)).collect()
    }

    /// The same for a text that is counted elsewhere.
    pub(super) fn again(&mut self, text: &str) -> String {
        let counts = self.counts.clone();
        let clean = self.text(MANIFEST, text);
        self.counts = counts;
        clean
    }

    /// A value without secrets, those of secret-named keys included.
    pub(super) fn value(&mut self, key: &str, value: &Value) -> Value {
        match value {
            Value::String(text) if is_secret_name(key) && !text.is_empty() => {
                *self.counts.entry((MANIFEST.to_owned(), "secret-name".to_owned())).or_default() += 1;
                Value::from("[REDACTED:secret-name]")
            }
            Value::String(text) => Value::from(self.text(MANIFEST, text)),
            Value::Array(values) => values.iter().map(|value| self.value(key, value)).collect(),
            Value::Object(map) => {
                map.iter().map(|(key, value)| (key.clone(), self.value(key, value))).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// How often which rule replaced something in which file.
    pub(super) fn counts(&self) -> Vec<RedactionCount> {
        let entries = self.counts.iter().map(|((path, rule), count)| RedactionCount {
            rule: rule.clone(),
            path: path.clone(),
            count: *count,
            extra: Extra::new(),
        });
        entries.collect()
    }

    /// What could not be redacted and was left out.
    pub(super) fn violations(&self) -> impl Iterator<Item = Violation> {
        self.faults.iter().map(|(path, fault)| Violation {
            kind: "redaction-failed".to_owned(),
            path: None,
            detail: format!("{path}: {fault}; what could not be searched for secrets was left out"),
            extra: Extra::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::Cleaner;
    use crate::redaction::{RedactionRules, Redactor};

    fn cleaner() -> Cleaner {
        let rules = RedactionRules::of_environment([("DEPLOY_TOKEN", "v3ry-s3cret")]);
        Cleaner { redactor: Redactor::new(rules).ok(), counts: BTreeMap::new(), faults: Vec::new() }
    }

    #[test]
    fn values_of_parameters_lose_their_secrets_by_name_and_by_value() {
        let mut cleaner = cleaner();
        let value = json!({"password": "x", "n": 1, "list": ["a v3ry-s3cret b", {"api_key": ["k"]}]});
        let expected = json!({
            "password": "[REDACTED:secret-name]",
            "n": 1,
            "list": ["a [REDACTED:environment] b", {"api_key": ["[REDACTED:secret-name]"]}],
        });
        assert_eq!(cleaner.value("", &value), expected);
        let counts: Vec<(String, u64)> = cleaner.counts().into_iter().map(|c| (c.rule, c.count)).collect();
        assert_eq!(counts, [("environment".to_owned(), 1), ("secret-name".to_owned(), 2)]);
    }

    #[test]
    fn what_was_counted_is_not_counted_again() {
        let mut cleaner = cleaner();
        assert_eq!(cleaner.again("v3ry-s3cret"), "[REDACTED:environment]");
        assert_eq!(cleaner.counts(), []);
    }

    #[test]
    fn without_a_redactor_nothing_gets_out() {
        let mut cleaner = Cleaner { redactor: None, ..cleaner() };
        assert_eq!(cleaner.bytes("logs/task.log", b"anything"), None);
        assert_eq!(cleaner.text("manifest.json", "anything"), "[REDACTED:unchecked]");
    }
}
