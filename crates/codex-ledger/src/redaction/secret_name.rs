//! [`is_secret_name`]: tells by its name whether a variable holds a secret.

/// Whether a variable or key of this name is one that holds secrets, such as `DB_PASSWORD`, `apiKey` or
/// `GITHUB_TOKEN`.
///
/// ```
/// use codex_ledger::is_secret_name;
///
/// assert!(is_secret_name("GITHUB_TOKEN") && is_secret_name("PGPASSWORD") && is_secret_name("clientSecret"));
/// assert!(!is_secret_name("TOKENIZERS_PARALLELISM") && !is_secret_name("MAX_TOKENS"));
/// assert!(!is_secret_name("TOKEN_URL") && !is_secret_name("KEYBOARD"));
/// ```
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last() else { return false };
    is_secret(&words) || matches!(last.as_str(), "key" | "keys" | "auth" | "pat" | "dsn" | "cookie")
}

/// Whether a key is so surely a secret's that its value in the middle of other text is taken for one.
pub(super) fn is_secret_key(name: &str) -> bool {
    is_secret(&words(name))
}

fn is_secret(words: &[String]) -> bool {
    let Some(last) = words.last() else { return false };
    if NO_SECRET_AT_THE_END.contains(&last.as_str()) {
        return false;
    }
    words.iter().enumerate().any(|(at, word)| {
        let word = word.as_str();
        let before = at.checked_sub(1).map_or("", |at| words[at].as_str());
        matches!(word, "credential" | "credentials" | "secrets")
            || ENDS.iter().any(|end| word.ends_with(end))
            || (word == "pwd" && !before.is_empty())
            || (word == "key" && BEFORE_KEY.contains(&before))
    })
}

/// What the last or only part of a word for a secret is: `pgpassword`, `authtoken`.
const ENDS: &[&str] =
    &["password", "passwd", "passphrase", "passcode", "secret", "token", "apikey", "accesskey", "secretkey"];

const BEFORE_KEY: &[&str] = &[
    "access",
    "account",
    "admin",
    "api",
    "app",
    "auth",
    "deploy",
    "encryption",
    "jwt",
    "license",
    "master",
    "private",
    "secret",
    "service",
    "shared",
    "signing",
    "ssh",
    "storage",
    "webhook",
];

/// `TOKEN_URL` is an address, `PASSWORD_FILE` a path, `TOKEN_LIMIT` a number.
const NO_SECRET_AT_THE_END: &[&str] = &[
    "algorithm",
    "audience",
    "count",
    "dir",
    "enabled",
    "endpoint",
    "expires",
    "expiry",
    "file",
    "header",
    "host",
    "issuer",
    "length",
    "limit",
    "mode",
    "name",
    "parallelism",
    "path",
    "policy",
    "prefix",
    "scope",
    "size",
    "ttl",
    "type",
    "uri",
    "url",
    "version",
];

/// The words of a name in lower case: parts between other signs, and between cases.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let letters: Vec<char> = name.chars().take(MAX_LETTERS).collect();
    let mut word = String::new();
    for (at, &letter) in letters.iter().enumerate() {
        if !letter.is_alphanumeric() {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            continue;
        }
        let before = at.checked_sub(1).map(|at| letters[at]);
        let after = letters.get(at + 1);
        let is_start = letter.is_uppercase()
            && before.is_some_and(|before| {
                !before.is_uppercase() || after.is_some_and(|after| after.is_lowercase())
            });
        if is_start && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(letter.to_lowercase());
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// Names are short; this only bounds the work on what is none.
const MAX_LETTERS: usize = 128;
