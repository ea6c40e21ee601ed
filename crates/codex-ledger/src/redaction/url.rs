//! [`find`]: credentials in URLs.

use memchr::memmem;

use super::span::{MARK, Rule, Span};

/// Finds the password of `scheme://user:password@host`, and the token of `https://token@host`.
///
/// What stands between `//` and the next slash is looked at once, so that the time is linear.
pub(super) fn find(text: &[u8], spans: &mut Vec<Span>) {
    for at in memmem::find_iter(text, "://") {
        if !at.checked_sub(1).is_some_and(|before| text[before].is_ascii_alphanumeric()) {
            continue;
        }
        let start = at + 3;
        let length =
            text[start..].iter().take(LONGEST_BYTES).take_while(|byte| !ends_authority(**byte)).count();
        let authority = &text[start..start + length];
        let Some(sign) = memchr::memrchr(b'@', authority) else { continue };
        let credentials = &authority[..sign];
        let secret = match memchr::memchr(b':', credentials) {
            Some(colon) => start + colon + 1..start + sign,
            None if credentials.len() >= SHORTEST_TOKEN_BYTES => start..start + sign,
            None => continue,
        };
        if is_secret(&text[secret.clone()]) {
            spans.push(Span { range: secret, rule: Rule::UrlCredentials });
        }
    }
}

/// A user's name alone is no secret, and is not as long.
const SHORTEST_TOKEN_BYTES: usize = 20;
const LONGEST_BYTES: usize = 2048;

fn is_secret(text: &[u8]) -> bool {
    let is_reference = matches!(text.first(), Some(b'$' | b'<' | b'{' | b'*' | b'%') | None);
    !(is_reference || text.starts_with(MARK.as_bytes()))
}

fn ends_authority(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || matches!(byte, b'/' | b'?' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'|')
}
