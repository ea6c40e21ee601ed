//! [`OutputTail`]: the last bytes of an output that must be drained but not kept.

use std::borrow::Cow;
use std::collections::VecDeque;

/// The last bytes that a process wrote.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutputTail {
    /// The bytes kept.
    pub bytes: Vec<u8>,
    /// How many bytes came before them and were not kept.
    pub dropped_bytes: u64,
}

impl OutputTail {
    /// Makes a tail of which nothing was dropped.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), dropped_bytes: 0 }
    }

    /// Reads the bytes as text; what is not UTF-8 shows as U+FFFD.
    ///
    /// ```
    /// assert_eq!(codex_exec::OutputTail::new("Error: no").text(), "Error: no");
    /// ```
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }

    /// Picks the reasons that Codex gives for a failed start out of what else it writes.
    ///
    /// They are the lines from the first that begins with `Error` on, without log lines (which begin with a
    /// time), without the drawing under a place in a file, and without the backtrace that `RUST_BACKTRACE` asks
    /// for. Where no line begins so, it is the last line.
    ///
    /// ```
    /// let tail = codex_exec::OutputTail::new(
    ///     "Reading prompt from stdin...\n2026-01-02T03:04:05.6Z  WARN codex: noise\nError: no rollout found\n",
    /// );
    /// assert_eq!(tail.reasons(), ["no rollout found"]);
    /// ```
    pub fn reasons(&self) -> Vec<String> {
        let text = self.text();
        let before_backtrace = text.lines().map(str::trim_end).take_while(|line| *line != "Stack backtrace:");
        let told: Vec<&str> = before_backtrace.filter(|line| !is_noise(line)).collect();
        let first = told.iter().position(|line| is_error(line)).unwrap_or(told.len().saturating_sub(1));
        let mut reasons: Vec<String> = Vec::new();
        for line in told.into_iter().skip(first).take(12) {
            let line =
                line.strip_prefix("Error: ").or_else(|| line.strip_prefix("error: ")).unwrap_or(line).trim();
            match reasons.last_mut() {
                Some(last) if last.ends_with(':') => *last = format!("{last} {line}"),
                _ => reasons.push(line.to_owned()),
            }
        }
        reasons
    }
}

/// How much of a tail its `Debug` shows.
const SHOWN_CHARACTERS: usize = 300;

/// Shows the end of the text, which is what is looked for when a test fails.
impl std::fmt::Debug for OutputTail {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (text, dropped) = (self.text(), self.dropped_bytes);
        let last = text.char_indices().rev().nth(SHOWN_CHARACTERS);
        let text = last.map_or_else(|| text.to_string(), |(at, _)| format!("…{}", &text[at..]));
        formatter
            .debug_struct("OutputTail")
            .field("text", &text)
            .field("dropped_bytes", &dropped)
            .finish_non_exhaustive()
    }
}

fn is_error(line: &str) -> bool {
    line.starts_with("Error") || line.starts_with("error")
}

fn is_noise(line: &str) -> bool {
    line.trim().is_empty()
        || line.starts_with("Reading ")
        || line.starts_with("WARN")
        || is_log(line)
        || is_drawing(line)
}

/// A log line begins with a time; on a terminal after an escape sequence.
fn is_log(line: &str) -> bool {
    let bytes = line.trim_start_matches("\u{1b}[2m").as_bytes();
    bytes.len() > 20 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-' && bytes[10] == b'T'
}

/// What shows a place in a file: a gutter of numbers and bars.
fn is_drawing(line: &str) -> bool {
    line.trim_start().trim_start_matches(|digit: char| digit.is_ascii_digit()).trim_start().starts_with('|')
}

/// Keeps the last `limit` bytes of what it is given.
#[derive(Debug)]
pub(crate) struct TailBuffer {
    bytes: VecDeque<u8>,
    limit_bytes: usize,
    dropped_bytes: u64,
}

impl TailBuffer {
    pub(crate) fn new(limit_bytes: usize) -> Self {
        Self { bytes: VecDeque::new(), limit_bytes, dropped_bytes: 0 }
    }

    pub(crate) fn push(&mut self, chunk: &[u8]) {
        let kept = &chunk[chunk.len().saturating_sub(self.limit_bytes)..];
        let over = (self.bytes.len() + kept.len()).saturating_sub(self.limit_bytes);
        self.bytes.drain(..over);
        self.bytes.extend(kept);
        self.dropped_bytes += (over + chunk.len() - kept.len()) as u64;
    }

    pub(crate) fn tail(&self) -> OutputTail {
        OutputTail { bytes: self.bytes.iter().copied().collect(), dropped_bytes: self.dropped_bytes }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop};

    use super::{OutputTail, TailBuffer};

    /// What the real Codex wrote each time it did not start.
    #[test]
    fn every_recorded_start_that_failed_has_its_reason() {
        let mut told = Vec::new();
        for stream in codex_fixtures::streams() {
            if stream.bytes().is_empty() && stream.meta.exit_code.is_some() {
                let reasons = OutputTail::new(stream.meta.stderr.as_bytes()).reasons();
                told.push(format!("{} {}: {reasons:#?}", stream.codex_version, stream.scenario));
            }
        }
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn a_backtrace_is_no_reason() {
        let stderr = "Error: no rollout found\n\nStack backtrace:\n   0: <unknown>\n   1: <unknown>\n";
        assert_eq!(OutputTail::new(stderr).reasons(), ["no rollout found"]);
    }

    proptest::proptest! {
        #[test]
        fn the_tail_is_the_end_of_all_that_was_pushed(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20), limit in 0usize..60,
        ) {
            let mut buffer = TailBuffer::new(limit);
            for chunk in &chunks {
                buffer.push(chunk);
            }
            let whole = chunks.concat();
            let tail = buffer.tail();
            proptest::prop_assert_eq!(&tail.bytes, &whole[whole.len().saturating_sub(limit)..]);
            proptest::prop_assert_eq!(tail.dropped_bytes + tail.bytes.len() as u64, whole.len() as u64);
        }
    }
}
