//! [`TokenFinder`]: finds tokens that tell by their first letters who made them.

use aho_corasick::{AhoCorasick, MatchKind};

use super::RedactionError;
use super::span::{Rule, Span};

/// Finds the tokens of well-known makers.
pub(super) struct TokenFinder(AhoCorasick);

/// Describes the tokens of one maker: what they start with, and what follows.
struct Token {
    name: &'static str,
    prefix: &'static str,
    /// The least that follows the prefix, in bytes.
    body_bytes: usize,
    letters: Letters,
    /// What must stand before the prefix.
    before: Neighbour,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Letters {
    /// Letters and digits.
    Plain,
    /// Those, `_` and `-`.
    Words,
    /// Those and `/`.
    Path,
    /// Words and `.`, in three parts of which the first two are JSON.
    Jwt,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Neighbour {
    /// The prefix is like nothing else.
    Anything,
    /// The prefix is so short that it could be the end of a word.
    NoWord,
}

const fn sure(name: &'static str, prefix: &'static str, body_bytes: usize, letters: Letters) -> Token {
    Token { name, prefix, body_bytes, letters, before: Neighbour::Anything }
}

const fn word(name: &'static str, prefix: &'static str, body_bytes: usize, letters: Letters) -> Token {
    Token { name, prefix, body_bytes, letters, before: Neighbour::NoWord }
}

const TOKENS: &[Token] = &[
    sure("github-token", "ghp_", 36, Letters::Plain),
    sure("github-token", "gho_", 36, Letters::Plain),
    sure("github-token", "ghu_", 36, Letters::Plain),
    sure("github-token", "ghs_", 36, Letters::Plain),
    sure("github-token", "ghr_", 36, Letters::Plain),
    sure("github-token", "github_pat_", 22, Letters::Words),
    sure("gitlab-token", "glpat-", 20, Letters::Words),
    sure("gitlab-token", "gldt-", 20, Letters::Words),
    sure("gitlab-token", "glrt-", 20, Letters::Words),
    sure("gitlab-token", "glcbt-", 20, Letters::Words),
    word("openai-key", "sk-", 20, Letters::Words),
    word("groq-key", "gsk_", 40, Letters::Plain),
    word("xai-key", "xai-", 40, Letters::Plain),
    word("perplexity-key", "pplx-", 40, Letters::Plain),
    word("hugging-face-token", "hf_", 30, Letters::Plain),
    word("replicate-token", "r8_", 30, Letters::Plain),
    word("aws-key", "AKIA", 16, Letters::Plain),
    word("aws-key", "ASIA", 16, Letters::Plain),
    word("google-key", "AIza", 35, Letters::Words),
    word("google-token", "ya29.", 30, Letters::Words),
    sure("google-secret", "GOCSPX-", 24, Letters::Words),
    sure("slack-token", "xoxb-", 16, Letters::Words),
    sure("slack-token", "xoxp-", 16, Letters::Words),
    sure("slack-token", "xoxa-", 16, Letters::Words),
    sure("slack-token", "xoxr-", 16, Letters::Words),
    sure("slack-token", "xoxs-", 16, Letters::Words),
    sure("slack-token", "xoxe-", 16, Letters::Words),
    sure("slack-token", "xapp-", 16, Letters::Words),
    sure("stripe-key", "sk_live_", 16, Letters::Plain),
    sure("stripe-key", "sk_test_", 16, Letters::Plain),
    sure("stripe-key", "rk_live_", 16, Letters::Plain),
    sure("stripe-key", "rk_test_", 16, Letters::Plain),
    sure("webhook-secret", "whsec_", 20, Letters::Plain),
    word("npm-token", "npm_", 36, Letters::Plain),
    sure("pypi-token", "pypi-", 50, Letters::Words),
    sure("rubygems-token", "rubygems_", 40, Letters::Plain),
    sure("docker-token", "dckr_pat_", 24, Letters::Words),
    sure("digitalocean-token", "dop_v1_", 60, Letters::Plain),
    sure("digitalocean-token", "doo_v1_", 60, Letters::Plain),
    sure("shopify-token", "shpat_", 32, Letters::Plain),
    sure("shopify-token", "shpss_", 32, Letters::Plain),
    sure("square-token", "sq0atp-", 20, Letters::Words),
    sure("square-token", "sq0csp-", 20, Letters::Words),
    word("databricks-token", "dapi", 32, Letters::Plain),
    word("vault-token", "hvs.", 24, Letters::Words),
    word("sendgrid-key", "SG.", 40, Letters::Words),
    sure("grafana-token", "glsa_", 32, Letters::Words),
    sure("linear-key", "lin_api_", 32, Letters::Plain),
    sure("figma-token", "figd_", 32, Letters::Words),
    sure("postman-key", "PMAK-", 40, Letters::Words),
    sure("supabase-token", "sbp_", 40, Letters::Plain),
    sure("atlassian-token", "ATATT3", 60, Letters::Words),
    sure("age-key", "AGE-SECRET-KEY-1", 50, Letters::Plain),
    sure("slack-webhook", "hooks.slack.com/services/", 16, Letters::Path),
    sure("discord-webhook", "discord.com/api/webhooks/", 16, Letters::Path),
    word("json-web-token", "eyJ", 40, Letters::Jwt),
];

impl TokenFinder {
    pub(super) fn new() -> Result<Self, RedactionError> {
        AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(TOKENS.iter().map(|token| token.prefix))
            .map(Self)
            .map_err(|source| RedactionError::Patterns { patterns: TOKENS.len(), source })
    }

    /// Each run of letters is measured once for each kind of token, so that the time is linear.
    pub(super) fn find(&self, text: &[u8], spans: &mut Vec<Span>) {
        let mut measured = vec![0; TOKENS.len()];
        for found in self.0.find_overlapping_iter(text) {
            let at = found.pattern().as_usize();
            let token = &TOKENS[at];
            if token.before == Neighbour::NoWord && ends_in_word(&text[..found.start()]) {
                continue;
            }
            if measured[at] <= found.end() {
                let body = text[found.end()..].iter().take_while(|byte| token.letters.contain(**byte));
                measured[at] = found.end() + body.count();
            }
            let range = found.start()..measured[at];
            if token.is_complete(&text[found.end()..range.end]) {
                spans.push(Span { range, rule: Rule::Token(token.name) });
            }
        }
    }
}

impl Token {
    fn is_complete(&self, body: &[u8]) -> bool {
        let has = |test: fn(&u8) -> bool| body.iter().take(LOOKED_AT_BYTES).any(test);
        body.len() >= self.body_bytes
            && has(u8::is_ascii_alphabetic)
            && has(u8::is_ascii_digit)
            && (self.letters != Letters::Jwt || is_jwt(body))
    }
}

/// What is random has a digit by here, and a longer look at every start would not be linear.
const LOOKED_AT_BYTES: usize = 256;

impl Letters {
    fn contain(self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric()
            || (self != Self::Plain && matches!(byte, b'_' | b'-'))
            || (self == Self::Path && byte == b'/')
            || (self == Self::Jwt && byte == b'.')
    }
}

fn is_jwt(body: &[u8]) -> bool {
    let head = &body[..body.len().min(4096)];
    memchr::memchr(b'.', head).is_some_and(|dot| head[dot + 1..].starts_with(b"eyJ"))
}

/// Whether the text ends within a word; the `n` of an escaped line feed and the `m` of a colour are no words.
fn ends_in_word(before: &[u8]) -> bool {
    match before {
        [] | [.., b'\\', b'n' | b'r' | b't'] | [.., b'0'..=b'9' | b'[', b'm'] => false,
        [.., last] => last.is_ascii_alphanumeric() || matches!(last, b'_' | b'-'),
    }
}

#[cfg(test)]
mod tests {
    use super::TOKENS;

    /// What is redacted as a token is also kept from child processes.
    #[test]
    fn every_token_is_a_secret_by_its_form() {
        for token in TOKENS {
            let value = format!("{}{}", token.prefix, "aB3".repeat(30));
            assert!(codex_protocol::is_secret_value(&value), "{}", token.prefix);
        }
    }
}
