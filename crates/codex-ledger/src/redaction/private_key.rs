//! [`find`]: blocks of private keys.

use memchr::memmem;

use super::span::{Rule, Span};

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const KIND: &[u8] = b"PRIVATE KEY";

/// Finds whole blocks, and what there is of a block that was cut off.
pub(super) fn find(text: &[u8], spans: &mut Vec<Span>) {
    let mut ends = memmem::find_iter(text, END).peekable();
    let mut done = 0;
    for begin in memmem::find_iter(text, BEGIN) {
        let Some(body) = end_of_label(text, begin + BEGIN.len()) else { continue };
        if begin < done {
            continue;
        }
        while ends.peek().is_some_and(|end| *end < body) {
            ends.next();
        }
        let cut_off = body + text[body..].iter().take_while(|byte| is_body(**byte)).count();
        done = match ends.peek() {
            Some(end) if *end <= cut_off => end_of_label(text, end + END.len()).unwrap_or(end + END.len()),
            _ => cut_off,
        };
        spans.push(Span { range: begin..done, rule: Rule::PrivateKey });
    }
}

/// The end of `RSA PRIVATE KEY-----`, if the label is one of a private key.
fn end_of_label(text: &[u8], start: usize) -> Option<usize> {
    let label = &text[start..text.len().min(start + 64)];
    let length = memmem::find(label, b"-----")?;
    memmem::find(&label[..length], KIND)?;
    Some(start + length + 5)
}

/// The body is base64 and headers, possibly with the signs of a patch and within the quotes of JSON.
fn is_body(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'+' | b'/' | b'=' | b'\n' | b'\r' | b' ' | b'\t' | b'\\' | b'-' | b':' | b',' | b'"'
        )
}
