//! `cargo xtask soak` builds and runs this program: see its `--help`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that talks to the person who runs it"
)]

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use codex_soak::{Length, Soak, run_host};
use tokio_util::sync::CancellationToken;

/// Runs turns of the real Codex in a scratch repository, and counts what stays behind.
///
/// The pinned Codex talks to a scripted model on loopback. Turns complete, fail, are cancelled, dropped, run out of time or
/// are killed, and now and then the process that runs and records them is killed; each is recorded in a ledger. At
/// the end there are as many processes, file descriptors, threads, tasks and temporary files as at the start, all records
/// verify, and no number is missing. Otherwise the exit code is 1, and each difference is a sentence.
#[derive(Debug, Parser)]
#[command(name = "codex-soak", args_conflicts_with_subcommands = true)]
struct Arguments {
    /// No turn starts later than this many minutes after the first.
    #[arg(long, default_value_t = 1.0, value_name = "N")]
    minutes: f64,
    /// So many turns instead.
    #[arg(long, value_name = "N", conflicts_with = "minutes")]
    turns: Option<u64>,
    /// Decides which course comes when; the same seed means the same order.
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    /// How many turns run at a time, each in a worktree of its own.
    #[arg(long, default_value_t = 2, value_name = "N")]
    lanes: usize,
    /// Where to work; it is emptied first and stays for you to look at. Without it the work is removed at the end.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// Runs one turn and waits to be killed; the soak starts this itself.
    #[command(hide = true)]
    Host {
        #[arg(long)]
        folder: PathBuf,
        #[arg(long)]
        lane: usize,
        #[arg(long)]
        mark: String,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        // Threads that wait for work would be counted.
        .thread_keep_alive(Duration::from_millis(200))
        .enable_all()
        .build();
    let outcome = runtime.context("no threads for the runtime").and_then(|runtime| match arguments.role {
        Some(Role::Host { folder, lane, mark }) => runtime.block_on(run_host(&folder, lane, &mark)),
        None => runtime.block_on(soak(arguments)),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn soak(arguments: Arguments) -> Result<()> {
    let scratch;
    let folder = if let Some(folder) = arguments.keep {
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        folder.canonicalize().with_context(|| format!("cannot find {}", folder.display()))?
    } else {
        scratch = tempfile::tempdir().context("no scratch folder")?;
        scratch.path().to_owned()
    };
    let length = match arguments.turns {
        Some(turns) => Length::Turns(turns),
        None => Length::Time(Duration::try_from_secs_f64(arguments.minutes * 60.0).context("--minutes")?),
    };
    let stop = CancellationToken::new();
    let interrupt = stop.clone();
    let listening = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            interrupt.cancel();
        }
    });
    let host = std::env::current_exe().context("this program has no path")?;
    let soak = Soak::new(folder, host, length).seed(arguments.seed).lanes(arguments.lanes).stop(stop);
    let report = soak.run(|line| eprintln!("{line}")).await?;
    listening.abort();
    println!("{report}");
    anyhow::ensure!(report.is_clean(), "{} things are wrong, listed above", report.problems.len());
    Ok(())
}
