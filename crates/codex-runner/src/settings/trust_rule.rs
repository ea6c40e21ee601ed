//! [`TrustRule`]: which settings of a project's file hold although nobody has trusted it.

use super::setting_sources::ClaimedSetting;

/// What a setting of the file can do, as it is shown to the person who is to trust it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Effect {
    /// It starts a program.
    Runs,
    /// It contacts another machine.
    Contacts,
    /// It loosens sandbox, network or approvals.
    Loosens,
    /// It hands variables of the environment to a program.
    HandsOver,
    /// It spends what the person pays for.
    Chooses,
    /// It changes what git does, or what it signs.
    Commits,
    /// It says what is secret and what is not, or who asks.
    Records,
    /// It takes more room or time than the default.
    Raises,
}

impl Effect {
    /// The words before the settings that do this.
    pub fn words(self) -> &'static str {
        match self {
            Self::Runs => "will run",
            Self::Contacts => "will contact",
            Self::Loosens => "loosens",
            Self::HandsOver => "hands over",
            Self::Chooses => "chooses",
            Self::Commits => "changes in git",
            Self::Records => "changes in records",
            Self::Raises => "raises limits",
        }
    }
}

/// Whether a setting of the file holds although nobody has trusted the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TrustRule {
    /// It holds: it limits, reports or tightens, and nothing else.
    Holds,
    /// It needs trust.
    Needs(Effect),
    /// It holds with these values, as JSON has them, and needs trust with others.
    HoldsAs(&'static [&'static str], Effect),
    /// It holds up to the default.
    HoldsToDefault,
}

use Effect::{Chooses, Commits, Contacts, HandsOver, Loosens, Records, Runs};
use TrustRule::{Holds, HoldsAs, HoldsToDefault, Needs};

/// The rule of each key. A profile of Codex can loosen anything, a model costs what it costs, an initiator is who a
/// record says has asked.
const RULES: [(&str, TrustRule); 25] = [
    ("run.sandbox", HoldsAs(&["\"read-only\""], Loosens)),
    ("run.model", Needs(Chooses)),
    ("run.profile", Needs(Loosens)),
    ("run.timeout", Holds),
    ("run.idle_timeout", Holds),
    ("ledger.git", HoldsAs(&["\"record\""], Commits)),
    ("ledger.dirty", HoldsAs(&["\"refuse\""], Commits)),
    ("ledger.claim", HoldsAs(&["\"local\""], Contacts)),
    ("ledger.remote", Needs(Contacts)),
    ("ledger.push", Needs(Contacts)),
    ("ledger.task", Holds),
    ("ledger.initiator", Needs(Records)),
    ("ledger.sign", HoldsAs(&["\"auto\"", "\"required\""], Commits)),
    ("ledger.events", Holds),
    ("ledger.required", Holds),
    ("ledger.limits.log_bytes", HoldsToDefault),
    ("ledger.limits.prompt_bytes", HoldsToDefault),
    ("ledger.limits.patch_bytes", HoldsToDefault),
    ("ledger.limits.paths", HoldsToDefault),
    ("ledger.limits.claim", HoldsToDefault),
    ("ledger.limits.remote", HoldsToDefault),
    ("ledger.redact.variables", Needs(Records)),
    ("ledger.redact.files", Needs(Records)),
    ("ledger.redact.keep", Needs(Records)),
    ("ledger.remote_env", Needs(HandsOver)),
];

/// The rules of the keys that tests, linters and coverage have alike.
const CHECK_RULES: [(&str, TrustRule); 7] = [
    ("command", Needs(Runs)),
    ("report", Holds),
    ("limit", HoldsToDefault),
    ("gate", Holds),
    ("env", Needs(HandsOver)),
    ("sandbox", HoldsAs(&["\"workspace-write\""], Loosens)),
    ("network", HoldsAs(&["false"], Loosens)),
];

/// The tables of tests, linters and coverage.
const CHECKS: [&str; 3] = ["tests", "lint", "coverage"];

impl TrustRule {
    /// Returns the rule of a key. A key without one needs trust, and is found by a test.
    pub(super) fn of(key: &str) -> Self {
        Self::known(key).unwrap_or(Needs(Loosens))
    }

    /// Returns the rule that the tables have for a key.
    pub(super) fn known(key: &str) -> Option<Self> {
        let (rules, key) = match key.split_once('.') {
            Some((table, part)) if CHECKS.contains(&table) => (&CHECK_RULES[..], part),
            Some(_) | None => (&RULES[..], key),
        };
        rules.iter().find(|(known, _)| *known == key).map(|(_, rule)| *rule)
    }

    /// Returns what a value of the file does that needs trust; `json` is the value as it is shown.
    pub(super) fn effect(self, json: &str, default: Compared) -> Option<Effect> {
        match self {
            Holds => None,
            Needs(effect) => Some(effect),
            HoldsAs(values, effect) => (!values.contains(&json)).then_some(effect),
            HoldsToDefault => (default == Compared::Above).then_some(Effect::Raises),
        }
    }
}

/// How a value compares with the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// It is larger.
    Above,
    /// It is not, or sizes mean nothing for it.
    NotAbove,
}

/// A sentence for each command, and one for all other settings that have the same effect.
pub(super) fn sentences(claimed: &[ClaimedSetting]) -> Vec<String> {
    let mut effects: Vec<Effect> = claimed.iter().map(|setting| setting.effect).collect();
    effects.sort_unstable();
    effects.dedup();
    let mut sentences = Vec::new();
    for effect in effects {
        let mut settings = claimed
            .iter()
            .filter(|claimed| claimed.effect == effect)
            .map(|ClaimedSetting { key, value, .. }| (key, value));
        let words = effect.words();
        if effect == Runs {
            sentences.extend(settings.map(|(key, value)| format!("{words} {value} ({key})")));
        } else {
            let first = settings.next().map(|(key, value)| format!("{words}: {key} = {value}"));
            sentences
                .push(settings.fold(first.unwrap_or_default(), |text, (key, value)| {
                    format!("{text}, {key} = {value}")
                }));
        }
    }
    sentences
}
