//! [`CodexHome`]: the folder that holds Codex's configuration, login and threads.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::InvocationParts;

/// Names the Codex home that an invocation will have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodexHome(PathBuf);

/// Holds what decides where the Codex home is, beside the invocation itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HomeEnvironment {
    /// The variable `CODEX_HOME`.
    pub codex_home: Option<OsString>,
    /// The variable `HOME`.
    pub home: Option<OsString>,
    /// What the system's user database says, used where `HOME` is not set.
    pub user_home: Option<PathBuf>,
}

/// Says how Codex is logged in, without the secret itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginState {
    /// No login is stored.
    LoggedOut,
    /// An API key is stored.
    ApiKey,
    /// An account of `ChatGPT` is.
    ChatGpt,
    /// A login is stored in a form that is not known here.
    Unknown,
}

impl HomeEnvironment {
    /// Takes the variables of this process, and its user's folder.
    pub fn from_process() -> Self {
        Self { codex_home: env::var_os("CODEX_HOME"), home: env::var_os("HOME"), user_home: env::home_dir() }
    }
}

impl CodexHome {
    /// Finds the folder that Codex will use for this invocation: the one that it names, else `CODEX_HOME`,
    /// else `.codex` in the user's folder, each as far as the invocation's environment lets it through.
    ///
    /// ```
    /// use codex_exec::{CodexHome, HomeEnvironment, Invocation};
    ///
    /// let mut process = HomeEnvironment::default();
    /// process.home = Some("/home/ada".into());
    /// let home = CodexHome::of(Invocation::new("hi").parts(), &process).unwrap();
    /// assert_eq!(home.path(), std::path::Path::new("/home/ada/.codex"));
    /// ```
    pub fn of(invocation: &InvocationParts, process: &HomeEnvironment) -> Option<Self> {
        if let Some(home) = &invocation.codex_home {
            return Some(Self(home.clone()));
        }
        let variable = |name, inherited: &Option<OsString>| {
            invocation.environment.effective(name, inherited.as_deref()).filter(|value| !value.is_empty())
        };
        if let Some(home) = variable("CODEX_HOME", &process.codex_home) {
            return Some(Self(home.into()));
        }
        let home = variable("HOME", &process.home).map(PathBuf::from).or_else(|| process.user_home.clone());
        home.map(|home| Self(home.join(".codex")))
    }

    /// Takes the folder that is named, else the one that the environment of this process says.
    pub fn resolve(explicit: Option<&Path>, process: &HomeEnvironment) -> Option<Self> {
        let mut invocation = crate::Invocation::new("");
        if let Some(home) = explicit {
            invocation = invocation.codex_home(home);
        }
        Self::of(invocation.parts(), process)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Looks how Codex is logged in. A key in the environment counts before that, and is not looked at.
    ///
    /// # Errors
    ///
    /// The login is there and cannot be read.
    pub fn login(&self) -> io::Result<LoginState> {
        match fs::read(self.0.join("auth.json")) {
            Ok(stored) => Ok(kind(&stored)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(LoginState::LoggedOut),
            Err(error) => Err(error),
        }
    }
}

fn kind(stored: &[u8]) -> LoginState {
    let Ok(stored) = serde_json::from_slice::<Value>(stored) else { return LoginState::Unknown };
    let key = stored["OPENAI_API_KEY"].as_str().is_some_and(|key| !key.is_empty());
    let tokens = stored["tokens"].is_object();
    match (stored["auth_mode"].as_str(), key, tokens) {
        (Some("apikey"), true, _) | (None, true, false) => LoginState::ApiKey,
        (Some("chatgpt") | None, _, true) => LoginState::ChatGpt,
        _ => LoginState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use tempfile::tempdir;

    use super::*;
    use crate::{CodexEnvironment, Invocation};

    #[rstest]
    #[case::the_invocation_first(Invocation::new("").codex_home("/given"), "/given")]
    #[case::then_the_variable(Invocation::new(""), "/variable")]
    #[case::as_it_was_set(Invocation::new("").environment(CodexEnvironment::clear().set("CODEX_HOME", "/set")), "/set")]
    #[case::home_where_it_was_removed(
        Invocation::new("").environment(CodexEnvironment::inherit().remove("CODEX_HOME")),
        "/home/.codex"
    )]
    #[case::home_where_it_is_let_through(Invocation::new("").environment(CodexEnvironment::only(["HOME"])), "/home/.codex")]
    #[case::the_user_where_nothing_is(Invocation::new("").environment(CodexEnvironment::clear()), "/user/.codex")]
    fn the_home_is_the_one_that_codex_will_find(#[case] invocation: Invocation, #[case] expected: &str) {
        let process = HomeEnvironment {
            codex_home: Some("/variable".into()),
            home: Some("/home".into()),
            user_home: Some("/user".into()),
        };
        assert_eq!(CodexHome::of(invocation.parts(), &process).unwrap().path(), Path::new(expected));
    }

    #[rstest]
    #[case::nothing_stored(None, LoginState::LoggedOut)]
    #[case::key(Some(r#"{"OPENAI_API_KEY":"sk-1"}"#), LoginState::ApiKey)]
    #[case::key_by_mode(
        Some(r#"{"auth_mode":"apikey","OPENAI_API_KEY":"sk-1","tokens":null}"#),
        LoginState::ApiKey
    )]
    #[case::account(Some(r#"{"OPENAI_API_KEY":null,"tokens":{"id_token":"x"}}"#), LoginState::ChatGpt)]
    #[case::account_by_mode(Some(r#"{"auth_mode":"chatgpt","tokens":{}}"#), LoginState::ChatGpt)]
    #[case::another_mode(Some(r#"{"auth_mode":"new"}"#), LoginState::Unknown)]
    #[case::no_json(Some("x"), LoginState::Unknown)]
    fn the_kind_of_a_login_is_told(#[case] stored: Option<&str>, #[case] expected: LoginState) {
        let home = tempdir().unwrap();
        if let Some(stored) = stored {
            fs::write(home.path().join("auth.json"), stored).unwrap();
        }
        let home = CodexHome::resolve(Some(home.path()), &HomeEnvironment::default()).unwrap();
        assert_eq!(home.login().unwrap(), expected);
    }
}
