//! [`Sandbox`], [`OutputSchema`] and the other small choices of an invocation.

use std::path::PathBuf;

use serde_json::Value;

use crate::ProjectLayer;

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

/// Says whether Codex reads what a repository keeps for it in `.codex`, at every depth: settings, MCP servers, hooks, rules.
///
/// Such programs run outside of the sandbox, with the environment of Codex. Codex itself asks only once whether a folder is
/// trusted, and never again, whatever its files become.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProjectPrograms {
    /// It does not, whatever its own settings say of the folder.
    #[default]
    Off,
    /// It does if the files are what they were when this was found, and its own settings trust the folder.
    Unchanged(ProjectLayer),
    /// It does if its own settings trust the folder.
    On,
}

/// Says whether the agent is told what a repository keeps for it in `AGENTS.md` and in skills.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProjectInstructions {
    /// It is, as Codex does.
    #[default]
    On,
    /// It is if the files are what they were when this was found: what an agent has written since is left out.
    Unchanged(ProjectLayer),
    /// It is not. The user's own `AGENTS.md` stays; skills are off altogether.
    Off,
}

/// Says what becomes of programs that the working directory's repository configures for git (filters, hooks, helpers), if that
/// repository lies inside another worktree: an agent can have written it, and Codex runs git there, outside of the sandbox.
///
/// A submodule is such a repository, and so is a worktree of git's that lies within the project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NestedRepository {
    /// Git does not start them; where that cannot be ensured, Codex is not started.
    #[default]
    Neutralise,
    /// Codex is not started in such a repository.
    Refuse,
    /// Git starts them.
    Trust,
}
