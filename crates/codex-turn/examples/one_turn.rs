//! Runs one turn of the real Codex in the current directory, which it may read and not change.
//!
//! ```text
//! cargo run -p codex-turn --example one_turn -- "what does this project do?"
//! ```
//!
//! It needs `codex` on the `PATH`, or `CODEX_PATH`, and a login.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example shows what it does")]

use std::error::Error;

use codex_turn::{Codex, ItemPhase, Sandbox, ThreadOptions, TurnError};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let prompt = std::env::args().nth(1).ok_or("usage: one_turn PROMPT")?;
    let answer = ask(&Codex::builder().build()?, ThreadOptions::new("."), &prompt).await?;
    println!("{}", answer.as_deref().unwrap_or("(no answer)"));
    Ok(())
}

async fn ask(codex: &Codex, options: ThreadOptions, prompt: &str) -> Result<Option<String>, TurnError> {
    let thread = codex.start_thread(options.sandbox(Sandbox::ReadOnly));

    let mut turn = thread.run_streamed(prompt);
    while let Some(line) = turn.next_line().await {
        if let Ok(event) = line?.event()
            && let Some((ItemPhase::Started, item)) = event.item()
        {
            eprintln!("… {}", item.details.name());
        }
    }
    let result = turn.finish().await?; // Ok if the turn completed, and only then
    Ok(result.final_response().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use codex_exec::{CodexExec, ExecOptions, Program, StateDir};
    use codex_fixtures::{FakeCodex, FakeScript};

    use super::*;

    async fn ask_fake(script: FakeScript) -> Result<Option<String>, TurnError> {
        let (fake, scratch) = (FakeCodex::new(script), tempfile::tempdir().unwrap());
        let options = ExecOptions::default().state_dir(StateDir::at(scratch.path().join("state")));
        let exec = CodexExec::new(Program::at(fake.path()).unwrap()).options(options);
        let codex = Codex::builder().exec(Arc::new(exec)).codex_home(scratch.path()).build().unwrap();
        ask(&codex, ThreadOptions::new(scratch.path()).skip_git_repo_check(), "what is this?").await
    }

    #[tokio::test]
    async fn the_answer_is_the_last_message() {
        let answer = ask_fake(FakeScript::completed_turn("two shell scripts")).await;
        assert_eq!(answer.unwrap().as_deref(), Some("two shell scripts"));
    }

    #[tokio::test]
    async fn a_codex_that_dies_is_an_error_that_has_the_turn() {
        let line = r#"{"type":"thread.started","thread_id":"0199a213-81c0-7800-8aa1-bbab2a035a53"}"#;
        let error = ask_fake(FakeScript::new().read_stdin().line(line).exit(137)).await.unwrap_err();
        assert_eq!(error.to_string(), "the turn did not complete: exited with code 137");
        assert_eq!(error.result().unwrap().lines.len(), 1);
    }
}
