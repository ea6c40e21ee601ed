//! [`CodexChoices`]: what Codex is told of every turn.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::project::InstructionsFrom;

/// What Codex is told of every turn, named as Codex names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct CodexChoices {
    /// The model.
    pub model: Option<String>,
    /// What the agent's commands may touch: `read-only`, `workspace-write` or `danger-full-access`.
    pub sandbox: Option<String>,
    /// Further folders that the agent may write to.
    pub add_dirs: Vec<PathBuf>,
    /// A profile of Codex's configuration.
    pub profile: Option<String>,
    /// Settings of Codex, in order; each value is TOML or text.
    pub config: Vec<(String, String)>,
    /// Features that are switched on.
    pub enable: Vec<String>,
    /// Features that are switched off.
    pub disable: Vec<String>,
    /// Whether the user's configuration of Codex is left unread.
    pub ignore_user_config: bool,
    /// The program, if the caller names one.
    pub program: Option<PathBuf>,
    /// The folder that holds Codex's configuration, login and threads, if it is not the usual one.
    pub home: Option<PathBuf>,
    /// The address of the service.
    pub base_url: Option<String>,
    /// Which instructions of the project reach the agent.
    pub project_instructions: Option<InstructionsFrom>,
}
