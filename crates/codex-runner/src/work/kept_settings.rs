//! [`KeptSettings`]: the settings that were in force, and how they differ from those of now.

use std::collections::BTreeMap;

use codex_ledger::TurnId;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{SettingChange, SettingSource};
use crate::environment::Environment;
use crate::runner_error::RunnerError;
use crate::settings::{Origin, SettingFlag, Settings, ShownSetting};

/// The settings that were in force when work began, each with where it came from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeptSettings(BTreeMap<String, KeptSetting>);

/// A setting that was in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeptSetting {
    value: Json,
    source: SettingSource,
}

impl KeptSettings {
    /// Keeps settings.
    pub fn of(settings: &Settings) -> Self {
        Self(settings.shown.iter().map(|shown| (shown.key.clone(), KeptSetting::of(shown))).collect())
    }

    /// Returns what the caller said then and the environment does not say now.
    pub(crate) fn restated(&self, environment: &Environment) -> Vec<SettingFlag> {
        let is_said = |key: &str| environment.setting(&crate::settings::variable(key)).is_some();
        let restated = |(key, kept): (&String, &KeptSetting)| match &kept.source {
            SettingSource::Caller { name, text } if !is_said(key) => Some(SettingFlag::new(key, name, text)),
            SettingSource::Caller { .. } | SettingSource::File { .. } | SettingSource::Default => None,
        };
        self.0.iter().filter_map(restated).collect()
    }

    /// Refuses settings that are not what they were when the record was opened.
    ///
    /// # Errors
    ///
    /// Some of them are not; the error names each.
    pub fn must_hold(&self, settings: &Settings, turn_id: TurnId) -> Result<(), RunnerError> {
        let changes = self.changes(settings);
        if changes.is_empty() { Ok(()) } else { Err(RunnerError::SettingsChanged { turn_id, changes }) }
    }

    /// Returns the settings that are not what they were. A key that is new since then has changed if it is set.
    pub fn changes(&self, settings: &Settings) -> Vec<SettingChange> {
        let change = |shown: &ShownSetting| {
            let (before, before_source) = match self.0.get(&shown.key) {
                Some(kept) => (kept.value.clone(), kept.source.clone()),
                None if shown.origin == Origin::Default => return None,
                None => (Json::Null, SettingSource::Default),
            };
            (before != shown.value).then(|| SettingChange {
                key: shown.key.clone(),
                before,
                before_source,
                now: shown.value.clone(),
                now_origin: shown.origin.clone(),
            })
        };
        settings.shown.iter().filter_map(change).collect()
    }
}

impl KeptSetting {
    fn of(shown: &ShownSetting) -> Self {
        let source = match (&shown.origin, &shown.text) {
            (Origin::File { name, line }, _) => SettingSource::File { name: name.clone(), line: *line },
            (Origin::Environment(name) | Origin::Flag(name), Some(text)) => {
                SettingSource::Caller { name: name.clone(), text: text.clone() }
            }
            (Origin::Environment(_) | Origin::Flag(_) | Origin::Default, _) => SettingSource::Default,
        };
        Self { value: shown.value.clone(), source }
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::Belief;

    use super::*;

    fn settings(environment: &Environment) -> Settings {
        Settings::load(None, Belief::Untrusted, environment, Vec::new()).unwrap()
    }

    #[test]
    fn what_the_environment_says_now_is_not_restated() {
        let then = Environment::empty().variable("CODEX_TURNS_RUN_MODEL", "gpt-5");
        let kept = KeptSettings::of(&settings(&then.variable("CODEX_TURNS_TESTS_COMMAND", "make")));
        let now = Environment::empty().variable("CODEX_TURNS_RUN_MODEL", "gpt-6");
        let restated: Vec<_> = kept.restated(&now).into_iter().map(|flag| (flag.key, flag.text)).collect();
        assert_eq!(restated, [("tests.command".to_owned(), "make".to_owned())]);
    }

    #[test]
    fn a_key_that_was_not_there_has_changed_if_it_is_set_now() {
        let now = settings(&Environment::empty().variable("CODEX_TURNS_RUN_MODEL", "gpt-5"));
        let changes = KeptSettings::default().changes(&now);
        let sentences: Vec<String> = changes.iter().map(ToString::to_string).collect();
        assert_eq!(sentences, [r#"`run.model` was unset (default) and is "gpt-5" (CODEX_TURNS_RUN_MODEL)"#]);
    }
}
