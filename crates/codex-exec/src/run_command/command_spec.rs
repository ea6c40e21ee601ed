//! [`CommandSpec`]: a command to run, inert.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use crate::{ParentDeath, StateDir};

/// Describes a command to run.
///
/// ```
/// use std::time::Duration;
/// use codex_exec::CommandSpec;
///
/// let shell = CommandSpec::shell("cargo test | tail");
/// let plain = CommandSpec::argv(["cargo", "test"]).limit(Duration::from_secs(600));
/// assert_eq!(plain.program().unwrap(), "cargo");
/// assert_eq!(shell.to_string(), "cargo test | tail");
/// assert_eq!(shell.output_limit_bytes, 1 << 20);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a command does nothing until it is run"]
#[non_exhaustive]
pub struct CommandSpec {
    /// The program and its arguments.
    pub argv: Vec<OsString>,
    /// The working directory; `None`: that of this process.
    pub cwd: Option<PathBuf>,
    /// Environment variables that are added or replaced.
    pub env: Vec<(OsString, OsString)>,
    /// Environment variables that are taken away, besides the secrets.
    pub env_removed: Vec<OsString>,
    /// Environment variables that it inherits although they are secrets.
    pub handed_over: Vec<OsString>,
    /// What it reads from standard input; `None`: nothing.
    pub stdin: Option<String>,
    /// How long it may take.
    pub limit: Option<Duration>,
    /// How many bytes of the end of its output are kept (default 1 MiB).
    pub output_limit_bytes: usize,
    /// What becomes of it when this process dies.
    pub parent_death: ParentDeath,
    /// Where its start is noted until its end.
    pub noted_in: Option<StateDir>,
}

impl CommandSpec {
    /// Takes one string for `sh -c`, which sees pipes, quotes and variables.
    pub fn shell(script: impl Into<OsString>) -> Self {
        Self::argv([OsString::from("sh"), OsString::from("-c"), script.into()])
    }

    /// Takes a program and its arguments, without a shell between.
    pub fn argv<A: Into<OsString>>(argv: impl IntoIterator<Item = A>) -> Self {
        Self {
            argv: argv.into_iter().map(Into::into).collect(),
            cwd: None,
            env: Vec::new(),
            env_removed: Vec::new(),
            handed_over: Vec::new(),
            stdin: None,
            limit: None,
            output_limit_bytes: 1 << 20,
            parent_death: ParentDeath::default(),
            noted_in: None,
        }
    }

    /// Sets the working directory.
    pub fn cwd(mut self, dir: impl Into<PathBuf>) -> Self {
        self.cwd = Some(dir.into());
        self
    }

    /// Adds or replaces an environment variable.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Takes an environment variable away. [Secrets](crate::SystemCommands) are taken away without it.
    pub fn env_remove(mut self, name: impl Into<OsString>) -> Self {
        self.env_removed.push(name.into());
        self
    }

    /// Lets it inherit one environment variable, even if that is a secret or [taken away](Self::env_remove).
    pub fn hand_over(mut self, name: impl Into<OsString>) -> Self {
        self.handed_over.push(name.into());
        self
    }

    /// Gives it something to read.
    pub fn stdin(mut self, text: impl Into<String>) -> Self {
        self.stdin = Some(text.into());
        self
    }

    /// Limits how long it may take.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sets how many bytes of the end of its output are kept.
    pub fn output_limit_bytes(mut self, bytes: usize) -> Self {
        self.output_limit_bytes = bytes;
        self
    }

    /// Says what becomes of it when this process dies.
    pub fn parent_death(mut self, parent_death: ParentDeath) -> Self {
        self.parent_death = parent_death;
        self
    }

    /// Notes its start in a folder until its end, as starts of Codex are: where this process dies meanwhile, the next start of
    /// Codex that notes itself there kills what is left of the command.
    pub fn noted_in(mut self, state_dir: StateDir) -> Self {
        self.noted_in = Some(state_dir);
        self
    }

    /// The program, if there is one.
    pub fn program(&self) -> Option<&OsStr> {
        self.argv.first().map(OsString::as_os_str).filter(|program| !program.is_empty())
    }
}

/// Shows the command as a person would name it.
impl std::fmt::Display for CommandSpec {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words: Vec<_> = self.argv.iter().map(|word| word.to_string_lossy()).collect();
        match &words[..] {
            [shell, flag, script] if shell == "sh" && flag == "-c" => formatter.write_str(script),
            words => formatter.write_str(&words.join(" ")),
        }
    }
}
