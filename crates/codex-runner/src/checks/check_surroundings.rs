//! [`CheckSurroundings`]: what the commands of checks see and touch of this machine.

use std::sync::Arc;

use async_trait::async_trait;
use codex_exec::{
    CancellationToken, CommandError, CommandOutput, CommandSandbox, CommandSpec, NetworkAccess, Program,
    RunCommand, SandboxedCommands, SystemCommands,
};

use super::sandbox_refusal::NoticingCommands;
use crate::environment::Environment;
use crate::settings::{CheckSandbox, CheckSettings, Settings};
use crate::work::{CheckChoices, RunChecks};

/// What the commands of checks see and touch of this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CheckSurroundings<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) environment: &'a Environment,
    pub(crate) choices: &'a CheckChoices,
    /// The sandbox of the turn whose work is checked; `None` if it had full access.
    pub(crate) of_turn: Option<&'a CommandSandbox>,
    /// The Codex whose sandbox it is, if there is one.
    pub(crate) program: Option<&'a Program>,
}

/// What a command may touch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckBoundary {
    /// What this user may.
    Open,
    /// What this sandbox allows.
    Sandbox(CommandSandbox),
}

impl CheckBoundary {
    /// Returns the words for a person: `no sandbox`, `sandbox: workspace-write, no network`.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Open => "no sandbox",
            Self::Sandbox(sandbox) if sandbox.network_access() == NetworkAccess::Denied => {
                "sandbox: workspace-write, no network"
            }
            Self::Sandbox(_) => "sandbox: workspace-write, network",
        }
    }

    /// Says where a command runs that a changed file no longer loosens.
    pub(super) fn tightened_words(&self) -> &'static str {
        match self {
            Self::Open => "without what the file hands over",
            Self::Sandbox(_) => "in the sandbox",
        }
    }

    /// Runs commands within it.
    pub(super) fn commands(&self, program: Option<&Program>) -> Box<dyn RunCommand> {
        match (self, program) {
            (Self::Open, _) => Box::new(SystemCommands::new()),
            (Self::Sandbox(sandbox), Some(program)) => {
                Box::new(SandboxedCommands::new(program.clone(), sandbox.clone()))
            }
            // Nothing that the agent may have written runs without the sandbox that it should have.
            (Self::Sandbox(_), None) => Box::new(NoCommands),
        }
    }
}

/// Runs nothing: there is no sandbox.
struct NoCommands;

#[async_trait]
impl RunCommand for NoCommands {
    async fn run(&self, _: CommandSpec, _: CancellationToken) -> Result<CommandOutput, CommandError> {
        Err(CommandError::sandbox("the project was opened without a Codex whose sandbox it could be"))
    }
}

impl CheckSurroundings<'_> {
    /// Gives a command that ends a run its environment.
    pub(crate) fn of_until(&self, command: CommandSpec) -> CommandSpec {
        self.environment(command, &[])
    }

    /// Gives the command of a check its environment.
    pub(crate) fn of_check(&self, command: CommandSpec, settings: &CheckSettings) -> CommandSpec {
        self.environment(command, &settings.env.value)
    }

    /// Returns what the commands that end a run may touch.
    pub(crate) fn boundary_of_until(&self) -> CheckBoundary {
        boundary(self.choices, self.of_turn, None, None)
    }

    /// Returns what the command of a check may touch. A flag wins over a setting, and that over what the turn had.
    pub(crate) fn boundary_of_check(&self, settings: &CheckSettings) -> CheckBoundary {
        boundary(self.choices, self.of_turn, settings.sandbox.value, settings.network.value)
    }

    /// Runs the commands that end a run.
    pub(crate) fn commands_of_until(&self) -> Arc<NoticingCommands> {
        let boundary = self.boundary_of_until();
        Arc::new(NoticingCommands::new(boundary.commands(self.program), &boundary))
    }

    /// Returns a sentence for each variable that is to be handed over and is not set.
    pub(crate) fn unset(&self) -> Vec<String> {
        let sentence = |name: &str, origin: &str| format!("{origin} names {name}, which is not set");
        let is_unset = |name: &&String| self.environment.get(name).is_none();
        let mut sentences = Vec::new();
        let settings = self.settings.checks().into_iter().filter(|check| check.command.value.is_some());
        let settings: Vec<_> =
            if self.choices.run == RunChecks::Yes { settings.collect() } else { Vec::new() };
        let unset = self.choices.env.iter().filter(is_unset);
        sentences.extend(unset.map(|name| sentence(name, "--check-env")));
        for check in settings {
            let origin = format!("{}.env ({})", check.name, check.env.origin);
            let unset = check.env.value.iter().filter(is_unset);
            sentences.extend(unset.map(|name| sentence(name, &origin)));
        }
        sentences
    }

    fn environment(&self, command: CommandSpec, own: &[String]) -> CommandSpec {
        let redacted = &self.settings.ledger.redact.variables.value;
        let command = redacted.iter().fold(command, CommandSpec::env_remove);
        self.choices.env.iter().chain(own).fold(command, CommandSpec::hand_over)
    }
}

/// What a command may touch. A flag wins over a setting, and that over what the turn had.
pub(crate) fn boundary(
    choices: &CheckChoices,
    of_turn: Option<&CommandSandbox>,
    setting: Option<CheckSandbox>,
    network: Option<bool>,
) -> CheckBoundary {
    let sandbox = match (choices.sandbox.or(setting), of_turn) {
        (Some(CheckSandbox::Off), _) | (None, None) => return CheckBoundary::Open,
        (Some(CheckSandbox::WorkspaceWrite) | None, of_turn) => of_turn.cloned().unwrap_or_default(),
    };
    let network = if choices.network { Some(true) } else { network };
    CheckBoundary::Sandbox(match network {
        Some(true) => sandbox.network(NetworkAccess::Allowed),
        Some(false) => sandbox.network(NetworkAccess::Denied),
        None => sandbox,
    })
}
