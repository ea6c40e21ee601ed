//! Takes secrets out of what is about to be kept.
//!
//! Begin with [`RedactionRules`], which say what is secret; a ledger is opened with them. A [`Redactor`] applies them to any
//! other text.

mod assignment;
mod authorization;
mod dotenv;
mod home;
mod json;
mod private_key;
mod secret_value;
mod span;
mod token;
mod url;
mod value;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

pub use codex_protocol::is_secret_name;
pub use dotenv::parse_dotenv;

use home::Home;
use span::Span;
use token::TokenFinder;
use value::ValueFinder;

#[cfg(test)]
mod tests;

/// Says what a [`Redactor`] knows of the place where a turn ran.
///
/// ```
/// use codex_ledger::{RedactionRules, Redactor};
///
/// let variables = [("DEPLOY_TOKEN", "v3ry-s3cret"), ("TOKENIZERS_PARALLELISM", "true")];
/// let rules = RedactionRules::of_environment(variables).home("/home/ada");
/// let redacted = Redactor::new(rules)?.redact(b"true: v3ry-s3cret in /home/ada/x");
/// assert_eq!(redacted.bytes, b"true: [REDACTED:environment] in [REDACTED:home]/x");
/// assert_eq!(redacted.counts["environment"], 1);
/// # Ok::<(), codex_ledger::redaction::RedactionError>(())
/// ```
///
/// No rules are the default: a program that wants none says [`none`](Self::none).
///
/// ```compile_fail,E0599
/// let rules = codex_ledger::RedactionRules::default();
/// ```
#[derive(Clone)]
#[must_use = "rules do nothing until a redactor is made of them"]
pub struct RedactionRules {
    environment: Vec<(String, String)>,
    dotenv: Vec<(String, String)>,
    homes: Vec<PathBuf>,
    keep: Vec<String>,
}

impl RedactionRules {
    /// Knows no values and no folders: only what looks like a secret by itself is redacted, such as a token of a well-known
    /// maker. A secret of another form gets into the records.
    pub fn none() -> Self {
        Self { environment: Vec::new(), dotenv: Vec::new(), homes: Vec::new(), keep: Vec::new() }
    }

    /// Knows the secrets in these variables, such as [`std::env::vars_os`].
    ///
    /// Only variables with a [secret name](is_secret_name) and a value that can be a secret are used. What is not UTF-8 is
    /// ignored.
    pub fn of_environment<K: Into<OsString>, V: Into<OsString>>(
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        Self::none().environment(variables)
    }

    /// Adds variables of the environment, as [`of_environment`](Self::of_environment) takes them.
    pub fn environment<K: Into<OsString>, V: Into<OsString>>(
        mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let text = |(name, value): (K, V)| Some((text(name)?, text(value)?));
        self.environment.extend(variables.into_iter().filter_map(text));
        self
    }

    /// Adds pairs of an `.env` file, as [`parse_dotenv`] reads them; the same are used as of the environment.
    pub fn dotenv<K: Into<String>, V: Into<String>>(
        mut self,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.dotenv.extend(pairs.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// Adds a home folder, whose path says who ran the turn.
    pub fn home(mut self, folder: impl Into<PathBuf>) -> Self {
        self.homes.push(folder.into());
        self
    }

    /// Names texts that are no secrets whatever variable holds them, such as object ids and hashes of the
    /// record itself.
    pub fn keep<T: Into<String>>(mut self, texts: impl IntoIterator<Item = T>) -> Self {
        self.keep.extend(texts.into_iter().map(Into::into));
        self
    }
}

fn text(value: impl Into<OsString>) -> Option<String> {
    value.into().into_string().ok()
}

/// Says why a [`Redactor`] cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedactionError {
    /// The secrets to look for are too many or too long.
    #[error("the {patterns} texts to redact cannot be searched for")]
    #[non_exhaustive]
    Patterns {
        /// How many texts there are.
        patterns: usize,
        /// Why not.
        source: aho_corasick::BuildError,
    },
}

/// Replaces secrets by `[REDACTED:<rule>]`.
///
/// Secrets are: the exact values of secret-named variables (also as JSON or a URL spells them), tokens of
/// well-known makers, values of secret-named keys (`API_KEY=...`), credentials in URLs and in `Authorization`
/// headers, blocks of private keys; and home folders. Secrets that overlap are one. Object ids, SHA-256 sums
/// and UUIDs have no look of a secret and stay, unless they are such a value.
///
/// The time taken is linear in the length of the text, and what comes out does not change if it goes in
/// again. A secret that is split over two texts is not found: redact whole artifacts.
pub struct Redactor {
    values: ValueFinder,
    tokens: TokenFinder,
    homes: Vec<Home>,
}

/// Holds a text without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Redacted {
    /// The text.
    pub bytes: Vec<u8>,
    /// How many secrets each rule has replaced; empty if the text is unchanged.
    pub counts: BTreeMap<&'static str, u64>,
}

/// A replacement can complete a secret that was not there before; more rounds than this have no natural cause.
const ROUNDS: usize = 8;

impl Redactor {
    /// Prepares the search.
    ///
    /// # Errors
    ///
    /// The secrets are too many or too long to be searched for.
    pub fn new(rules: RedactionRules) -> Result<Self, RedactionError> {
        let RedactionRules { environment, dotenv, homes, keep } = rules;
        let values = ValueFinder::new(&environment, &dotenv, &keep)?;
        let homes = homes.iter().filter_map(|folder| Home::new(folder)).collect();
        Ok(Self { values, tokens: TokenFinder::new()?, homes })
    }

    /// Replaces the secrets in an artifact; one that is handed over as a `Vec` is not copied.
    pub fn redact<'a>(&self, text: impl Into<Cow<'a, [u8]>>) -> Redacted {
        let mut redacted = Redacted { bytes: text.into().into_owned(), counts: BTreeMap::new() };
        for _ in 0..ROUNDS {
            let spans = span::merge(self.find(&redacted.bytes));
            if spans.is_empty() {
                break;
            }
            for span in &spans {
                *redacted.counts.entry(span.rule.name()).or_default() += 1;
            }
            span::replace(&mut redacted.bytes, &spans);
        }
        redacted
    }

    /// Replaces the secrets in a text, such as a single field of a manifest.
    pub fn redact_text(&self, text: &str) -> (String, BTreeMap<&'static str, u64>) {
        let redacted = self.redact(text.as_bytes());
        (String::from_utf8_lossy(&redacted.bytes).into_owned(), redacted.counts)
    }

    fn find(&self, text: &[u8]) -> Vec<Span> {
        let mut spans = Vec::new();
        self.values.find(text, &mut spans);
        private_key::find(text, &mut spans);
        self.tokens.find(text, &mut spans);
        authorization::find(text, &mut spans);
        url::find(text, &mut spans);
        assignment::find(text, &mut spans);
        for home in &self.homes {
            home.find(text, &mut spans);
        }
        spans
    }
}
