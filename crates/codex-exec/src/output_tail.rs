//! [`OutputTail`]: the last bytes of an output that must be drained but not kept.

use std::borrow::Cow;
use std::collections::VecDeque;

/// The last bytes that a process wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

    /// Picks the reasons that Codex gives for a failed start out of its log lines.
    ///
    /// They are the lines from the first `Error:` or `error:` on; log lines, which begin with a time and a level, are left out.
    ///
    /// ```
    /// let tail = codex_exec::OutputTail::new(
    ///     "Reading prompt from stdin...\n2026-01-02T03:04:05.6Z  WARN codex: noise\nError: no rollout found\n",
    /// );
    /// assert_eq!(tail.reasons(), ["no rollout found"]);
    /// ```
    pub fn reasons(&self) -> Vec<String> {
        let text = self.text();
        let mut found = Vec::new();
        let mut inside = false;
        for line in text.lines() {
            let line = line.trim_end();
            if is_log_line(line) {
                inside = false;
            } else if let Some(reason) = line.strip_prefix("Error: ").or_else(|| line.strip_prefix("error: "))
            {
                inside = true;
                found.push(reason.to_owned());
            } else if inside && !line.trim().is_empty() {
                found.push(line.trim().to_owned());
            }
        }
        if found.is_empty() {
            let last = text
                .lines()
                .rev()
                .map(str::trim)
                .find(|line| !line.is_empty() && !is_log_line(line) && !line.starts_with("Reading "));
            found.extend(last.map(str::to_owned));
        }
        found.truncate(12);
        found
    }
}

fn is_log_line(line: &str) -> bool {
    let plain = line.trim_start_matches("\u{1b}[2m");
    let bytes = plain.as_bytes();
    bytes.len() > 20 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-' && bytes[10] == b'T'
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

    use super::TailBuffer;

    proptest::proptest! {
        #[test]
        fn the_tail_is_the_end_of_all_that_was_pushed(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20), limit in 0usize..60,
        ) {
            let mut buffer = TailBuffer::new(limit);
            chunks.iter().for_each(|chunk| buffer.push(chunk));
            let whole = chunks.concat();
            let tail = buffer.tail();
            proptest::prop_assert_eq!(&tail.bytes, &whole[whole.len().saturating_sub(limit)..]);
            proptest::prop_assert_eq!(tail.dropped_bytes as usize + tail.bytes.len(), whole.len());
        }
    }
}
