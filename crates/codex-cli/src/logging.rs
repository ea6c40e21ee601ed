//! The log: off unless asked for, to standard error.

use std::env;
use std::io;
use std::str::FromStr as _;

use tracing_subscriber::filter::LevelFilter;

/// Names the variable that asks for a log.
const VARIABLE: &str = "CODEX_TURNS_LOG";

/// Installs a subscriber if flags or the environment ask for one; the flags win.
pub(crate) fn install(verbose: u8) {
    let level = level(verbose);
    if level == LevelFilter::OFF {
        return;
    }
    tracing_subscriber::fmt().with_max_level(level).with_writer(io::stderr).without_time().init();
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
