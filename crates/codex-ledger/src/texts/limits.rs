//! [`head_and_tail`]: long artifacts cut to a limit.

use std::borrow::Cow;

use crate::values::sha256_hex;

/// Holds an artifact that is no longer than it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limited {
    /// The artifact, or its head and its tail with a line between them that says what was left out.
    pub bytes: Vec<u8>,
    /// What the whole artifact was, if it was cut.
    pub cut: Option<Cut>,
}

/// Describes an artifact as it was before it was cut.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cut {
    /// Its length in bytes.
    pub original_bytes: u64,
    /// The SHA-256 of its bytes in lower-case hexadecimal digits.
    pub sha256: String,
}

/// Keeps the head and the tail of an artifact that is longer than `limit_bytes`.
///
/// The cuts are made at the ends of lines where there are any nearby, and never within a character, so that
/// UTF-8 stays UTF-8. The result is at most `limit_bytes` long and ends with a line feed if the artifact does.
/// Limits of less than 128 bytes leave nothing but the head.
///
/// ```
/// use codex_ledger::texts::head_and_tail;
///
/// let log = b"compiling\n".repeat(1000);
/// let limited = head_and_tail(&log, 1000);
/// assert!(limited.bytes.len() <= 1000);
/// assert_eq!(limited.cut.unwrap().original_bytes, 10_000);
/// assert_eq!(head_and_tail(b"short\n", 1000).cut, None);
/// ```
pub fn head_and_tail<'a>(artifact: impl Into<Cow<'a, [u8]>>, limit_bytes: usize) -> Limited {
    let artifact = artifact.into();
    if artifact.len() <= limit_bytes {
        return Limited { bytes: artifact.into_owned(), cut: None };
    }
    let bytes = &*artifact;
    let cut = Some(Cut { original_bytes: bytes.len() as u64, sha256: sha256_hex(bytes) });
    let room = limit_bytes.saturating_sub(MARK_BYTES);
    if room == 0 {
        return Limited { bytes: bytes[..end_of_head(bytes, limit_bytes)].to_vec(), cut };
    }
    let head = &bytes[..end_of_head(bytes, room / 2)];
    let tail = &bytes[start_of_tail(bytes, bytes.len() - room.div_ceil(2))..];
    let left_out = bytes.len() - head.len() - tail.len();
    let line_feed = if head.ends_with(b"\n") { "" } else { "\n" };
    let mark = format!("{line_feed}[... {left_out} of {} bytes left out ...]\n", bytes.len());
    Limited { bytes: [head, mark.as_bytes(), tail].concat(), cut }
}

/// The mark has at most two numbers of 20 digits.
const MARK_BYTES: usize = 80;
/// How far from the limit a line may end for the cut to be made there.
const NEAR_BYTES: usize = 4096;

fn end_of_head(bytes: &[u8], limit: usize) -> usize {
    let near = limit.saturating_sub(NEAR_BYTES.min(limit / 2));
    match memchr::memrchr(b'\n', &bytes[near..limit]) {
        Some(at) => near + at + 1,
        None => (limit.saturating_sub(3)..=limit).rev().find(|at| is_boundary(bytes, *at)).unwrap_or(limit),
    }
}

fn start_of_tail(bytes: &[u8], start: usize) -> usize {
    let near = (start + NEAR_BYTES.min((bytes.len() - start) / 2)).min(bytes.len());
    match memchr::memchr(b'\n', &bytes[start..near]) {
        Some(at) => start + at + 1,
        None => (start..=(start + 3).min(bytes.len())).find(|at| is_boundary(bytes, *at)).unwrap_or(start),
    }
}

/// Whether the byte here is no continuation of a character in UTF-8.
fn is_boundary(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|byte| byte & 0b1100_0000 != 0b1000_0000)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn head_and_tail_are_whole_lines_around_a_mark() {
        let log: Vec<String> = (0..100).map(|number| format!("line {number:02}\n")).collect();
        let log = log.concat();
        let limited = head_and_tail(log.as_bytes(), 200);
        assert_eq!(
            String::from_utf8(limited.bytes).unwrap(),
            "line 00\nline 01\nline 02\nline 03\nline 04\nline 05\nline 06\n\
             [... 688 of 800 bytes left out ...]\n\
             line 93\nline 94\nline 95\nline 96\nline 97\nline 98\nline 99\n",
        );
    }

    proptest! {
        #[test]
        fn the_limit_holds_and_characters_stay_whole(text in "[a-z\u{e9}\u{1f600}\n]{0,600}", limit in 0_usize..700) {
            let limited = head_and_tail(text.as_bytes(), limit);
            prop_assert!(limited.bytes.len() <= limit.max(text.len().min(limit)));
            prop_assert!(String::from_utf8(limited.bytes.clone()).is_ok());
            prop_assert_eq!(limited.cut.is_none(), text.len() <= limit);
        }
    }
}
