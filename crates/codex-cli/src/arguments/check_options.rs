//! [`CheckOptions`]: what the commands of checks may see.

use clap::Args;

use super::values;

/// What the commands of checks may see.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Checks")]
pub(crate) struct CheckOptions {
    /// Hand this environment variable over to the commands that check the work, which get no keys, tokens and
    /// passwords otherwise; may be repeated.
    #[arg(long, value_name = "NAME", value_parser = values::variable_name)]
    pub(crate) check_env: Vec<String>,
}
