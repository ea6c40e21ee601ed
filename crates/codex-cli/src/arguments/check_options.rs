//! [`CheckOptions`]: what the commands of checks may see and touch.

use clap::Args;
use codex_runner::CheckSandbox;

use super::values;

/// What the commands of checks may see and touch.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Checks")]
pub(crate) struct CheckOptions {
    /// Hand this environment variable over to the commands that check the work, which get no keys, tokens and
    /// passwords otherwise; may be repeated.
    #[arg(id = "check_env", long = "check-env", value_name = "NAME", value_parser = codex_runner::variable_name)]
    pub(crate) env: Vec<String>,
    /// Run the commands that check the work in Codex's sandbox or without one; otherwise as codex-turns.toml says, in
    /// the sandbox by default. After a turn with danger-full-access they run without one.
    #[arg(id = "check_sandbox", long = "check-sandbox", value_name = "MODE", value_parser = values::check_sandbox())]
    pub(crate) sandbox: Option<CheckSandbox>,
    /// Let the commands that check the work open sockets, also to this machine.
    #[arg(id = "check_network", long = "check-network")]
    pub(crate) network: bool,
}
