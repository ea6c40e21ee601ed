//! [`quote`] and [`unquote`]: git's C-quoted strings.

use std::fmt::Write as _;

/// Writes bytes between quotes, with every byte that is not printable ASCII as an escape.
pub(super) fn quote(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 2);
    text.push('"');
    for &byte in bytes {
        match escape(byte) {
            Some(letter) => text.extend(['\\', letter]),
            None if (0x20..0x7f).contains(&byte) => text.push(char::from(byte)),
            None => write!(text, "\\{byte:03o}").expect("writing to a string does not fail"),
        }
    }
    text.push('"');
    text
}

/// Reads what [`quote`] writes, and what git writes; `None` if it is no C-quoted string.
pub(super) fn unquote(text: &str) -> Option<Vec<u8>> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?.as_bytes();
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.iter().copied();
    while let Some(byte) = rest.next() {
        match byte {
            b'"' => return None,
            b'\\' => match rest.next()? {
                first @ b'0'..=b'3' => {
                    let digits = [first, rest.next()?, rest.next()?];
                    let value = digits
                        .iter()
                        .try_fold(0_u32, |value, digit| Some(value * 8 + char::from(*digit).to_digit(8)?))?;
                    bytes.push(u8::try_from(value).ok()?);
                }
                letter => bytes.push(unescape(letter)?),
            },
            plain => bytes.push(plain),
        }
    }
    Some(bytes)
}

fn escape(byte: u8) -> Option<char> {
    Some(match byte {
        0x07 => 'a',
        0x08 => 'b',
        b'\t' => 't',
        b'\n' => 'n',
        0x0b => 'v',
        0x0c => 'f',
        b'\r' => 'r',
        b'"' => '"',
        b'\\' => '\\',
        _ => return None,
    })
}

fn unescape(letter: u8) -> Option<u8> {
    Some(match letter {
        b'a' => 0x07,
        b'b' => 0x08,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 0x0b,
        b'f' => 0x0c,
        b'r' => b'\r',
        b'"' | b'\\' => letter,
        _ => return None,
    })
}
