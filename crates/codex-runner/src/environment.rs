//! [`Environment`]: the variables and folders of a user that a project is opened with.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use codex_exec::{ApiKey, CommandSpec, DiscoveryEnvironment, HomeEnvironment, Invocation, StateDir};
use codex_ledger::GitCli;
use codex_ledger::git::GitCliBuilder;

use crate::project::{ProjectKind, ProjectPlace};

/// Begins the names of the variables that set something.
const PREFIX: &str = "CODEX_TURNS_";
/// The variable that sets `ledger.redact.variables`.
const REDACTED: &str = "CODEX_TURNS_LEDGER_REDACT_VARIABLES";
/// The variable that holds a key for the service.
const KEY: &str = "CODEX_API_KEY";

/// The variables and folders of a user that a project is opened with.
///
/// A program calls [`of_process`](Self::of_process) once and hands the value in. Variables whose names begin with
/// `CODEX_TURNS_` are settings, the values of secret-named ones are redacted in records, `CODEX_API_KEY` is the key that
/// Codex gets, and Codex is looked for by `CODEX_PATH` and `PATH`.
///
/// It is what a project is told, and not what programs inherit: Codex, git and checks are started with the variables of this
/// process, unless a turn [says otherwise](codex_exec::CodexEnvironment). The secrets among those are redacted as well, which
/// is all that this crate reads of the environment by itself.
///
/// ```
/// use codex_runner::Environment;
///
/// let environment = Environment::empty().variable("CODEX_TURNS_RUN_MODEL", "gpt-5");
/// assert_eq!(environment.get("CODEX_TURNS_RUN_MODEL").and_then(|value| value.to_str()), Some("gpt-5"));
/// // Values can be secrets, so `Debug` shows names alone.
/// assert!(!format!("{environment:?}").contains("gpt-5"));
/// ```
#[derive(Clone)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    home: Option<PathBuf>,
    state: StateDir,
    temporary: PathBuf,
    folder: PathBuf,
    codex: HomeEnvironment,
}

impl Environment {
    /// Returns the environment of this process.
    pub fn of_process() -> Self {
        Self {
            variables: env::vars_os().collect(),
            home: env::home_dir(),
            state: StateDir::for_user(),
            temporary: env::temp_dir(),
            folder: env::current_dir().unwrap_or_default(),
            codex: HomeEnvironment::from_process(),
        }
    }

    /// Returns an environment without variables and without a user: nothing was trusted in it.
    pub fn empty() -> Self {
        let temporary = env::temp_dir();
        Self {
            variables: BTreeMap::new(),
            home: None,
            // A store in a temporary folder is never believed.
            state: StateDir::at(temporary.join("codex-turns")),
            temporary,
            folder: PathBuf::from("/"),
            codex: HomeEnvironment::default(),
        }
    }

    /// Sets a variable.
    #[must_use = "this returns the changed environment"]
    pub fn variable(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// Sets the folder of the user, whose path is redacted in records.
    #[must_use = "this returns the changed environment"]
    pub fn home(mut self, folder: impl Into<PathBuf>) -> Self {
        self.home = Some(folder.into());
        self
    }

    /// Sets the folder that keeps what was trusted, instead of that of the user.
    #[must_use = "this returns the changed environment"]
    pub fn state(mut self, folder: impl Into<PathBuf>) -> Self {
        self.state = StateDir::at(folder);
        self
    }

    /// Removes the variables that set something.
    #[must_use = "this returns the changed environment"]
    pub fn without_settings(mut self) -> Self {
        self.variables.retain(|name, _| !name.as_encoded_bytes().starts_with(PREFIX.as_bytes()));
        self
    }

    /// Returns the value of a variable.
    pub fn get(&self, name: impl AsRef<OsStr>) -> Option<&OsStr> {
        self.variables.get(name.as_ref()).map(OsString::as_os_str)
    }

    /// Returns the key for the service that the environment holds. Codex would find it there itself; given by name, it is
    /// hidden from the agent's commands.
    pub fn api_key(&self) -> Option<ApiKey> {
        self.text(KEY).filter(|key| !key.trim().is_empty()).map(ApiKey::new)
    }

    /// Returns the variables that programs inherit from this process and that are not the same here.
    pub(crate) fn inherited_besides(&self) -> impl Iterator<Item = (OsString, OsString)> {
        env::vars_os().filter(|(name, value)| self.variables.get(name) != Some(value))
    }

    /// Returns where Codex is looked for: `CODEX_PATH`, then `PATH`.
    pub(crate) fn programs(&self) -> DiscoveryEnvironment {
        let places = DiscoveryEnvironment::default();
        let places = self.get("CODEX_PATH").into_iter().fold(places, DiscoveryEnvironment::codex_path);
        self.get("PATH").into_iter().fold(places, DiscoveryEnvironment::path)
    }

    /// Returns the folder of the user's state.
    pub fn state_dir(&self) -> &StateDir {
        &self.state
    }

    /// Returns where Codex keeps its threads, unless an option says otherwise.
    pub fn codex_home(&self) -> &HomeEnvironment {
        &self.codex
    }

    /// Returns a git that starts without the variables which the environment declares to be secret, whatever they are called.
    /// For what runs before the settings of a project are known.
    pub fn git(&self) -> GitCliBuilder {
        GitCli::builder().hide(self.declared_secrets())
    }

    /// Keeps the variables that the environment declares to be secret from a command.
    pub fn without_declared_secrets(&self, command: CommandSpec) -> CommandSpec {
        self.declared_secrets().into_iter().fold(command, CommandSpec::env_remove)
    }

    /// Disables, for Codex's own git, the configured programs that an agent can write.
    pub(crate) fn without_programs_in_reach(&self, invocation: Invocation, dir: &Path) -> Invocation {
        if ProjectPlace::of(dir).kind == ProjectKind::Plain {
            return invocation;
        }
        let found = self.git().discover(dir).map(|git| git.switched_off()).unwrap_or_default();
        found.into_iter().fold(invocation, |invocation, (key, value)| invocation.git_setting(key, value))
    }

    /// Returns the value of a variable that sets something, unless it is empty.
    pub(crate) fn setting(&self, name: &str) -> Option<&str> {
        self.text(name).filter(|value| !value.is_empty())
    }

    /// Returns the variables that are text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().filter_map(|(name, value)| Some((name.to_str()?, value.to_str()?)))
    }

    /// Returns the folder of the user.
    pub(crate) fn home_dir(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// Returns the folders that an agent in workspace-write can always write to.
    pub(crate) fn temporary(&self) -> impl Iterator<Item = PathBuf> + use<> {
        [PathBuf::from("/tmp"), self.temporary.clone()].into_iter()
    }

    /// Returns the working directory.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.to_str()
    }

    /// Returns the names of the variables that a person has declared to hold secrets.
    fn declared_secrets(&self) -> Vec<String> {
        let declared = self.text(REDACTED).unwrap_or_default();
        declared.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
    }
}

/// Names the variables; their values can be secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.variables.keys().collect();
        formatter.debug_struct("Environment").field("variables", &names).finish_non_exhaustive()
    }
}
