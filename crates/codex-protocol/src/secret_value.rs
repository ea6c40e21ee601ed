//! [`is_secret_value`] and [`is_secret_variable`]: one rule for what is redacted and what no child process inherits.

use crate::secret_name::{is_assigned_secret, is_secret_name};

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
/// who made it, a private key, the value of an `Authorization` header, the address of a webhook, and a text that assigns a
/// secret, such as a connection string with a password or key, an option `-Dtoken=...`, or JSON with a login.
///
/// ```
/// use codex_protocol::is_secret_value;
///
/// assert!(is_secret_value("ghp_0123456789abcdefghij0123456789abcdef"));
/// assert!(is_secret_value("AUTHORIZATION: basic dXNlcjpwYXNz"));
/// assert!(is_secret_value("Server=db;User=ada;Password=v3ry-s3cret"));
/// assert!(is_secret_value("AccountName=a;AccountKey=Zm9vYmFy") && is_secret_value("-Xmx1g -Dtoken=abc"));
/// assert!(is_secret_value("https://hooks.slack.com/services/T0/B0/x"));
/// assert!(!is_secret_value("sk-learn") && !is_secret_value("https://example.com/?password="));
/// ```
pub fn is_secret_value(value: &str) -> bool {
    let value = value.trim();
    value.contains("PRIVATE KEY-----")
        || is_header(value)
        || assigns_secret(value)
        || has_secret_member(value)
        || is_secret_address(value)
        || is_token(value)
}

/// A header by itself, as `curl -H` and git's `http.extraHeader` take it.
fn is_header(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let is_long = |rest: &str| rest.trim().len() >= SHORTEST_TOKEN_BYTES;
    let named = lower.split_once(':').filter(|(name, _)| {
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && (matches!(*name, "authorization" | "proxy-authorization" | "cookie")
                || is_assigned_secret(name))
    });
    named.is_some_and(|(_, rest)| is_long(rest))
        || ["bearer ", "basic "].iter().any(|start| lower.strip_prefix(start).is_some_and(is_long))
}

/// `Password=x` of a connection string, `-Dtoken=x` of a command line, `?access_token=x` of a URL.
fn assigns_secret(value: &str) -> bool {
    value.match_indices('=').any(|(at, _)| {
        let key = name_before(&value[..at]);
        let after = value[at + 1..].strip_prefix(['"', '\'']).unwrap_or(&value[at + 1..]);
        let is_password =
            ["password", "passwd", "pwd"].iter().any(|word| key.to_ascii_lowercase().ends_with(word));
        let is_said = |none: &str| after.starts_with(|first: char| !none.contains(first));
        if is_password {
            return is_said(";&, \"'");
        }
        // A reference to a variable, or a comparison, is no value.
        let is_said = is_said(";&, \"'=>$%{<\n");
        is_said && (is_assigned_secret(key) || (is_login(key) && word_length(after) >= SHORTEST_LOGIN_BYTES))
    })
}

/// `"auth": "dXNlcjpwYXNz"` and `"private_key": "x"` of JSON.
fn has_secret_member(value: &str) -> bool {
    value.match_indices("\":").chain(value.match_indices("\" :")).any(|(at, _)| {
        let key = name_before(&value[..at]);
        let is_key = value[..at].strip_suffix(key).is_some_and(|before| before.ends_with('"'));
        let after = value[at + 1..].trim_start().strip_prefix(':').map_or("", str::trim_start);
        let Some(after) =
            after.strip_prefix('"').filter(|after| is_key && !after.starts_with(['"', '$', '{', '<']))
        else {
            return false;
        };
        is_assigned_secret(key) || (is_login(key) && word_length(after) >= SHORTEST_LOGIN_BYTES)
    })
}

/// The name that a text ends with.
fn name_before(text: &str) -> &str {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let tail = text.len().saturating_sub(LONGEST_NAME_BYTES);
    let tail = &text[text.ceil_char_boundary(tail)..];
    tail.rfind(|letter| !is_name(letter)).map_or(tail, |at| {
        let after = &tail[at..];
        &after[after.chars().next().map_or(0, char::len_utf8)..]
    })
}

/// `_auth` of npm, `auth` of Docker, `sig` of a signed URL: a name that only a long value makes that of a secret.
fn is_login(key: &str) -> bool {
    let key = key.rsplit('.').next().unwrap_or(key).trim_start_matches(['_', '-']);
    key.eq_ignore_ascii_case("auth") || key.eq_ignore_ascii_case("sig")
}

fn word_length(text: &str) -> usize {
    text.find(|letter: char| letter.is_whitespace() || "\"';,&".contains(letter)).unwrap_or(text.len())
}

/// A URL that whoever has it may use: that of a webhook, or one with a token in the place of the user.
fn is_secret_address(value: &str) -> bool {
    let has_more = |start: &str| value.split_once(start).is_some_and(|(_, rest)| !rest.trim().is_empty());
    let user =
        value.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next()?.rsplit_once('@'));
    WEBHOOKS.iter().any(|start| has_more(start)) || user.is_some_and(|(user, _)| is_token(user))
}

/// The addresses below which the path is the secret.
const WEBHOOKS: &[&str] = &[
    "api.telegram.org/bot",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    "hooks.slack.com/services/",
    "hooks.slack.com/triggers/",
    "hooks.slack.com/workflows/",
    "hooks.zapier.com/hooks/",
    "outlook.office.com/webhook/",
    ".webhook.office.com/webhook",
];

/// Names are short; this only bounds the work for each sign.
const LONGEST_NAME_BYTES: usize = 128;
/// A shorter value names a way to log in, such as `basic`.
const SHORTEST_LOGIN_BYTES: usize = 8;
/// A shorter text is a word rather than a token.
const SHORTEST_TOKEN_BYTES: usize = 12;

fn is_token(value: &str) -> bool {
    TOKEN_STARTS.iter().any(|start| value.strip_prefix(start).is_some_and(is_body))
}

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
            "host=db password='abc'",
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=Zm9v==;EndpointSuffix=core.windows.net",
            "Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey=Zm9v",
            "https://a.blob.core.windows.net/c?sv=1&sig=Zm9vYmFy%3D",
            "-Xmx1g -Dtoken=abc",
            "-DdbPass=abc",
            "//registry.example/:_authToken=abc",
            "//registry.example/:_auth=dXNlcjpwYXNz",
            "https://ci.example/?access_token=abc",
            r#"{"auths":{"r":{"auth":"Zm9vOmJhcg=="}}}"#,
            r#"{"client_secret" : "x"}"#,
            "PRIVATE-TOKEN: 0123456789ab",
            "cookie: session=0123456789",
            "https://hooks.slack.com/services/T000/B000/XXXX",
            "https://discord.com/api/webhooks/1/x",
            "https://x.webhook.office.com/webhookb2/x",
            "https://api.telegram.org/bot1:x/send",
            "https://ghp_0123456789abcdef@github.com/a/b",
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
            "AccountName=a;AccountKey=;x=y",
            "-Dtoken.url=https://host -Dtoken=$TOKEN",
            "() { local token=$1; if [ \"$token\" == x ]; then :; fi",
            "'credential.helper=store'",
            "auth=basic",
            r#"{"auth":"basic","token":""}"#,
            r#"{"a": "the token: {"}"#,
            "cookie: none",
            "C:/Program Files/Git and more",
            "https://hooks.slack.com/services/",
            "https://ada@github.com/a/b",
            "rs=0:di=01;34:*.tar=01;31",
            "unix:path=/run/user/1000/bus,guid=0123456789abcdef",
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
