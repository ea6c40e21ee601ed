//! [`is_secret_name`]: recognises a secret by the name of its variable or key.

/// Returns whether a variable or key of this name holds a secret, such as `DB_PASSWORD`, `apiKey` or `GITHUB_TOKEN`.
///
/// ```
/// use codex_protocol::is_secret_name;
///
/// assert!(is_secret_name("GITHUB_TOKEN") && is_secret_name("PGPASSWORD") && is_secret_name("clientSecret"));
/// assert!(!is_secret_name("TOKENIZERS_PARALLELISM") && !is_secret_name("MAX_TOKENS"));
/// assert!(!is_secret_name("TOKEN_URL") && !is_secret_name("KEYBOARD"));
/// assert!(is_secret_name("SSHPASS") && is_secret_name("BW_SESSION") && is_secret_name("SLACK_WEBHOOK_URL"));
/// assert!(!is_secret_name("SSH_ASKPASS") && !is_secret_name("DESKTOP_SESSION") && !is_secret_name("BYPASS"));
/// ```
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    is_secret(&words) || is_secret_alone(&words) || is_session(name, &words)
}

/// Returns whether a key is so surely that of a secret that its value in the middle of other text is redacted.
///
/// Stricter than [`is_secret_name`]: `key` or `cookie` alone do not count.
pub fn is_secret_key(name: &str) -> bool {
    is_secret(&words(name))
}

/// Returns whether what an assignment gives to a key of this name is a secret: the last word decides, so that
/// `credential.helper=store` is a setting.
pub(crate) fn is_assigned_secret(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.len().checked_sub(1) else { return false };
    let is_more =
        matches!(words[last].as_str(), "credential" | "credentials" | "creds" | "jwt" | "signature");
    is_secret_at(&words, last) || (is_more && last > 0)
}

/// Whether a name counts for variables and for keys of JSON, and is too common to count in the middle of other text.
fn is_secret_alone(words: &[String]) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [.., "key" | "keys" | "auth" | "pat" | "dsn" | "cookie" | "webhook" | "p12" | "pfx" | "pkcs12"]
        | [.., "auth", "config"]
        | [.., "webhook", "url" | "uri"]
        | [.., "p12" | "pfx" | "pkcs12" | "jks" | "keystore" | "kubeconfig", "base64" | "b64" | "data"] => {
            true
        }
        [.., before, version] if is_version(version) => before.ends_with("jwt"),
        [.., last] => last.ends_with("jwt"),
        [] => false,
    }
}

/// `CI_JOB_JWT_V2`.
fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a variable holds the key of a login session, such as `BW_SESSION` or `OP_SESSION_my`. Sessions of desktops and
/// terminals do not count, nor do names in lower case, which are keys of JSON.
fn is_session(name: &str, words: &[String]) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if name.starts_with("OP_SESSION_") {
        return true;
    }
    let is_variable = !name.bytes().any(|byte| byte.is_ascii_lowercase());
    is_variable && matches!(words.as_slice(), [.., of, "session"] if !NO_LOGIN.contains(of))
}

/// What stands before the word in `DESKTOP_SESSION`, `KDE_FULL_SESSION` and their like.
const NO_LOGIN: &[&str] = &[
    "byobu", "dbus", "desktop", "full", "gdm", "gnome", "kde", "plasma", "screen", "ssh", "term", "tmux",
    "wayland", "wt", "x11", "xdg", "xsession", "zellij",
];

fn is_secret(words: &[String]) -> bool {
    let Some(last) = words.last() else { return false };
    if NO_SECRET_AT_THE_END.contains(&last.as_str()) {
        return false;
    }
    (0..words.len()).any(|at| {
        matches!(words[at].as_str(), "credential" | "credentials" | "cred" | "creds" | "secrets")
            || is_secret_at(words, at)
    })
}

fn is_secret_at(words: &[String], at: usize) -> bool {
    let word = words[at].as_str();
    let before = at.checked_sub(1).map_or("", |at| words[at].as_str());
    ENDS.iter().any(|end| word.ends_with(end))
        || (word == "pwd" && !before.is_empty())
        || (word == "key" && BEFORE_KEY.contains(&before))
        || (at + 1 == words.len() && is_pass(word, !before.is_empty()) && !COUNTED.contains(&before))
}

