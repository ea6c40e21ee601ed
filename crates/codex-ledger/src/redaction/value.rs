//! [`ValueFinder`]: finds the exact values of secret-named variables.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, MatchKind};

use super::RedactionError;
use super::secret_value::{can_be_secret, is_token_shaped};
use super::span::{Rule, Span};
use codex_protocol::{is_secret_name, is_secret_value, url_password};

/// Finds every place of every value at once, overlapping ones as well.
pub(super) struct ValueFinder {
    automaton: AhoCorasick,
    rules: Vec<Rule>,
}

/// A line of a long secret is a secret of its own from this length on, in bytes: a patch puts a sign before
/// each line.
const SECRET_LINE_BYTES: usize = 16;
/// No secret is longer; a value that is will not be found.
const LONGEST_BYTES: usize = 64 * 1024;

impl ValueFinder {
    pub(super) fn new(
        environment: &[(String, String)],
        dotenv: &[(String, String)],
        keep: &[String],
    ) -> Result<Self, RedactionError> {
        let mut patterns = BTreeMap::new();
        let mut add = |value: &str, rule| {
            if can_be_secret(value) && !keep.iter().any(|text| is_kept(text, value)) {
                patterns.extend(spellings(value).into_iter().map(|spelling| (spelling, rule)));
            }
        };
        for (pairs, rule) in [(dotenv, Rule::Dotenv), (environment, Rule::Environment)] {
            for (name, value) in pairs {
                let value = value.trim();
                // Agents write files: there, neither a name nor a form is enough.
                let is_secret = if rule == Rule::Environment {
                    is_secret_name(name) || is_secret_value(value)
                } else {
                    is_secret_name(name) && is_token_shaped(value)
                };
                if is_secret {
                    add(value, rule);
                }
                // Its name says nothing, and the form of a URL with a password does.
                if let Some(password) = url_password(value) {
                    add(password, rule);
                    add(&percent_decoded(password), rule);
                }
            }
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(patterns.keys())
            .map_err(|source| RedactionError::Patterns { patterns: patterns.len(), source })?;
        Ok(Self { automaton, rules: patterns.into_values().collect() })
    }

    pub(super) fn find(&self, text: &[u8], spans: &mut Vec<Span>) {
        if self.rules.is_empty() {
            return;
        }
        spans.extend(
            self.automaton
                .find_overlapping_iter(text)
                .map(|found| Span { range: found.range(), rule: self.rules[found.pattern().as_usize()] }),
        );
    }
}

/// The ways in which a value is written: as it is, in JSON, in a URL, and line by line.
fn spellings(value: &str) -> Vec<Vec<u8>> {
    let mut spellings = vec![value.as_bytes().to_vec()];
    if let Ok(json) = serde_json::to_string(value) {
        let once = &json[1..json.len() - 1];
        spellings.push(once.as_bytes().to_vec());
        // What a command printed as JSON is JSON within JSON in Codex's own lines.
        if let Ok(twice) = serde_json::to_string(once) {
            spellings.push(twice.as_bytes()[1..twice.len() - 1].to_vec());
        }
    }
    spellings.push(percent_encoded(value).into_bytes());
    let lines = value.lines().map(str::trim);
    let is_secret_line = |line: &&str| {
        *line != value && line.len() >= SECRET_LINE_BYTES && can_be_secret(line) && !line.starts_with("-----")
    };
    spellings.extend(lines.filter(is_secret_line).map(|line| line.as_bytes().to_vec()));
    spellings.retain(|spelling| spelling.len() <= LONGEST_BYTES);
    spellings
}

fn percent_encoded(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// Whether a text that is to be kept is this value, or is an id that this value is a part of.
fn is_kept(text: &str, value: &str) -> bool {
    let is_id = || text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    text == value || (text.contains(value) && is_id())
}

/// What a percent-encoded text stands for; what is no such sign stays.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = if *first == b'%' { after.get(..2) } else { None };
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
