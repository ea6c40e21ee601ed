//! Folds what `codex exec --json` printed and says what it came to.
//!
//! ```console
//! $ codex exec --json "say hi" > turn.jsonl
//! $ cargo run -p codex-protocol --example summary < turn.jsonl
//! ```

use std::io::{self, BufRead, Write};

use codex_protocol::{EventLine, ItemDetails, TransportEnd, TurnSummary, Verdict};

fn main() -> io::Result<()> {
    summarise(io::stdin().lock(), io::stdout().lock())
}

fn summarise(lines: impl BufRead, mut out: impl Write) -> io::Result<()> {
    let mut summary = TurnSummary::new();
    for (number, raw) in (1..).zip(lines.split(b'\n')) {
        let line = EventLine::new(number, raw?);
        summary.observe(&line);
        match line.event() {
            Ok(event) => writeln!(out, "{number:>4}  {}", event.name())?,
            Err(error) => writeln!(out, "{number:>4}  {error}")?,
        }
    }
    writeln!(out)?;
    for item in summary.items() {
        if let ItemDetails::CommandExecution(command) = &item.details {
            writeln!(out, "{}: {} ({})", item.name(), command.command, command.status)?;
        } else if let ItemDetails::FileChange(change) = &item.details {
            writeln!(out, "{}: {} files ({})", item.name(), change.changes.len(), change.status)?;
        } else {
            writeln!(out, "{}", item.name())?;
        }
    }
    if let Some(usage) = summary.usage() {
        writeln!(out, "{} tokens", usage.total())?;
    }
    // A file does not tell how the process ended; a recording that was kept ended well.
    writeln!(out, "{}", Verdict::decide(&summary, &TransportEnd::exited(0)))
}

#[cfg(test)]
mod tests {
    use codex_fixtures::{PINNED_CODEX_VERSION, stream};

    #[test]
    fn a_recorded_turn_is_told() {
        let mut told = Vec::new();
        super::summarise(&stream(PINNED_CODEX_VERSION, "command_fail").bytes()[..], &mut told).unwrap();
        let told = String::from_utf8(told).unwrap();
        assert!(told.starts_with("   1  thread.started\n   2  turn.started\n"), "{told}");
        assert!(told.contains("command_execution: ") && told.contains("(failed)\n"), "{told}");
        assert!(told.ends_with("completed\n"), "a command that fails does not fail the turn: {told}");
    }
}
