//! [`is_secret_name`] and [`is_secret_variable`]: one rule for what is redacted and what no child process inherits.

/// Returns whether a variable or key of this name holds a secret, such as `DB_PASSWORD`, `apiKey` or `GITHUB_TOKEN`.
///
/// ```
/// use codex_protocol::is_secret_name;
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

/// Returns whether an environment variable holds a secret: by its name, or because its value is a URL with a password
/// (`https://user:password@proxy.example`).
///
/// Such a variable is kept from every child process but Codex, and its value is redacted.
///
/// ```
/// use codex_protocol::is_secret_variable;
///
/// assert!(is_secret_variable("CODEX_API_KEY", "sk-1"));
/// assert!(is_secret_variable("HTTPS_PROXY", "http://ada:v3ry-s3cret@proxy.example:3128"));
/// assert!(!is_secret_variable("HTTPS_PROXY", "http://proxy.example:3128"));
/// assert!(!is_secret_variable("PATH", "/usr/bin:/bin"));
/// ```
pub fn is_secret_variable(name: &str, value: &str) -> bool {
    is_secret_name(name) || url_password(value).is_some()
}

/// Returns the password of a URL, as it is written there; `None` if the text is not a URL with one.
///
/// ```
/// assert_eq!(codex_protocol::url_password("socks5h://ada:p%40ss@proxy:1080"), Some("p%40ss"));
/// assert_eq!(codex_protocol::url_password("https://ada@host/a:b@c"), None);
/// ```
pub fn url_password(text: &str) -> Option<&str> {
    let (scheme, rest) = text.trim().split_once("://")?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let authority = rest.split(['/', '?', '#']).next()?;
    let (_, password) = authority.rsplit_once('@')?.0.split_once(':')?;
    (is_scheme && !password.is_empty()).then_some(password)
}

/// Returns whether a key is so surely that of a secret that its value in the middle of other text is redacted.
///
/// Stricter than [`is_secret_name`]: `key` or `cookie` alone do not count.
pub fn is_secret_key(name: &str) -> bool {
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