/// Whether a word is short for a password: `DB_PASS`, `SSHPASS`. Alone, `pass` is a state of a test.
fn is_pass(word: &str, has_before: bool) -> bool {
    word.strip_suffix("pass")
        .is_some_and(|of| if of.is_empty() { has_before } else { !OTHER_PASSES.contains(&of) })
}

/// The beginnings of words that end like `sshpass`: `bypass`, `compass`, and programs such as `askpass`.
const OTHER_PASSES: &[&str] = &[
    "ask", "by", "com", "encom", "en", "gyrocom", "kee", "last", "multi", "one", "out", "over", "pre", "re",
    "single", "sub", "sur", "tres", "two", "under",
];

/// `FIRST_PASS` is a round, `BY_PASS` a way, `TESTS_PASS` a state.
const COUNTED: &[&str] = &[
    "all", "allow", "by", "first", "last", "multi", "one", "per", "render", "second", "single", "test",
    "tests", "third", "two",
];

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
    use super::{is_assigned_secret, is_secret_name};

    #[test]
    fn a_secret_is_recognised_by_its_name() {
        let secrets = [
            "SSHPASS",
            "DB_PASS",
            "TF_VAR_db_pass",
            "dbPass",
            "MYSQLPASS",
            "BW_SESSION",
            "OP_SESSION_my",
            "FASTLANE_SESSION",
            "JWT",
            "CI_JOB_JWT",
            "CI_JOB_JWT_V2",
            "MYJWT",
            "CREDS",
            "GCP_CREDS_JSON",
            "DB_CRED",
            "SIGNING_CERT_P12",
            "CERT_PFX_BASE64",
            "ANDROID_KEYSTORE_BASE64",
            "KUBECONFIG_DATA",
            "DOCKER_AUTH_CONFIG",
            "SLACK_WEBHOOK_URL",
            "TEAMS_WEBHOOK",
            "MYSQL_PWD",
        ];
        for name in secrets {
            assert!(is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn a_name_that_only_looks_like_it_is_not_secret() {
        let others = [
            "",
            "PASS",
            "pass",
            "PWD",
            "OLDPWD",
            "BYPASS",
            "BY_PASS",
            "COMPASS",
            "COMPASS_HOME",
            "PASSTHROUGH",
            "PASSENGER_APP",
            "SSH_ASKPASS",
            "GIT_ASKPASS",
            "SSH_ASKPASS_REQUIRE",
            "FIRST_PASS",
            "KEEPASS",
            "PGPASSFILE",
            "SESSION",
            "XDG_SESSION_ID",
            "XDG_SESSION_TYPE",
            "DESKTOP_SESSION",
            "GNOME_DESKTOP_SESSION_ID",
            "KDE_FULL_SESSION",
            "KDE_SESSION_UID",
            "TERM_SESSION_ID",
            "ITERM_SESSION_ID",
            "SESSION_MANAGER",
            "DBUS_SESSION_BUS_ADDRESS",
            "GDMSESSION",
            "WT_SESSION",
            "TMUX_SESSION",
            "ZELLIJ_SESSION_NAME",
            "parent_session",
            "JWT_ALGORITHM",
            "JWT_ISSUER",
            "CREDIT",
            "SACRED",
            "KUBECONFIG",
            "KEYSTORE_PATH",
            "CERT_P12_PATH",
            "WEBHOOK_PORT",
            "CONFIG",
            "SSH_AUTH_SOCK",
            "XAUTHORITY",
        ];
        for name in others {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn the_last_word_decides_of_an_assignment() {
        for key in
            ["-Dtoken", "-Dnpm.authToken", "AccountKey", "SharedAccessSignature", "db_pass", "clientSecret"]
        {
            assert!(is_assigned_secret(key), "{key}");
        }
        for key in [
            "",
            "credential.helper",
            "credentials-file",
            "token.count",
            "key",
            "auth",
            "pass",
            "SharedAccessKeyName",
        ] {
            assert!(!is_assigned_secret(key), "{key}");
        }
    }
}
