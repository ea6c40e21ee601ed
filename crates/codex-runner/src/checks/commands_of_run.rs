//! [`CommandsOfRun`]: runs the commands that end a run, as the project allows them.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use codex_exec::{CancellationToken, CommandError, CommandOutput, CommandSpec, RunCommand};

use super::check_surroundings::CommandRules;
use super::{CheckBoundary, SandboxRefusal};

/// Runs the commands that end a run, as the project allows them, and keeps what the sandbox refused the last that failed.
///
/// The rules are added here and not where a command is made, so that they apply to every check of a run, those of the caller
/// included.
pub(crate) struct CommandsOfRun {
    commands: Box<dyn RunCommand>,
    boundary: CheckBoundary,
    rules: CommandRules,
    refusal: Mutex<Option<SandboxRefusal>>,
}

impl CommandsOfRun {
    pub(super) fn new(commands: Box<dyn RunCommand>, boundary: CheckBoundary, rules: CommandRules) -> Self {
        Self { commands, boundary, rules, refusal: Mutex::default() }
    }

    /// Returns what the sandbox refused the last command, if it failed because of that.
    pub(crate) fn refusal(&self) -> Option<SandboxRefusal> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl RunCommand for CommandsOfRun {
    async fn run(
        &self,
        command: CommandSpec,
        cancel: CancellationToken,
    ) -> Result<CommandOutput, CommandError> {
        let done = self.commands.run(self.rules.apply_to(command), cancel).await?;
        let refusal =
            if done.succeeded() { None } else { SandboxRefusal::find(&done.output.text(), &self.boundary) };
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = refusal;
        Ok(done)
    }
}
