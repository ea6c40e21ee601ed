//! [`AdrArguments`]: the flags of `codex-turns adr` and of `codex-turns init`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// The flags of `adr`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub(crate) struct AdrArguments {
    /// A directory in the project.
    #[arg(short = 'C', long = "cd", value_name = "DIR", default_value = ".", global = true)]
    pub(crate) dir: PathBuf,
    #[command(subcommand)]
    pub(crate) command: AdrCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AdrCommand {
    /// List the decisions that records state, with turn, date and status.
    List {
        /// Print one JSON array to standard output.
        #[arg(long)]
        json: bool,
    },
}

/// The flags of `init`.
#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// A directory in the project.
    #[arg(short = 'C', long = "cd", value_name = "DIR", default_value = ".")]
    pub(crate) dir: PathBuf,
}
