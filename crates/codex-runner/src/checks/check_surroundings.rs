//! [`CheckSurroundings`]: what the commands of checks see and touch of this machine.

use std::sync::Arc;

use async_trait::async_trait;
use codex_exec::{
    CancellationToken, CommandError, CommandOutput, CommandSandbox, CommandSpec, NetworkAccess, ParentDeath,
    Program, RunCommand, SandboxedCommands, StateDir, SystemCommands,
};

use super::commands_of_run::CommandsOfRun;
use crate::environment::Environment;
use crate::settings::{CheckSandbox, CheckSettings, Settings};
use crate::work::{CheckChoices, RunChecks};

/// What the commands of checks see and touch of this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CheckSurroundings<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) environment: &'a Environment,
    pub(crate) choices: &'a CheckChoices,
    /// Whether the turn looks at work and does none.
    pub(crate) is_review: bool,
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

/// What holds for every command that checks the work of an agent.
#[derive(Clone, Debug)]
pub(super) struct CommandRules {
    /// Secrets by the settings of the project, which no command inherits.
    removed: Vec<String>,
    /// Variables that commands inherit all the same.
    handed_over: Vec<String>,
    /// Where starts are noted, so that what outlives this process is found and killed.
    state_dir: StateDir,
}

impl CommandRules {
    /// Adds them to a command, which keeps what it hands over itself.
    pub(super) fn apply_to(&self, command: CommandSpec) -> CommandSpec {
        let command = command.parent_death(ParentDeath::Interrupt).noted_in(self.state_dir.clone());
        let command = self.removed.iter().fold(command, CommandSpec::env_remove);
        self.handed_over.iter().fold(command, CommandSpec::hand_over)
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
    /// Whether the checks of the project run.
    pub(crate) fn checks_run(&self) -> bool {
        match self.choices.run {
            RunChecks::AsUsual => !self.is_review,
            RunChecks::Always => true,
            RunChecks::No => false,
        }
    }

    /// Gives the command of a check what every command has, and the environment that its settings allow.
    pub(crate) fn of_check(&self, command: CommandSpec, settings: &CheckSettings) -> CommandSpec {
        self.command_rules(&settings.env.value).apply_to(command)
    }

    /// Returns what the commands that end a run may touch.
    pub(crate) fn boundary_of_run(&self) -> CheckBoundary {
        boundary(self.choices, self.of_turn, None, None)
    }

    /// Returns what the command of a check may touch. A flag wins over a setting, and that over what the turn had.
    pub(crate) fn boundary_of_check(&self, settings: &CheckSettings) -> CheckBoundary {
        boundary(self.choices, self.of_turn, settings.sandbox.value, settings.network.value)
    }

    /// Runs the commands that end a run.
    pub(crate) fn commands_of_run(&self) -> Arc<CommandsOfRun> {
        let boundary = self.boundary_of_run();
        Arc::new(CommandsOfRun::new(boundary.commands(self.program), boundary, self.command_rules(&[])))
    }

    /// Returns a sentence for each variable that is to be handed over and is not set.
    pub(crate) fn unset(&self) -> Vec<String> {
        let sentence = |name: &str, origin: &str| format!("{origin} names {name}, which is not set");
        let is_unset = |name: &&String| self.environment.get(name).is_none();
        let mut sentences = Vec::new();
        let settings = self.settings.checks().into_iter().filter(|check| check.command.value.is_some());
        let settings: Vec<_> = if self.checks_run() { settings.collect() } else { Vec::new() };
        let unset = self.choices.env.iter().filter(is_unset);
        sentences.extend(unset.map(|name| sentence(name, "--check-env")));
        for check in settings {
            let origin = format!("{}.env ({})", check.name, check.env.origin);
            let unset = check.env.value.iter().filter(is_unset);
            sentences.extend(unset.map(|name| sentence(name, &origin)));
        }
        sentences
    }

    /// What holds for every command, with these variables handed over as well.
    fn command_rules(&self, own: &[String]) -> CommandRules {
        CommandRules {
            removed: self.settings.ledger.redact.variables.value.clone(),
            handed_over: self.choices.env.iter().chain(own).cloned().collect(),
            state_dir: self.environment.state_dir().clone(),
        }
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
