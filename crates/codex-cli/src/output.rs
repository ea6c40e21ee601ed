//! Standard output where no console writes it.

use std::io::{self, IsTerminal as _, Write as _};

use codex_protocol::escape_steering_in_json;
use serde::Serialize;

use crate::render::{Line, Tone};

/// Prints lines to standard output, in colours where it takes them.
pub(crate) fn print_out(lines: &[Line]) {
    let mut stdout = anstream::stdout().lock();
    for line in lines {
        // A reader that has seen enough is no fault.
        let _ = writeln!(stdout, "{}", line.painted());
    }
}

/// Prints one JSON object to standard output; what would steer a terminal is escaped in it.
pub(crate) fn print_json(object: &impl Serialize) {
    let json = serde_json::to_string_pretty(object).expect("what is printed has only keys that are strings");
    // A reader that has seen enough is no fault.
    let _ = writeln!(io::stdout(), "{}", escape_steering_in_json(&json));
}

/// Prints the text of a JSON file to standard output; what would steer a terminal is escaped in it.
pub(crate) fn print_json_text(json: &[u8]) {
    match std::str::from_utf8(json) {
        Ok(text) => print_bytes(escape_steering_in_json(text).as_bytes()),
        Err(_) => print_bytes(json),
    }
}

/// Prints the lines of a table to standard output, cut to the width of a terminal.
pub(crate) fn print_table(lines: &[Line]) {
    match terminal_size::terminal_size_of(io::stdout()) {
        Some((terminal_size::Width(columns), _)) => {
            let columns = usize::from(columns).max(1);
            print_out(&lines.iter().map(|line| line.cut(columns)).collect::<Vec<_>>());
        }
        None => print_out(lines),
    }
}

/// Prints a file to standard output: as it is, but on a terminal without what would steer it.
pub(crate) fn print_bytes(bytes: &[u8]) {
    if io::stdout().is_terminal() {
        let text = String::from_utf8_lossy(bytes);
        print_out(&text.lines().map(|line| Line::new(Tone::Plain, line)).collect::<Vec<_>>());
    } else {
        // A reader that has seen enough is no fault.
        let _ = io::stdout().write_all(bytes);
    }
}

/// Prints a patch to standard output: as it is, but in colours on a terminal.
pub(crate) fn print_patch(patch: &[u8]) {
    if !io::stdout().is_terminal() {
        return print_bytes(patch);
    }
    let tone = |line: &str| match line.as_bytes() {
        [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] | [b'd', b'i', b'f', b'f', ..] => Tone::Strong,
        [b'+', ..] => Tone::Good,
        [b'-', ..] => Tone::Bad,
        [b'@', ..] => Tone::Dim,
        _ => Tone::Plain,
    };
    let text = String::from_utf8_lossy(patch);
    print_out(&text.lines().map(|line| Line::new(tone(line), line)).collect::<Vec<_>>());
}
