//! [`ConfigArguments`]: the flags of `codex-turns config`.

use std::path::PathBuf;

use clap::Args;

use super::trust::TrustOptions;

/// The flags of `config`.
#[derive(Debug, Args)]
pub(crate) struct ConfigArguments {
    /// Print one JSON object to standard output.
    #[arg(long)]
    pub(crate) json: bool,
    /// A file of your own, outside of the project, that takes the place of codex-turns.toml.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) trust: TrustOptions,
    /// A directory in the project.
    #[arg(short = 'C', long = "cd", value_name = "DIR", default_value = ".")]
    pub(crate) dir: PathBuf,
}
