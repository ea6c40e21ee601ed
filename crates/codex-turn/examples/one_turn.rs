//! Runs one turn of the real Codex in the current directory, which it may read and not change.
//!
//! ```text
//! cargo run -p codex-turn --example one_turn -- "what does this project do?"
//! ```
//!
//! It needs `codex` on the `PATH`, or `CODEX_PATH`, and a login.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example shows what it does")]

use std::error::Error;

use codex_protocol::ItemPhase;
use codex_turn::{Codex, Sandbox, ThreadOptions, TurnError};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let prompt = std::env::args().nth(1).ok_or("usage: one_turn PROMPT")?;
    let codex = Codex::builder().build()?;
    let thread = codex.start_thread(ThreadOptions::new(".").sandbox(Sandbox::ReadOnly));

    let mut turn = thread.run_streamed(prompt);
    while let Some(line) = turn.next_line().await {
        if let Ok(event) = line?.event()
            && let Some((ItemPhase::Started, item)) = event.item()
        {
            eprintln!("… {}", item.details.name());
        }
    }
    match turn.finish().await {
        Ok(result) => println!("{}", result.final_response().unwrap_or("(no answer)")),
        Err(TurnError::NotCompleted(result)) => {
            eprintln!("{}; {} items were done", result.verdict, result.items().len());
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
