//! [`Substitutions`]: the short list of what a recording replaces, so that two runs can be compared.

use std::collections::BTreeMap;
use std::path::Path;

/// What stands for the scratch repository, the home and the probe in recordings.
const WORK: &str = "/home/user/project";
const CODEX_HOME: &str = "/home/user/.codex";
const HOME: &str = "/home/user";
const PROBE: &str = "/usr/local/bin/mcp-probe";
const TIMESTAMP: &str = "2026-01-01T00:00:00.000Z";
/// Texts longer than this are cut in rollouts, which repeat the model's instructions at length.
const ROLLOUT_TEXT_LIMIT_BYTES: usize = 200;
const ROLLOUT_HEAD_BYTES: usize = 60;

/// Replaces ids, ports, folders and times. Ids count up through all processes of a scenario.
#[derive(Debug)]
pub(crate) struct Substitutions {
    folders: Vec<(String, &'static str)>,
    ids: BTreeMap<String, String>,
}

impl Substitutions {
    pub(crate) fn new(work: &Path, codex_home: &Path, home: &Path, probe: &Path) -> Self {
        let name = |path: &Path| path.display().to_string();
        let folders = vec![
            (name(work), WORK),
            (name(codex_home), CODEX_HOME),
            (name(home), HOME),
            (name(probe), PROBE),
        ];
        Self { folders, ids: BTreeMap::new() }
    }

    pub(crate) fn apply(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for (folder, stand_in) in &self.folders {
            text = text.replace(folder.as_str(), stand_in);
        }
        self.scan(&text)
    }

    /// Replaces, and cuts long texts.
    pub(crate) fn apply_to_rollout(&mut self, text: &str) -> String {
        // Whole first: half a folder would not be recognised.
        self.apply(text).lines().map(|line| cut_long_texts(line) + "\n").collect()
    }

    /// One pass over everything that is recognised by its form.
    fn scan(&mut self, text: &str) -> String {
        let mut replaced = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let (taken, stand_in) = if is_uuid(rest) && !replaced.ends_with(is_hex) {
                (36, self.id(&rest[..36]))
            } else if let Some(length) = timestamp(rest) {
                (length, TIMESTAMP.to_owned())
            } else if let Some(length) = port(rest) {
                (length, "127.0.0.1:4000".to_owned())
            } else if let Some(length) = pause(rest) {
                (length, " in 200ms\u{2026}".to_owned())
            } else {
                (letter.len_utf8(), letter.to_string())
            };
            replaced.push_str(&stand_in);
            rest = &rest[taken..];
        }
        replaced
    }

    fn id(&mut self, id: &str) -> String {
        let next = self.ids.len() + 1;
        self.ids.entry(id.to_owned()).or_insert_with(|| format!("01900000-0000-7000-8000-{next:012}")).clone()
    }
}

fn is_hex(letter: char) -> bool {
    letter.is_ascii_hexdigit()
}

/// Whether the text begins with an id such as `01900000-0000-7000-8000-000000000001`.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() >= 36
        && text.bytes().take(36).enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The length of a timestamp such as `2026-11-20T23:56:03.231313Z`.
fn timestamp(text: &str) -> Option<usize> {
    let form = b"0000-00-00T00:00:00";
    let bytes = text.as_bytes();
    let fits = |(at, wanted): (usize, &u8)| match (bytes.get(at), wanted) {
        (Some(byte), b'0') => byte.is_ascii_digit(),
        (Some(byte), wanted) => byte == wanted,
        (None, _) => false,
    };
    if !form.iter().enumerate().all(fits) {
        return None;
    }
    let fraction =
        bytes[form.len()..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    (bytes.get(form.len() + fraction) == Some(&b'Z')).then_some(form.len() + fraction + 1)
}

fn port(text: &str) -> Option<usize> {
    let host = "127.0.0.1:";
    let digits = text.strip_prefix(host)?.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0).then_some(host.len() + digits)
}

/// The pause before a retry, which older releases name: ` in 202ms…`.
fn pause(text: &str) -> Option<usize> {
    let rest = text.strip_prefix(" in ")?;
    let number = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let unit = ["ms\u{2026}", "s\u{2026}"].into_iter().find(|unit| rest[number..].starts_with(unit))?;
    (number > 0).then_some(" in ".len() + number + unit.len())
}

/// Shortens every JSON string of a line that is over the limit, and touches no other byte.
fn cut_long_texts(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find('"') {
        let (before, text) = rest.split_at(start + 1);
        let end = text_end(text, usize::MAX);
        kept.push_str(before);
        if end > ROLLOUT_TEXT_LIMIT_BYTES {
            let head = text_end(text, ROLLOUT_HEAD_BYTES);
            kept.extend([&text[..head], &format!("[{} bytes cut]", end - head)]);
        } else {
            kept.push_str(&text[..end]);
        }
        let quote = (end + 1).min(text.len());
        kept.push_str(&text[end..quote]);
        rest = &text[quote..];
    }
    kept + rest
}

/// The first place at or after `from` that is no part of an escape, or the closing quote.
fn text_end(text: &str, from: usize) -> usize {
    let mut letters = text.char_indices();
    while let Some((index, letter)) = letters.next() {
        match letter {
            '"' => return index,
            _ if index >= from => return index,
            '\\' => {
                // `\uXXXX` may be half of a pair: the other half follows at once.
                let unicode = text[index + 1..].starts_with('u');
                letters.nth(if unicode { 4 } else { 0 });
            }
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(text: &str) -> String {
        let path = Path::new;
        Substitutions::new(path("/s/w"), path("/s/h/.codex"), path("/s/h"), path("/s/probe")).apply(text)
    }

    #[test]
    fn each_id_gets_a_number_in_order_of_appearance() {
        let text = "a 01a1fb63-7aee-7340-8650-ac2202029346 b 11a1fb63-7aee-7340-8650-ac2202029346 \
                    01a1fb63-7aee-7340-8650-ac2202029346";
        let wanted = "a 01900000-0000-7000-8000-000000000001 b 01900000-0000-7000-8000-000000000002 \
                      01900000-0000-7000-8000-000000000001";
        assert_eq!(apply(text), wanted);
    }

    #[test]
    fn folders_ports_and_times_have_stand_ins() {
        let text = "/s/w/a /s/h/.codex/b http://127.0.0.1:46701/v1 2026-11-20T23:56:03.231313Z retrying 1/5 in 202ms\u{2026}";
        let wanted = "/home/user/project/a /home/user/.codex/b http://127.0.0.1:4000/v1 2026-01-01T00:00:00.000Z \
                      retrying 1/5 in 200ms\u{2026}";
        assert_eq!(apply(text), wanted);
    }

    #[test]
    fn long_texts_are_cut_and_nothing_else_changes() {
        let long = "x\\n\\\"y".repeat(200);
        let line = format!(r#"{{"b": 1, "a": "short \" text", "c": ["{long}"]}}"#);
        let cut = cut_long_texts(&line);
        assert!(cut.starts_with(r#"{"b": 1, "a": "short \" text", "c": ["x\n\"y"#), "{cut}");
        assert!(cut.ends_with(r#" bytes cut]"]}"#) && cut.len() < 150, "{cut}");
        assert!(serde_json::from_str::<serde_json::Value>(&cut).is_ok(), "{cut}");
    }

    #[test]
    fn text_that_only_begins_like_one_of_them_stays() {
        for text in ["2026-11-20T23", "127.0.0.1:", "in 3 files", "\u{2028} 01a1fb63-7aee-7340"] {
            assert_eq!(apply(text), text);
        }
    }
}
