//! [`find`]: credentials of an `Authorization` header.

use memchr::memmem;

use super::secret_value::looks_made_up;
use super::span::{Rule, Span};

/// Finds what follows `Bearer`, and `Basic` behind `Authorization:`.
pub(super) fn find(text: &[u8], spans: &mut Vec<Span>) {
    // Every spelling of the two words that is seen in headers and in logs of headers.
    for (scheme, shortest) in
        [("Bearer ", 16), ("bearer ", 16), ("BEARER ", 16), ("Basic ", 8), ("basic ", 8), ("token ", 16)]
    {
        let mut done = 0;
        for at in memmem::find_iter(text, scheme) {
            if at < done || (!scheme.eq_ignore_ascii_case("bearer ") && !is_behind_name(&text[..at])) {
                continue;
            }
            let start = at + scheme.len();
            let length = text[start..].iter().take_while(|byte| is_credential(**byte)).count();
            let credential = std::str::from_utf8(&text[start..start + length]).unwrap_or_default();
            done = start + length;
            if length >= shortest && looks_made_up(credential) {
                spans.push(Span { range: start..done, rule: Rule::Authorization });
            }
        }
    }
}

fn is_behind_name(before: &[u8]) -> bool {
    let tail = &before[before.len().saturating_sub(32)..];
    memmem::find(&tail.to_ascii_lowercase(), b"authorization").is_some()
}

fn is_credential(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
}
