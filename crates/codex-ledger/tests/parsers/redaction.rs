//! What redaction promises for any bytes.

use codex_ledger::{RedactionRules, Redactor};

/// The value of a secret, which the texts of the seeds have.
const SECRET: &str = "s3cr3t\"value/with+signs=";

/// Takes the bytes for an artifact: the secret, put into it anywhere, does not come out.
pub(crate) fn check(bytes: &[u8]) {
    let rules = RedactionRules::of_environment([("API_KEY", SECRET)]).home("/home/user");
    let redactor = Redactor::new(rules).expect("one secret can be searched for");
    let (one, other) = bytes.split_at(bytes.len() / 2);
    for text in [bytes.to_vec(), [one, SECRET.as_bytes(), other].concat()] {
        let redacted = redactor.redact(&text);
        assert!(!contains(&redacted.bytes, SECRET.as_bytes()), "a secret has survived");
        assert_eq!(redacted.counts.is_empty(), redacted.bytes == text, "what was done is counted");
        let again = redactor.redact(&redacted.bytes);
        assert_eq!(again.bytes, redacted.bytes, "what is redacted stays as it is");
    }
}

fn contains(text: &[u8], what: &[u8]) -> bool {
    text.windows(what.len()).any(|window| window == what)
}
