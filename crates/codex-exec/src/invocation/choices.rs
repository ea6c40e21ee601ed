//! [`Sandbox`], [`OutputSchema`] and the other small choices of an invocation.

use std::path::PathBuf;

use serde_json::Value;

/// Says what the commands of the agent may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sandbox {
    /// They read anything and write nothing. This is what Codex does unless it is told otherwise.
    ReadOnly,
    /// They write below the working directory, the additional ones and the temporary folder, and reach no
    /// network.
    WorkspaceWrite,
    /// They do what this user may do.
    DangerFullAccess,
}

impl Sandbox {
    /// The word that Codex has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::WorkspaceWrite => "workspace-write",
            Self::DangerFullAccess => "danger-full-access",
        }
    }
}

/// Says what shape the final answer must have, as a JSON Schema. Codex does not check the answer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum OutputSchema {
    /// The schema lies in this file.
    File(PathBuf),
    /// The schema itself; it is kept in a private [`SchemaFile`](crate::SchemaFile) while Codex runs.
    Inline(Value),
}

/// Says whether the working directory must lie in a git repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum GitRepoCheck {
    /// It must, so that what the agent does can be undone.
    #[default]
    Require,
    /// It need not.
    Skip,
}

/// Says how long Codex tries to reach a service that does not answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectionRetries {
    /// It fails the turn after five tries, about half a minute.
    #[default]
    Bounded,
    /// As Codex's configuration says; that is for ever unless the user has changed it.
    Unbounded,
}

/// Says whether Codex keeps the thread on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Persistence {
    /// It does, and the thread can be resumed.
    #[default]
    Keep,
    /// It does not.
    Ephemeral,
}

/// Says whether Codex reads the user's `config.toml`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserConfig {
    /// It does.
    #[default]
    Load,
    /// It does not; it still finds the login in the Codex home.
    Ignore,
}
