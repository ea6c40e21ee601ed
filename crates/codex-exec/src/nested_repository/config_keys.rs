//! [`config_keys`]: a strict reader of git's configuration files.

/// A key, its section and its name in lower case, and the value as it is written.
pub(super) type GitKey = (Vec<u8>, Vec<u8>);

/// Reads the keys of a configuration file; none, if git might read something else.
pub(super) fn config_keys(text: &[u8]) -> Option<Vec<GitKey>> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    if text.contains(&0) {
        return None;
    }
    let mut reader = ConfigReader { rest: text };
    let (mut section, mut keys) = (None, Vec::new());
    while let Some(byte) = reader.next() {
        match byte {
            byte if is_space(byte) => {}
            b'#' | b';' => reader.skip_line(),
            b'[' => section = Some(reader.section()?),
            byte if byte.is_ascii_alphabetic() => {
                let mut key: Vec<u8> = section.clone()?;
                key.push(b'.');
                key.push(byte.to_ascii_lowercase());
                let value = reader.variable(&mut key)?;
                keys.push((key, value));
            }
            _ => return None,
        }
    }
    Some(keys)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

struct ConfigReader<'a> {
    rest: &'a [u8],
}

impl ConfigReader<'_> {
    /// The next byte; the end of a line is one.
    fn next(&mut self) -> Option<u8> {
        if self.rest.starts_with(b"\r\n") {
            self.rest = &self.rest[1..];
        }
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn skip_line(&mut self) {
        while self.next().is_some_and(|byte| byte != b'\n') {}
    }

    fn section(&mut self) -> Option<Vec<u8>> {
        let mut name = Vec::new();
        loop {
            match self.next()? {
                b']' => return (!name.is_empty()).then_some(name),
                b' ' | b'\t' => break,
                byte if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.') => {
                    name.push(byte.to_ascii_lowercase());
                }
                _ => return None,
            }
        }
        loop {
            match self.next()? {
                b' ' | b'\t' => {}
                b'"' => break,
                _ => return None,
            }
        }
        name.push(b'.');
        loop {
            match self.next()? {
                b'\n' => return None,
                b'"' => break,
                b'\\' => match self.next()? {
                    b'\n' => return None,
                    byte => name.push(byte),
                },
                byte => name.push(byte),
            }
        }
        (self.next()? == b']').then_some(name)
    }

    /// Adds the rest of a name to a key and returns the value.
    fn variable(&mut self, key: &mut Vec<u8>) -> Option<Vec<u8>> {
        let mut next = self.next();
        while let Some(byte) = next.filter(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') {
            key.push(byte.to_ascii_lowercase());
            next = self.next();
        }
        while next.is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            next = self.next();
        }
        match next {
            None | Some(b'\n') => Some(Vec::new()),
            Some(b'=') => self.value(),
            Some(_) => None,
        }
    }

    fn value(&mut self) -> Option<Vec<u8>> {
        let (mut value, mut is_quoted) = (Vec::new(), false);
        loop {
            match self.next() {
                None | Some(b'\n') => return (!is_quoted).then_some(value),
                Some(b'#' | b';') if !is_quoted => {
                    self.skip_line();
                    return Some(value);
                }
                Some(b'"') => is_quoted = !is_quoted,
                Some(b'\\') => match self.next()? {
                    b'\n' => {}
                    byte if matches!(byte, b't' | b'b' | b'n' | b'\\' | b'"') => value.push(byte),
                    _ => return None,
                },
                Some(byte) => value.push(byte),
            }
        }
    }
}
