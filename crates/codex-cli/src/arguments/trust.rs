//! [`TrustOptions`] and [`TrustArguments`]: what a person says of a project's files, and `codex-turns trust`.

use std::path::PathBuf;

use clap::Args;
use codex_runner::TrustGiven;

/// What a person says of a project's files on the command line.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Trust")]
pub(crate) struct TrustOptions {
    /// Trust codex-turns.toml, the files that it names and a repository within the repository for this run, as they are now.
    #[arg(long)]
    pub(crate) trust: bool,
    /// Trust them if their bytes are those at this ref of git, such as `origin/main`.
    #[arg(long, value_name = "REF")]
    pub(crate) trust_ref: Option<String>,
}

impl TrustOptions {
    /// What they say of trust.
    pub(crate) fn given(&self) -> TrustGiven {
        let given = if self.trust { TrustGiven::default().everything() } else { TrustGiven::default() };
        self.trust_ref.iter().fold(given, TrustGiven::at_ref)
    }
}

/// The flags of `trust`.
#[derive(Debug, Args)]
pub(crate) struct TrustArguments {
    /// Print what is trusted and what has changed since; trust nothing.
    #[arg(long, conflicts_with = "revoke")]
    pub(crate) show: bool,
    /// Forget what was trusted of this project.
    #[arg(long)]
    pub(crate) revoke: bool,
    /// A directory in the project.
    #[arg(short = 'C', long = "cd", value_name = "DIR", default_value = ".")]
    pub(crate) dir: PathBuf,
}
