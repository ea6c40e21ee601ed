//! [`Sources`]: where settings come from, in the order in which they win.

use std::env;

use super::config_error::ConfigError;
use super::nearest::nearest;
use super::project_file::{Key, ProjectFile};
use super::setting::{Origin, Setting, Shown};
use super::value::Value;

/// Begins the names of the variables that set something.
const PREFIX: &str = "CODEX_TURNS_";

/// The variables that may set something.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment(Vec<(String, String)>);

impl Environment {
    /// Takes those of this process.
    pub(crate) fn of_process() -> Self {
        let all = env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        all.collect()
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().filter(|(name, _)| name.starts_with(PREFIX)).collect())
    }
}

/// A flag that sets something.
#[derive(Clone, Debug)]
pub(crate) struct Flag {
    pub(crate) key: &'static str,
    pub(crate) name: &'static str,
    pub(crate) text: String,
}

/// Where settings come from; each is taken once.
#[derive(Debug)]
pub(super) struct Sources<'a> {
    file: ProjectFile<'a>,
    environment: Environment,
    flags: Vec<Flag>,
    shown: Vec<Shown>,
    problem: Option<ConfigError>,
}

impl<'a> Sources<'a> {
    pub(super) fn new(file: ProjectFile<'a>, environment: Environment, flags: Vec<Flag>) -> Self {
        Self { file, environment, flags, shown: Vec::new(), problem: None }
    }

    /// Takes a setting; a value that cannot be understood counts as the default until [`finish`](Self::finish).
    pub(super) fn take<T: Value>(&mut self, key: &str, default: T) -> Setting<T> {
        let (place, read) = self.find::<T>(key);
        let setting = match read {
            None => Setting::default(default),
            Some(Ok(value)) => Setting { value, origin: place },
            Some(Err(problem)) => {
                self.refuse(place, key, problem);
                Setting::default(default)
            }
        };
        let (value, origin) = (setting.value.json(), setting.origin.clone());
        self.shown.push(Shown { key: key.to_owned(), value, origin, variable: variable(key) });
        setting
    }

    /// Notes that a value does not do.
    pub(super) fn refuse(&mut self, place: Origin, key: &str, problem: String) {
        self.problem.get_or_insert(ConfigError::Value { place, key: key.to_owned(), problem });
    }

    /// What was taken, for people.
    ///
    /// # Errors
    ///
    /// A value could not be understood, or nobody has taken a key of the file.
    pub(super) fn finish(self) -> Result<Vec<Shown>, ConfigError> {
        if let Some(error) = self.file.rest().iter().find_map(|key| self.unknown(key)) {
            return Err(error);
        }
        self.problem.map_or(Ok(self.shown), Err)
    }

    /// What is wrong with a key that nobody has taken.
    fn unknown(&self, key: &Key<'_>) -> Option<ConfigError> {
        let (place, key, value) = (key.place.clone(), key.path.clone(), &key.value);
        let known = || self.shown.iter().map(|shown| shown.key.as_str());
        let tables = || known().flat_map(|key| key.match_indices('.').map(|(end, _)| &key[..end]));
        if tables().any(|table| table == key) {
            // An empty table sets nothing.
            let problem = format!("must be a table: [{key}]");
            return (!value.is_table()).then_some(ConfigError::Value { place, key, problem });
        }
        let nearest = if key.contains('.') { nearest(&key, known()) } else { nearest(&key, tables()) };
        let nearest = nearest.map(str::to_owned);
        Some(ConfigError::UnknownKey { place, key, nearest })
    }

    fn find<T: Value>(&mut self, key: &str) -> (Origin, Option<Result<T, String>>) {
        // The key of the file is known, whoever wins.
        let in_file = self.file.take(key);
        if let Some(flag) = self.flags.iter().find(|flag| flag.key == key) {
            return (Origin::Flag(flag.name), Some(T::from_text(&flag.text)));
        }
        let name = variable(key);
        if let Some(text) = self.environment.get(&name) {
            return (Origin::Environment(name.clone()), Some(T::from_text(text)));
        }
        match in_file {
            Some(found) => (found.place, Some(T::from_toml(&found.value))),
            None => (Origin::Default, None),
        }
    }
}

/// The variable that sets a key: `CODEX_TURNS_TESTS_COMMAND` sets `tests.command`.
fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase().replace('.', "_"))
}
