//! [`Surroundings`]: what the commands of checks and of `--until` see of this machine.

use std::env;

use codex_exec::CommandSpec;

use crate::arguments::{CheckOptions, Until};
use crate::config::{CheckSettings, Config};

/// What the commands of checks and of `--until` see of this machine.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub(crate) config: &'a Config,
    pub(crate) options: &'a CheckOptions,
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

    /// A sentence for each variable that is to be handed over and is not set.
    pub(crate) fn unset(&self, until: &Until, checks: RunChecks) -> Vec<String> {
        let sentence = |name: &str, origin: &str| format!("{origin} names {name}, which is not set");
        let mut sentences = Vec::new();
        let settings = self.config.checks().into_iter().filter(|check| check.command.value.is_some());
        let settings: Vec<_> = if checks == RunChecks::Yes { settings.collect() } else { Vec::new() };
        if !settings.is_empty() || !until.commands.is_empty() {
            let unset = self.options.check_env.iter().filter(|name| is_unset(name));
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
        self.options.check_env.iter().chain(own).fold(command, CommandSpec::hand_over)
    }
}

/// Whether the checks of the project run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunChecks {
    Yes,
    No,
}

fn is_unset(name: &String) -> bool {
    env::var_os(name).is_none()
}
