//! [`Sources`]: where settings come from, in the order in which they win.

use serde_json::Value as Json;

use super::nearest::nearest;
use super::project_file::{FileKey, FileKeys};
use super::setting::{Origin, Setting, ShownSetting};
use super::settings_error::SettingsError;
use super::trust_rule::{Compared, Effect, TrustRule};
use super::value::Value;
use crate::environment::Environment;

/// Begins the names of the variables that set something.
const PREFIX: &str = "CODEX_TURNS_";

/// A value that the caller sets: it wins over the environment and the file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SettingFlag {
    /// The key, such as `run.model`.
    pub key: String,
    /// What sets it, as messages name it, such as `--model`.
    pub name: String,
    /// The value, as a variable would have it.
    pub text: String,
}

impl SettingFlag {
    /// Sets a key to a value; `name` stands in messages, such as `--model`.
    pub fn new(key: impl Into<String>, name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { key: key.into(), name: name.into(), text: text.into() }
    }
}

/// Whether the file is to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a file is believed or it is not")]
pub enum Belief {
    /// It is, with these bytes.
    Trusted,
    /// It is not.
    Untrusted,
}

/// A setting of the file that counts only where the file is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimedSetting {
    /// What it can do.
    pub effect: Effect,
    /// Its key.
    pub key: String,
    /// As it is shown: a text without quotes, anything else as JSON.
    pub value: String,
}

/// Where settings come from; each is taken once.
#[derive(Debug)]
pub(super) struct Sources<'a> {
    file: FileKeys<'a>,
    belief: Belief,
    claimed: Vec<ClaimedSetting>,
    environment: &'a Environment,
    flags: Vec<SettingFlag>,
    shown: Vec<ShownSetting>,
    problem: Option<SettingsError>,
}

impl<'a> Sources<'a> {
    pub(super) fn new(
        file: FileKeys<'a>,
        belief: Belief,
        environment: &'a Environment,
        flags: Vec<SettingFlag>,
    ) -> Self {
        Self { file, belief, claimed: Vec::new(), environment, flags, shown: Vec::new(), problem: None }
    }

    /// Whether a key of the file does not count, since nobody has trusted the file.
    pub(super) fn is_ignored(&self, key: &str) -> bool {
        self.belief == Belief::Untrusted && self.claimed.iter().any(|claimed| claimed.key == key)
    }

    /// Takes a setting; a value that cannot be understood counts as the default until [`finish`](Self::finish).
    pub(super) fn take<T: Value>(&mut self, key: &str, default: T) -> Setting<T> {
        let (place, read) = self.find::<T>(key, &default);
        let setting = match read {
            None => Setting::default(default),
            Some(Ok(value)) => Setting { value, origin: place },
            Some(Err(problem)) => {
                self.refuse(place, key, problem);
                Setting::default(default)
            }
        };
        let (value, origin) = (setting.value.json(), setting.origin.clone());
        let text = self.text(key, &origin);
        self.shown.push(ShownSetting { key: key.to_owned(), value, origin, text, variable: variable(key) });
        setting
    }

    /// What a variable or a flag says of a key, if that counts.
    fn text(&self, key: &str, origin: &Origin) -> Option<String> {
        match origin {
            Origin::Flag(_) => self.flags.iter().find(|flag| flag.key == key).map(|flag| flag.text.clone()),
            Origin::Environment(name) => self.environment.setting(name).map(str::to_owned),
            Origin::File { .. } | Origin::Default => None,
        }
    }

    /// Notes that a value does not do.
    pub(super) fn refuse(&mut self, place: Origin, key: &str, problem: String) {
        self.problem.get_or_insert(SettingsError::Value { place, key: key.to_owned(), problem });
    }

    /// What was taken, for people, and what of the file counts only where it is trusted.
    ///
    /// # Errors
    ///
    /// A value could not be understood, or nobody has taken a key that was set.
    pub(super) fn finish(self) -> Result<(Vec<ShownSetting>, Vec<ClaimedSetting>), SettingsError> {
        let of_file = self.file.rest().iter().find_map(|key| self.unknown(key));
        if let Some(error) = of_file.or_else(|| self.unknown_flag()).or_else(|| self.unknown_variable()) {
            return Err(error);
        }
        self.problem.map_or(Ok((self.shown, self.claimed)), Err)
    }

