//! `cargo xtask soak`: turns of the real Codex for as long as one likes, and a count of what stays behind.

use std::path::PathBuf;

use anyhow::{Context, Result};
use codex_fixtures::{CODEX_BINARY_VARIABLE, PINNED_CODEX_VERSION};

use crate::codex;
use crate::process::{cargo, workspace_root};
use crate::steps::succeed;

/// Runs turns of the real Codex for as long as you like, and counts what stays behind.
///
/// The pinned Codex talks to a scripted model on loopback. Its turns complete, fail, are cancelled, dropped or killed, or
/// run out of time, and now and then the process that runs and records them is killed; each is recorded. At the end
/// there are as many processes, file descriptors, threads, tasks and temporary files as at the start, all records verify,
/// and no number is missing. If not, the exit code is 1 and each difference is a sentence.
///
/// Progress is told every five seconds on standard error, and the tables at the end are Markdown on standard output. Ctrl-C
/// ends it early, tables and all. To see a turn that went wrong again, give its seed and keep its folder.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// No turn starts later than this many minutes after the first.
    #[arg(long, default_value_t = 5.0, value_name = "N")]
    minutes: f64,
    /// Decides which course comes when; the same seed means the same order.
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    /// How many turns run at a time, each in a worktree of its own.
    #[arg(long, default_value_t = 2, value_name = "N")]
    lanes: usize,
    /// Where to work: emptied first, and kept for you to look at.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let codex = codex::provision(PINNED_CODEX_VERSION)?;
    let mut soak = cargo();
    soak.env(CODEX_BINARY_VARIABLE, codex);
    soak.arg("run").args(["--quiet", "--locked", "--package", "codex-soak", "--manifest-path"]);
    soak.arg(workspace_root().join("Cargo.toml")).arg("--");
    soak.arg("--minutes").arg(arguments.minutes.to_string()).arg("--seed").arg(arguments.seed.to_string());
    soak.arg("--lanes").arg(arguments.lanes.to_string());
    if let Some(folder) = &arguments.keep {
        soak.arg("--keep").arg(folder);
    }
    succeed(&mut soak).context("something stayed behind, or went wrong; the reason is above")?;
    Ok(())
}
