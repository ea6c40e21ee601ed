//! Measures what a run costs that waits: so many at once, each in a turn of a fake Codex that says nothing more.
//!
//! ```text
//! cargo run --release -p codex-turn --example idle_runs -- 50
//! ```

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::sync::Arc;

use codex_exec::{CodexExec, ExecOptions, Program, StateDir};
use codex_fixtures::{FakeCodex, FakeScript};
use codex_turn::{AutoRunEvent, AutoRunStream, Codex, ThreadOptions};

const PAGE_BYTES: usize = 4096;

/// The memory of this process that is in use.
fn resident_bytes() -> Result<usize, Box<dyn Error>> {
    let pages = std::fs::read_to_string("/proc/self/statm")?;
    let resident = pages.split_whitespace().nth(1).ok_or("statm has no second number")?;
    Ok(resident.parse::<usize>()? * PAGE_BYTES)
}

/// Runs that have got as far as the first line of their first turn.
async fn idle(
    codex: &Codex,
    folder: &std::path::Path,
    count: usize,
) -> Result<Vec<AutoRunStream>, Box<dyn Error>> {
    let mut runs = Vec::new();
    for _ in 0..count {
        let thread = codex.start_thread(ThreadOptions::new(folder).skip_git_repo_check());
        let mut run = thread.run_auto("wait").until("true").stream();
        while let Some(event) = run.next_event().await {
            if matches!(event?, AutoRunEvent::Line { .. }) {
                break;
            }
        }
        runs.push(run);
    }
    Ok(runs)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let count: usize = std::env::args().nth(1).unwrap_or_else(|| "50".to_owned()).parse()?;
    let scratch = tempfile::tempdir()?;
    let fake = FakeCodex::new(FakeScript::new().read_stdin().line(r#"{"type":"turn.started"}"#).hang());
    let options = ExecOptions::default().state_dir(StateDir::at(scratch.path().join("state")));
    let exec = CodexExec::new(Program::at(fake.path())?).options(options);
    let codex = Codex::builder().exec(Arc::new(exec)).codex_home(scratch.path()).build()?;
    // What the first runs leave for good is not theirs.
    drop(idle(&codex, scratch.path(), 2).await?);
    let before = resident_bytes()?;
    let runs = idle(&codex, scratch.path(), count).await?;
    let used = resident_bytes()?.saturating_sub(before);
    println!("{count} idle runs: {used} bytes, {} for each", used / count.max(1));
    drop(runs);
    Ok(())
}
