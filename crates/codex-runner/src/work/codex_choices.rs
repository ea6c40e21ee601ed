//! [`CodexChoices`]: what Codex is told of every turn.

use std::path::PathBuf;

use codex_exec::{ConfigValue, Invocation, Sandbox};
use codex_turn::ThreadOptions;
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

impl CodexChoices {
    /// Says them of a thread. The program is not part of it.
    pub fn apply(&self, options: ThreadOptions) -> ThreadOptions {
        let this = self.clone();
        options.with(move |invocation| this.apply_to(invocation))
    }

    /// Says them of one start of Codex.
    pub fn apply_to(&self, mut invocation: Invocation) -> Invocation {
        let sandboxes = [Sandbox::ReadOnly, Sandbox::WorkspaceWrite, Sandbox::DangerFullAccess];
        let sandbox = sandboxes.into_iter().find(|mode| Some(mode.as_str()) == self.sandbox.as_deref());
        invocation = sandbox.into_iter().fold(invocation, Invocation::sandbox);
        invocation = self.model.iter().fold(invocation, Invocation::model);
        invocation = self.profile.iter().fold(invocation, Invocation::profile);
        invocation = self.add_dirs.iter().fold(invocation, Invocation::add_dir);
        for (key, value) in &self.config {
            invocation = invocation.config(key, ConfigValue::Verbatim(value.clone()));
        }
        invocation = self.enable.iter().fold(invocation, Invocation::enable);
        invocation = self.disable.iter().fold(invocation, Invocation::disable);
        if self.ignore_user_config {
            invocation = invocation.ignore_user_config();
        }
        invocation = self.home.iter().fold(invocation, Invocation::codex_home);
        self.base_url.iter().fold(invocation, Invocation::base_url)
    }
}
