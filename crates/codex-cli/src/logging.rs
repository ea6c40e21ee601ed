//! The log: off unless asked for, to standard error.

use std::env;
use std::io::{self, Write};
use std::str::FromStr as _;

use codex_ledger::texts::markdown::visible;

use tracing_subscriber::filter::LevelFilter;

use crate::render::without_ci_commands;

/// Names the variable that asks for a log.
const VARIABLE: &str = "CODEX_TURNS_LOG";

/// Installs a subscriber if flags or the environment ask for one; the flags win.
pub(crate) fn install(verbose: u8) {
    let level = level(verbose);
    if level == LevelFilter::OFF {
        return;
    }
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(|| Visible(io::stderr()))
        .without_time()
        .init();
}

/// Whether a log is written, which a status line would be mixed up with.
pub(crate) fn is_on() -> bool {
    LevelFilter::current() != LevelFilter::OFF
}

fn level(verbose: u8) -> LevelFilter {
    match verbose {
        0 => env::var(VARIABLE)
            .ok()
            .and_then(|word| LevelFilter::from_str(word.trim()).ok())
            .unwrap_or(LevelFilter::OFF),
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    }
}

/// Writes entries of the log, each on one line whatever its fields are: ids and errors are words of others.
struct Visible<W>(W);

impl<W: Write> Write for Visible<W> {
    /// Takes one entry; the subscriber writes each at once.
    fn write(&mut self, entry: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(entry);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let line = visible(text).replace('\n', "\\u{a}");
        let line = without_ci_commands(&line).into_owned() + "\n";
        self.0.write_all(line.as_bytes())?;
        Ok(entry.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_line_without_anything_for_the_terminal() {
        let mut log = Visible(Vec::new());
        log.write_all("INFO turn: id=\u{1b}]0;x\u{7}\n::set-output\u{202e}\u{e0041}é\n".as_bytes()).unwrap();
        log.write_all(b"\xff\n").unwrap();
        let expected = "INFO turn: id=\\u{1b}]0;x\\u{7}\\u{a}::set-output\\u{202e}\\u{e0041}é\n\u{fffd}\n";
        assert_eq!(String::from_utf8(log.0).unwrap(), expected);
    }
}
