//! Prints the lines of one turn as they come, and how Codex ended; Enter cancels the turn.
//!
//! ```text
//! cargo run -p codex-exec --example lines -- "say hello"
//! ```
//!
//! Codex is looked for as everywhere: what `CODEX_PATH` names, else what is on the `PATH`.
#![expect(clippy::print_stderr, reason = "an example shows what comes")]

use std::io::{self, Write};

use codex_exec::{CancellationToken, CodexExec, Exec, ExecOptions, Invocation, ParentDeath, Program};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let prompt = std::env::args().nth(1).ok_or("usage: lines PROMPT")?;
    let options = ExecOptions::default().parent_death(ParentDeath::Interrupt);
    let exec = CodexExec::new(Program::discover()?).options(options);
    let cancel = CancellationToken::new();
    cancel_on_enter(cancel.clone());
    print_lines(&exec, Invocation::new(prompt).skip_git_repo_check(), cancel, io::stdout()).await?;
    Ok(())
}

async fn print_lines(
    exec: &dyn Exec,
    invocation: Invocation,
    cancel: CancellationToken,
    mut out: impl Write,
) -> io::Result<()> {
    let mut stream = exec.exec(invocation, cancel);
    while let Some(line) = stream.next_line().await {
        match line {
            Ok(line) => {
                out.write_all(line.raw())?;
                out.write_all(b"\n")?;
            }
            Err(error) => eprintln!("{error}"),
        }
    }
    if let Some(end) = stream.end() {
        eprintln!("{:?} after {:?}, left behind: {:?}", end.end.process, end.elapsed, end.leftovers);
    }
    Ok(())
}

fn cancel_on_enter(cancel: CancellationToken) {
    std::thread::spawn(move || {
        // Without a terminal or a writer the input is at its end at once; that is no Enter.
        if io::stdin().read_line(&mut String::new()).is_ok_and(|bytes| bytes > 0) {
            cancel.cancel();
        }
    });
}

#[cfg(test)]
mod tests {
    use codex_exec::StateDir;
    use codex_fixtures::{FakeCodex, FakeScript, PINNED_CODEX_VERSION, stream};

    use super::*;

    #[tokio::test]
    async fn the_lines_come_out_as_they_went_in() {
        let recorded = stream(PINNED_CODEX_VERSION, "command_ok").bytes();
        let fake = FakeCodex::new(FakeScript::recorded(recorded.clone()));
        let state = tempfile::tempdir().unwrap();
        let options = ExecOptions::default().state_dir(StateDir::at(state.path()));
        let exec = CodexExec::new(Program::at(fake.path()).unwrap()).options(options);
        let invocation = Invocation::new("say hello").skip_git_repo_check();
        let mut printed = Vec::new();
        print_lines(&exec, invocation, CancellationToken::new(), &mut printed).await.unwrap();
        assert_eq!(printed, recorded);
    }
}
