//! [`Surroundings`]: what the commands of checks and of `--until` see and touch of this machine.

use std::env;
use std::sync::Arc;

use codex_exec::{
    CommandSandbox, CommandSpec, NetworkAccess, Program, RunCommand, SandboxedCommands, SystemCommands,
};
use codex_runner::{CheckSandbox, CheckSettings, Settings};

use super::sandbox_hint::Noticing;
use crate::arguments::{RunArguments, Until};
use crate::render::{Line, Tone};
use crate::setup;

/// What the commands of checks and of `--until` see and touch of this machine.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub(crate) config: &'a Settings,
    /// The flags of the turn, and if they say nothing the settings of the project.
    pub(crate) complete: &'a RunArguments,
    /// The Codex whose sandbox it is.
    pub(crate) program: &'a Program,
}

/// What a command may touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Boundary {
    /// What this user may.
    Open,
    /// What this sandbox allows.
    Sandbox(CommandSandbox),
}

/// Whether the checks of the project run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunChecks {
    Yes,
    No,
}

impl Boundary {
    /// The words for a person.
    pub(crate) fn words(&self) -> &'static str {
        match self {
            Self::Open => "no sandbox",
            Self::Sandbox(sandbox) if sandbox.network_access() == NetworkAccess::Denied => {
                "sandbox: workspace-write, no network"
            }
            Self::Sandbox(_) => "sandbox: workspace-write, network",
        }
    }

    /// The words for a person, of where a command runs.
    pub(super) fn in_words(&self) -> &'static str {
        match self {
            Self::Open => "without what the file hands over",
            Self::Sandbox(_) => "in the sandbox",
        }
    }

    /// Runs commands within it.
    pub(super) fn commands(&self, program: &Program) -> Box<dyn RunCommand> {
        match self {
            Self::Open => Box::new(SystemCommands::new()),
            Self::Sandbox(sandbox) => Box::new(SandboxedCommands::new(program.clone(), sandbox.clone())),
        }
    }
}

impl Surroundings<'_> {
    /// Gives a command of `--until` its environment.
    pub(crate) fn of_until(&self, command: CommandSpec) -> CommandSpec {
        self.environment(command, &[])
    }

    /// Gives the command of a check its environment.
    pub(crate) fn of_check(&self, command: CommandSpec, settings: &CheckSettings) -> CommandSpec {
        self.environment(command, &settings.env.value)
    }

    /// What the commands of `--until` may touch.
    pub(crate) fn boundary_of_until(&self) -> Boundary {
        boundary(self.complete, None, None)
    }

    /// What the command of a check may touch.
    pub(crate) fn boundary_of_check(&self, settings: &CheckSettings) -> Boundary {
        Self::boundary(self.complete, settings)
    }

    /// What the command of a check may touch after a turn with these flags.
    pub(crate) fn boundary(complete: &RunArguments, settings: &CheckSettings) -> Boundary {
        boundary(complete, settings.sandbox.value, settings.network.value)
    }

    /// Says what the commands of `--until` may touch.
    pub(crate) fn line_of_until(&self) -> Line {
        Line::new(Tone::Dim, &format!("commands of --until: {}", self.boundary_of_until().words()))
    }

    /// Runs the commands of `--until`.
    pub(crate) fn commands_of_until(&self) -> Arc<Noticing> {
        let boundary = self.boundary_of_until();
        Arc::new(Noticing::new(boundary.commands(self.program), &boundary))
    }

    /// A sentence for each variable that is to be handed over and is not set.
    pub(crate) fn unset(&self, until: &Until, checks: RunChecks) -> Vec<String> {
        let sentence = |name: &str, origin: &str| format!("{origin} names {name}, which is not set");
        let mut sentences = Vec::new();
        let settings = self.config.checks().into_iter().filter(|check| check.command.value.is_some());
        let settings: Vec<_> = if checks == RunChecks::Yes { settings.collect() } else { Vec::new() };
        if !settings.is_empty() || !until.commands.is_empty() {
            let unset = self.complete.checks.env.iter().filter(|name| is_unset(name));
            sentences.extend(unset.map(|name| sentence(name, "--check-env")));
        }
        for check in settings {
            let origin = format!("{}.env ({})", check.name, check.env.origin);
            let unset = check.env.value.iter().filter(|name| is_unset(name));
            sentences.extend(unset.map(|name| sentence(name, &origin)));
        }
        sentences
    }

    fn environment(&self, command: CommandSpec, own: &[String]) -> CommandSpec {
        let redacted = &self.config.ledger.redact.variables.value;
        let command = redacted.iter().fold(command, CommandSpec::env_remove);
        self.complete.checks.env.iter().chain(own).fold(command, CommandSpec::hand_over)
    }
}

/// A flag wins over a setting, and that over what the turn had.
fn boundary(complete: &RunArguments, setting: Option<CheckSandbox>, network: Option<bool>) -> Boundary {
    let of_turn = setup::check_sandbox(complete);
    let flags = &complete.checks;
    let sandbox = match (flags.sandbox.or(setting), of_turn) {
        (Some(CheckSandbox::Off), _) | (None, None) => return Boundary::Open,
        (Some(CheckSandbox::WorkspaceWrite) | None, of_turn) => of_turn.unwrap_or_default(),
    };
    let network = if flags.network { Some(true) } else { network };
    Boundary::Sandbox(match network {
        Some(true) => sandbox.network(NetworkAccess::Allowed),
        Some(false) => sandbox.network(NetworkAccess::Denied),
        None => sandbox,
    })
}

fn is_unset(name: &String) -> bool {
    env::var_os(name).is_none()
}
