//! Reads a turn that was recorded from the real Codex: the same code as for a live one, and no process.
//!
//! ```text
//! cargo run -p codex-turn --example recorded
//! ```

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use codex_exec::EventStream;
use codex_protocol::ItemDetails;
use codex_turn::{Turn, TurnError};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), TurnError> {
    let bytes = codex_fixtures::stream(codex_fixtures::PINNED_CODEX_VERSION, "command_ok").bytes();
    let lines: Vec<&[u8]> = bytes.trim_ascii_end().split(|byte| *byte == b'\n').collect();

    let mut seen = 0;
    let mut turn = Turn::over(EventStream::from_lines(lines.iter().copied())).stream();
    while let Some(line) = turn.next_line().await {
        seen += 1;
        assert_eq!(line?.raw(), lines[seen - 1], "every line keeps its bytes");
    }
    let result = turn.finish().await?;

    assert!(result.verdict.is_completed());
    assert_eq!(result.lines.len(), lines.len());
    for item in result.items() {
        if let ItemDetails::CommandExecution(command) = &item.details {
            assert_eq!(command.exit_code, Some(0));
            println!("{} exited with {:?}", command.command, command.exit_code);
        }
    }
    println!("{}", result.final_response().unwrap_or("(no answer)"));
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_example_holds() {
        super::main().expect("the recorded turn completed");
    }
}
