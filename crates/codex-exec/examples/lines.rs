//! Prints the lines of one turn as they come, and how Codex ended; Enter cancels the turn.
//!
//! ```text
//! cargo run -p codex-exec --example lines -- "say hello"
//! ```
//!
//! Codex is looked for as everywhere: what `CODEX_PATH` names, else what is on the `PATH`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example shows what comes")]

use codex_exec::{CodexExec, Exec, ExecOptions, Invocation, ParentDeath, Program};
use tokio_util::sync::CancellationToken;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let prompt = std::env::args().nth(1).ok_or("usage: lines PROMPT")?;
    let options = ExecOptions::default().parent_death(ParentDeath::Interrupt);
    let exec = CodexExec::new(Program::discover()?).options(options);
    let cancel = CancellationToken::new();
    cancel_on_enter(cancel.clone());

    let mut stream = exec.exec(Invocation::new(prompt).skip_git_repo_check(), cancel);
    while let Some(line) = stream.next_line().await {
        match line {
            Ok(line) => println!("{}", String::from_utf8_lossy(line.raw())),
            Err(error) => eprintln!("{error}"),
        }
    }
    if let Some(end) = stream.end() {
        eprintln!("{:?} after {:?}, left behind: {:?}", end.process, end.elapsed, end.leftovers);
    }
    Ok(())
}

fn cancel_on_enter(cancel: CancellationToken) {
    std::thread::spawn(move || {
        // Without a terminal or a writer the input is at its end at once; that is no Enter.
        if std::io::stdin().read_line(&mut String::new()).is_ok_and(|bytes| bytes > 0) {
            cancel.cancel();
        }
    });
}
