//! [`declared_secrets`]: variables that the environment declares to be secret, for what starts before settings are read.

use std::env;

use codex_exec::CommandSpec;
use codex_ledger::{GitCli, GitCliBuilder};

/// The variable that sets `ledger.redact.variables`.
const VARIABLE: &str = "CODEX_TURNS_LEDGER_REDACT_VARIABLES";

/// Returns the names of the variables that a person has declared to hold secrets, whatever they are called.
fn declared_secrets() -> Vec<String> {
    let declared = env::var(VARIABLE).unwrap_or_default();
    declared.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// Starts git without declared secrets, where no settings are known yet.
pub(crate) fn git_before_settings() -> GitCliBuilder {
    GitCli::builder().hide(declared_secrets())
}

/// Keeps declared secrets from a command, where no settings are known.
pub(crate) fn without_declared_secrets(command: CommandSpec) -> CommandSpec {
    declared_secrets().into_iter().fold(command, CommandSpec::env_remove)
}
