//! [`decode_plain`]: the lines that there are most of, without a general reader of JSON.
//!
//! Messages, thoughts, commands and patches make up nearly all of a stream. A line of them that is spelled as Codex spells it,
//! key for key, is read here: every text is copied once, to where it stays. Whatever differs in anything is left to `serde_json`.

use crate::item_id::ItemId;
use crate::thread_event::ThreadEvent;
use crate::thread_item::{
    AgentMessage, CommandExecution, FileChange, FileUpdate, ItemDetails, Reasoning, ThreadItem,
};

/// Reads a line if it is one of those; never another event than `serde_json` would find.
pub(super) fn decode_plain(line: &str) -> Option<ThreadEvent> {
    let mut rest = LineRest(line);
    rest.skip(r#"{"type":"item."#)?;
    let event = match rest.word()? {
        "started" => ThreadEvent::ItemStarted,
        "updated" => ThreadEvent::ItemUpdated,
        "completed" => ThreadEvent::ItemCompleted,
        _ => return None,
    };
    rest.skip(r#","item":{"id":""#)?;
    let id = ItemId::new(rest.word()?);
    rest.skip(r#","type":""#)?;
    let details = match rest.word()? {
        "agent_message" => ItemDetails::AgentMessage(AgentMessage { text: rest.only_text()? }),
        "reasoning" => ItemDetails::Reasoning(Reasoning { text: rest.only_text()? }),
        "command_execution" => ItemDetails::CommandExecution(rest.command()?),
        "file_change" => ItemDetails::FileChange(rest.file_change()?),
        _ => return None,
    };
    (rest.0 == "}}").then(|| event(ThreadItem { id, details }))
}

/// What was not read yet.
struct LineRest<'a>(&'a str);

impl<'a> LineRest<'a> {
    fn skip(&mut self, expected: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    /// A string without escapes, from after its first quote to after its last.
    fn word(&mut self) -> Option<&'a str> {
        let end = special(self.0.as_bytes())?;
        let (word, rest) = self.0.split_at(end);
        self.0 = rest.strip_prefix('"')?;
        Some(word)
    }

    /// A string, from after its first quote to after its last; one with a half of a surrogate pair is left to others.
    fn text(&mut self) -> Option<String> {
        let mut end = special(self.0.as_bytes())?;
        if let Some(rest) = self.0[end..].strip_prefix('"') {
            let text = self.0[..end].to_owned();
            self.0 = rest;
            return Some(text);
        }
        let mut text = String::with_capacity(self.0.len());
        loop {
            text.push_str(&self.0[..end]);
            let rest = &self.0[end..];
            if let Some(escaped) = rest.strip_prefix('\\') {
                let (character, rest) = unescape(escaped)?;
                text.push(character);
                self.0 = rest;
            } else {
                self.0 = rest.strip_prefix('"')?;
                break;
            }
            end = special(self.0.as_bytes())?;
        }
        // What follows the text may be long too.
        if text.capacity() - text.len() > text.len() / 4 {
            text.shrink_to_fit();
        }
        Some(text)
    }

    fn only_text(&mut self) -> Option<String> {
        self.skip(r#","text":""#)?;
        self.text()
    }

    fn command(&mut self) -> Option<CommandExecution> {
        self.skip(r#","command":""#)?;
        let command = self.text()?;
        self.skip(r#","aggregated_output":""#)?;
        let aggregated_output = self.text()?;
        self.skip(r#","exit_code":"#)?;
        let exit_code = if self.skip("null").is_some() { None } else { Some(self.number()?) };
        self.skip(r#","status":""#)?;
        Some(CommandExecution { command, aggregated_output, exit_code, status: self.word()?.into() })
    }

    /// A number of few digits.
    fn number(&mut self) -> Option<i64> {
        let (number, rest) = self.0.split_at(self.0.find(',')?);
        let digits = number.strip_prefix('-').unwrap_or(number);
        let is_plain = (1..10).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_plain || (digits.starts_with('0') && number != "0") {
            return None;
        }
        self.0 = rest;
        number.parse().ok()
    }

    fn file_change(&mut self) -> Option<FileChange> {
        self.skip(r#","changes":["#)?;
        let mut changes = Vec::new();
        loop {
            self.skip(r#"{"path":""#)?;
            let path = self.text()?;
            self.skip(r#","kind":""#)?;
            changes.push(FileUpdate { path, kind: self.word()?.into() });
            self.skip("}")?;
            if self.skip(",").is_none() {
                break;
            }
        }
        self.skip(r#"],"status":""#)?;
        Some(FileChange { changes, status: self.word()?.into() })
    }
}

/// The character that is meant by what follows a backslash, and what follows that.
fn unescape(escaped: &str) -> Option<(char, &str)> {
    let mut rest = escaped.chars();
    let character = match rest.next()? {
        named @ ('"' | '\\' | '/') => named,
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'u' => {
            let (digits, rest) = rest.as_str().split_at_checked(4)?;
            // Beside digits, a sign would be read too.
            let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            let code = u32::from_str_radix(digits, 16).ok().filter(|_| is_hexadecimal)?;
            return Some((char::from_u32(code)?, rest));
        }
        _ => return None,
    };
    Some((character, rest.as_str()))
}

/// Where the first byte is that is not itself in a string: a quote, a backslash, a control character.
fn special(bytes: &[u8]) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let found = equal(word, b'"') | equal(word, b'\\') | below(word, b' ');
        if found != 0 {
            return Some(at * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | ..b' ');
    Some(words.len() * 8 + rest.iter().position(is_special)?)
}

const ONES: u64 = u64::from_le_bytes([1; 8]);
const HIGHS: u64 = ONES << 7;

/// The high bit of each byte that is `byte`; above the lowest of them there may be more.
fn equal(word: u64, byte: u8) -> u64 {
    below(word ^ (ONES * u64::from(byte)), 1)
}

/// The high bit of each byte below `limit`, which is at most 128; above the lowest of them there may be more.
fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(ONES * u64::from(limit)) & !word & HIGHS
}

#[cfg(test)]
mod tests;
