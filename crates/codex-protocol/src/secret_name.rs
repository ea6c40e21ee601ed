//! [`is_secret_name`], [`is_secret_value`] and [`is_secret_variable`]: one rule for what is redacted and what no child process inherits.

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

/// Returns whether an environment variable holds a secret: by its name, because its value is a URL with a password
/// (`https://user:password@proxy.example`), or by the form of its value.
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
    is_secret_name(name) || url_password(value).is_some() || is_secret_value(value)
}

/// Returns whether a value is a secret by its form, whatever its variable is called: a token that tells by its first letters
/// who made it, a private key, the value of an `Authorization` header, a connection string with a password.
///
/// ```
/// use codex_protocol::is_secret_value;
///
/// assert!(is_secret_value("ghp_0123456789abcdefghij0123456789abcdef"));
/// assert!(is_secret_value("AUTHORIZATION: basic dXNlcjpwYXNz"));
/// assert!(is_secret_value("Server=db;User=ada;Password=v3ry-s3cret"));
/// assert!(!is_secret_value("sk-learn") && !is_secret_value("https://example.com/?password="));
/// ```
pub fn is_secret_value(value: &str) -> bool {
    let value = value.trim();
    let lower = value.to_ascii_lowercase();
    let has_password = ["password=", "passwd=", "pwd="].iter().any(|key| {
        let mut parts = lower.split(key).skip(1);
        parts.any(|after| after.starts_with(|first: char| !";&, \"'".contains(first)))
    });
    has_password
        || value.contains("PRIVATE KEY-----")
        || ["authorization:", "bearer ", "basic "].iter().any(|start| {
            lower.strip_prefix(start).is_some_and(|rest| rest.trim().len() >= SHORTEST_TOKEN_BYTES)
        })
        || TOKEN_STARTS.iter().any(|start| value.strip_prefix(start).is_some_and(is_body))
}

/// A shorter text is a word rather than a token.
const SHORTEST_TOKEN_BYTES: usize = 12;

fn is_body(rest: &str) -> bool {
    let is_of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.+/=".contains(&byte);
    rest.len() >= SHORTEST_TOKEN_BYTES && rest.bytes().all(is_of_token)
}

/// How the tokens of well-known makers start.
const TOKEN_STARTS: &[&str] = &[
    "AGE-SECRET-KEY-1",
    "AIza",
    "AKIA",
    "ASIA",
    "ATATT3",
    "GOCSPX-",
    "PMAK-",
    "SG.",
    "dapi",
    "dckr_pat_",
    "doo_v1_",
    "dop_v1_",
    "eyJ",
    "figd_",
    "gho_",
    "ghp_",
    "ghr_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glcbt-",
    "gldt-",
    "glpat-",
    "glrt-",
    "glsa_",
    "gsk_",
    "hf_",
    "hvs.",
    "lin_api_",
    "npm_",
    "pplx-",
    "pypi-",
    "r8_",
    "rk_live_",
    "rk_test_",
    "rubygems_",
    "sbp_",
    "shpat_",
    "shpss_",
    "sk-",
    "sk_live_",
    "sk_test_",
    "sq0atp-",
    "sq0csp-",
    "whsec_",
    "xai-",
    "xapp-",
    "xoxa-",
    "xoxb-",
    "xoxe-",
    "xoxp-",
    "xoxr-",
    "xoxs-",
    "ya29.",
];

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

#[cfg(test)]
mod tests {
    use super::{is_secret_value, is_secret_variable, url_password};

    #[test]
    fn a_secret_is_recognised_by_its_form() {
        let secrets = [
            "xoxb-123456789012-abc",
            " hvs.CAESIJabcdefgh ",
            r#"{"type":"service_account","private_key":"-----BEGIN PRIVATE KEY-----\nMII"}"#,
            "Authorization: Bearer 0123456789ab",
            "Bearer 0123456789ab",
            "basic dXNlcjpwYXNz",
            "Server=db;Uid=ada;Pwd=abc",
            "host=db password='abc' password=abc",
            "passwd=x",
        ];
        for value in secrets {
            assert!(is_secret_value(value), "{value}");
            assert!(is_secret_variable("PLAIN", value), "{value}");
        }
    }

    #[test]
    fn what_only_looks_like_the_start_of_one_is_not() {
        let others = [
            "",
            "sk-learn",
            "sk-0123456789a",
            "sk-0123456789ab and more",
            "bearer of news",
            "basic usage",
            "authorization: none",
            "password=",
            "password=;user=x",
            "https://localhost/?pwd=&x",
            "a password is needed",
            "/usr/bin:/bin",
        ];
        for value in others {
            assert!(!is_secret_value(value), "{value}");
        }
    }

    #[test]
    fn a_password_is_between_the_user_and_the_host() {
        assert_eq!(url_password("http://:x@host"), Some("x"));
        assert_eq!(url_password(" ssh+git://ada:a:b@c@host/p?q#f "), Some("a:b@c"));
        for text in [
            "http://ada:@host",
            "http://ada@host",
            "http://host:80/a:b@c",
            "1http://a:b@c",
            "://a:b@c",
            "a:b@c",
        ] {
            assert_eq!(url_password(text), None, "{text}");
        }
    }
}