    /// A flag for a key that nobody has taken.
    fn unknown_flag(&self) -> Option<SettingsError> {
        let flag = self.flags.iter().find(|flag| !self.known().any(|key| key == flag.key))?;
        let nearest = nearest(&flag.key, self.known());
        Some(unknown_key(Origin::Flag(flag.name.clone()), &flag.key, nearest))
    }

    /// A variable that sets nothing and whose name is nearly that of one that does. No key has a digit, and a start of Codex is
    /// marked with a variable that has some.
    fn unknown_variable(&self) -> Option<SettingsError> {
        self.environment.texts().find_map(|(name, _)| {
            let rest = name.strip_prefix(PREFIX)?;
            let is_known = self.shown.iter().any(|shown| shown.variable == name);
            if is_known || rest.contains(|sign: char| sign.is_ascii_digit()) {
                return None;
            }
            let key = rest.to_lowercase().replacen('_', ".", 1);
            let nearest = nearest(&key, self.known())?;
            Some(unknown_key(Origin::Environment(name.to_owned()), &key, Some(nearest)))
        })
    }

    /// The keys that there are.
    fn known(&self) -> impl Iterator<Item = &str> {
        self.shown.iter().map(|shown| shown.key.as_str())
    }

    /// What is wrong with a key that nobody has taken.
    fn unknown(&self, key: &FileKey<'_>) -> Option<SettingsError> {
        let (place, key, value) = (key.place.clone(), key.path.clone(), &key.value);
        let tables = || self.known().flat_map(|key| key.match_indices('.').map(|(end, _)| &key[..end]));
        if tables().any(|table| table == key) {
            // An empty table sets nothing.
            let problem = format!("must be a table: [{key}]");
            return (!value.is_table()).then_some(SettingsError::Value { place, key, problem });
        }
        let nearest = if key.contains('.') { nearest(&key, self.known()) } else { nearest(&key, tables()) };
        Some(unknown_key(place, &key, nearest))
    }

    fn find<T: Value>(&mut self, key: &str, default: &T) -> (Origin, Option<Result<T, String>>) {
        // The key of the file is known, whichever source wins.
        let in_file = self.file.take(key);
        if let Some(flag) = self.flags.iter().find(|flag| flag.key == key) {
            return (Origin::Flag(flag.name.clone()), Some(T::from_text(&flag.text)));
        }
        let name = variable(key);
        if let Some(text) = self.environment.setting(&name) {
            return (Origin::Environment(name.clone()), Some(T::from_text(text)));
        }
        match in_file.map(|found| (found.place, T::from_toml(&found.value))) {
            Some((_, read)) if self.claims(key, read.as_ref(), default) == Belief::Untrusted => {
                (Origin::Default, None)
            }
            Some((place, read)) => (place, Some(read)),
            None => (Origin::Default, None),
        }
    }

    /// Notes a value of the file that needs trust, and returns whether it counts.
    fn claims<T: Value>(&mut self, key: &str, read: Result<&T, &String>, default: &T) -> Belief {
        let rule = TrustRule::of(key);
        let (json, compared) = match read {
            Ok(value) if value.exceeds(default) => (value.json(), Compared::Above),
            Ok(value) => (value.json(), Compared::NotAbove),
            // What cannot be understood is said where it would count.
            Err(_) if matches!(rule, TrustRule::Needs(_)) => (Json::Null, Compared::NotAbove),
            Err(_) => return Belief::Trusted,
        };
        let Some(effect) = rule.effect(&json.to_string(), compared) else { return Belief::Trusted };
        let value = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
        self.claimed.push(ClaimedSetting { effect, key: key.to_owned(), value });
        self.belief
    }
}

fn unknown_key(place: Origin, key: &str, nearest: Option<&str>) -> SettingsError {
    SettingsError::UnknownKey { place, key: key.to_owned(), nearest: nearest.map(str::to_owned) }
}

/// The variable that sets a key: `CODEX_TURNS_TESTS_COMMAND` sets `tests.command`.
pub(crate) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase().replace('.', "_"))
}
