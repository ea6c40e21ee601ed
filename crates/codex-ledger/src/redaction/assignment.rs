//! [`find`]: values of keys with the name of a secret.

use std::ops::Range;

use super::secret_value::{can_be_secret, looks_made_up, looks_random};
use super::span::{Rule, Span};
use codex_protocol::is_secret_key;

/// Finds the secrets in `API_KEY=...`, `password: "..."` and their like.
///
/// A name in capitals with a bare `=` is an assignment in a shell or an `.env` file; any other may be code or
/// prose, so that its value must look like a secret.
pub(super) fn find(text: &[u8], spans: &mut Vec<Span>) {
    let mut done = 0;
    for at in memchr::memchr2_iter(b'=', b':', text) {
        if at < done {
            continue;
        }
        let Some(key) = key_before(text, at) else { continue };
        if !is_secret_key(key.name) {
            continue;
        }
        let is_shell = text[at] == b'='
            && key.end == at
            && text.get(at + 1).is_some_and(|byte| *byte != b' ')
            && key.name.bytes().all(|byte| !byte.is_ascii_lowercase());
        let style = if is_shell { Style::Shell } else { Style::Other };
        let Some(value) = value_after(text, at + 1, style) else { continue };
        let Ok(written) = std::str::from_utf8(&text[value.range.clone()]) else { continue };
        if value.is_secret(written, style) {
            done = value.range.end;
            spans.push(Span { range: value.range, rule: Rule::Assignment });
        }
    }
}

struct NameKey<'a> {
    name: &'a str,
    end: usize,
}

struct Value {
    range: Range<usize>,
    quoting: Quoting,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    Bare,
    Quoted,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Shell,
    Other,
}

/// Longer names are none, and longer values are cut; both bound the work for each sign.
const LONGEST_NAME_BYTES: usize = 64;
const LONGEST_VALUE_BYTES: usize = 512;

/// The name that stands before a sign, possibly with quotes, as in JSON, and with spaces between.
fn key_before(text: &[u8], sign: usize) -> Option<NameKey<'_>> {
    let is_between = |byte: &&u8| matches!(byte, b' ' | b'"' | b'\'' | b'\\' | b':');
    let between = text[..sign].iter().rev().take(4).take_while(is_between).count();
    let end = sign - between;
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let length = text[..end].iter().rev().take(LONGEST_NAME_BYTES).take_while(is_name).count();
    let name = std::str::from_utf8(&text[end - length..end]).ok()?;
    (length > 0).then_some(NameKey { name, end })
}

fn value_after(text: &[u8], start: usize, style: Style) -> Option<Value> {
    let gap = text[start..].iter().take(4).take_while(|byte| matches!(byte, b' ' | b'>')).count();
    let escapes = text[start + gap..].iter().take(3).take_while(|byte| **byte == b'\\').count();
    let start = start + gap + escapes;
    let quote = text.get(start).copied().filter(|byte| matches!(byte, b'"' | b'\''));
    let start = start + usize::from(quote.is_some());
    if matches!(text.get(start)?, b'$' | b'<' | b'{' | b'%') {
        return None;
    }
    let ends = |byte: u8| match quote {
        Some(quote) => byte == quote || matches!(byte, b'\\' | b'\n'),
        None => ends_bare(byte) || (byte == b'=' && style == Style::Other),
    };
    let length = text[start..].iter().take(LONGEST_VALUE_BYTES).take_while(|byte| !ends(**byte)).count();
    let quoting = if quote.is_some() { Quoting::Quoted } else { Quoting::Bare };
    (length > 0).then_some(Value { range: start..start + length, quoting })
}

fn ends_bare(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b'&' | b';' | b',' | b'|' | b')' | b'<' | b'>')
}

impl Value {
    fn is_secret(&self, written: &str, style: Style) -> bool {
        if !can_be_secret(written) {
            return false;
        }
        let is_call = written.contains(['(', ')']);
        match (self.quoting, style) {
            (_, Style::Shell) => !is_call,
            (Quoting::Quoted, Style::Other) => !written.contains(' ') && looks_made_up(written),
            (Quoting::Bare, Style::Other) => {
                !is_call && !written.contains(['.', '[', '{', '$']) && looks_random(written)
            }
        }
    }
}
