//! Folds what `codex exec --json` printed and says what it came to.
//!
//! ```console
//! $ codex exec --json "say hi" > turn.jsonl
//! $ cargo run -p codex-protocol --example summary < turn.jsonl
//! ```

use std::io::{self, BufRead, Write};

use codex_protocol::{EventLine, ItemDetails, ProcessEnd, TurnSummary, Verdict};

fn main() -> io::Result<()> {
    let mut summary = TurnSummary::new();
    let mut out = io::stdout().lock();
    for (number, raw) in (1..).zip(io::stdin().lock().split(b'\n')) {
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
    writeln!(out, "{}", Verdict::decide(&summary, &ProcessEnd::exited(0)))
}
