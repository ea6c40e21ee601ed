//! No text whatsoever loosens anything while nobody has trusted it.

use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;

/// The keys there are, and some that nobody knows.
fn key() -> impl Strategy<Value = String> {
    let all = Settings::default_ones().shown;
    let known: Vec<String> = all.into_iter().map(|shown| shown.key).collect();
    let spelled = prop::sample::select(known).prop_flat_map(|key| {
        let (table, last) = key.rsplit_once('.').unwrap();
        let forms = [
            format!("{key} = "),
            format!("[{table}]\n{last} = "),
            format!("[{table}]\n\"{last}\" = "),
            format!("\"{}\".{last} = ", table.replace('.', "\".\"")),
            format!("{} = ", key.to_uppercase()),
        ];
        prop::sample::select(forms.to_vec())
    });
    prop_oneof![9 => spelled, 1 => "[a-z.\\[\\]]{1,12} ?=? ?"]
}

fn value() -> impl Strategy<Value = String> {
    let words = [
        "danger-full-access",
        "workspace-write",
        "read-only",
        "remote",
        "local",
        "origin",
        "https://host/x.git",
        "commit",
        "branch",
        "record",
        "never",
        "auto",
        "required",
        "off",
        "touch owned",
        "PATH",
        "9h",
        "1s",
        "",
    ];
    let word = prop::sample::select(words.to_vec());
    prop_oneof![
        6 => word.clone().prop_map(|word| format!("{word:?}")),
        1 => word.prop_map(|word| format!("[{word:?}, \"x\"]")),
        1 => any::<u64>().prop_map(|number| number.to_string()),
        1 => any::<bool>().prop_map(|truth| truth.to_string()),
        1 => Just("{ command = \"touch owned\", sandbox = \"danger-full-access\" }".to_owned()),
        1 => "[ -~]{0,12}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    let lines = prop::collection::vec((key(), value()), 0..6);
    lines.prop_map(|lines| {
        lines.into_iter().map(|(key, value)| format!("{key}{value}\n")).collect::<Vec<_>>().concat()
    })
}

/// What a setting may be although nobody has trusted it.
fn may_be(key: &str, value: &Json, default: &Json) -> bool {
    if value == default {
        return true;
    }
    match key {
        "run.sandbox" => value == "read-only",
        "tests.sandbox" | "lint.sandbox" | "coverage.sandbox" => value == "workspace-write",
        "tests.network" | "lint.network" | "coverage.network" => value == false,
        "ledger.sign" => value == "required",
        "run.timeout" | "run.idle_timeout" | "ledger.task" | "ledger.events" | "ledger.required"
        | "tests.report" | "coverage.report" | "tests.gate" | "lint.gate" | "coverage.gate" => true,
        "ledger.limits.log_bytes"
        | "ledger.limits.prompt_bytes"
        | "ledger.limits.patch_bytes"
        | "ledger.limits.paths" => value.as_u64() <= default.as_u64(),
        "ledger.limits.claim" | "ledger.limits.remote" | "tests.limit" | "lint.limit" | "coverage.limit" => {
            let time = |value: &Json| humantime::parse_duration(value.as_str().unwrap()).unwrap();
            time(value) <= time(default)
        }
        _ => false,
    }
}

fn check(text: &str) {
    let scratch = tempfile::tempdir().unwrap();
    std::fs::write(scratch.path().join(FILE_NAME), text).unwrap();
    let root = std::fs::canonicalize(scratch.path()).unwrap();
    let Ok(file) = SettingsFile::of_project(&root) else { return };
    let Ok(config) = Settings::load(file, Belief::Untrusted, &Environment::empty(), Vec::new()) else {
        return;
    };
    for (shown, default) in config.shown.iter().zip(Settings::default_ones().shown) {
        let allowed = may_be(&shown.key, &shown.value, &default.value);
        assert!(allowed, "{} = {} from {} of\n{text}", shown.key, shown.value, shown.origin);
    }
    assert_eq!(config.run.profile.value, None);
    assert!(
        [&config.tests, &config.lint, &config.coverage].iter().all(|check| check.command.value.is_none())
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_settings_loosen_anything_without_trust(text in text()) {
        check(&text);
    }

    #[test]
    fn no_text_whatsoever_loosens_anything_without_trust(text in any::<String>()) {
        check(&text);
    }
}
