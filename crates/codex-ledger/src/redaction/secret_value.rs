//! [`can_be_secret`]: tells values that can be secrets from those that are everywhere.

use super::span::MARK;

/// The shortest value that is taken for a secret, in bytes.
pub(super) const SHORTEST_BYTES: usize = 8;

/// Whether a value is worth redacting: long enough, and no switch, number, path, reference or common word.
pub(super) fn can_be_secret(value: &str) -> bool {
    let value = value.trim();
    value.len() >= SHORTEST_BYTES
        && !is_number(value)
        && !is_path(value)
        && !is_placeholder(value)
        && !COMMON_WORDS.contains(&value.to_ascii_lowercase().as_str())
}

/// Whether a value of a file has the shape of a token rather than of a word, a path or a sentence of a record.
///
/// Agents write files, and a value that stands everywhere in a record would blind it.
pub(super) fn is_token_shaped(value: &str) -> bool {
    let value = value.trim();
    !(is_word(value) || is_relative_path(value) || is_own_phrase(value))
}

/// Letters of one case, or with a capital at the beginning, as long as words are.
fn is_word(value: &str) -> bool {
    let rest = value.get(1..).unwrap_or_default();
    let is_one_case = value.bytes().all(|byte| byte.is_ascii_lowercase())
        || value.bytes().all(|byte| byte.is_ascii_uppercase())
        || value.bytes().all(|byte| byte.is_ascii_alphabetic())
            && rest.bytes().all(|byte| byte.is_ascii_lowercase());
    is_one_case && value.len() <= LONGEST_WORD_BYTES
}

/// Names of files and folders: between slashes, or with an extension. Random text with a slash in it is none.
fn is_relative_path(value: &str) -> bool {
    let is_name = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'@' | b' '))
    };
    if value.contains("://") || !value.split('/').all(is_name) {
        return false;
    }
    let last = value.rsplit('/').next().unwrap_or_default();
    let extension = last.rsplit_once('.').map(|(stem, extension)| (stem.is_empty(), extension));
    let has_extension = extension.is_some_and(|(_, extension)| {
        (1..=5).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_lowercase())
    });
    has_extension || (value.contains('/') && !looks_random(value))
}

/// A sentence of which every word is one of ours or a number.
fn is_own_phrase(value: &str) -> bool {
    let words = value.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let is_own = |word: &str| {
        let word = word.to_ascii_lowercase();
        word.bytes().all(|byte| byte.is_ascii_digit()) || OWN_WORDS.contains(&word.as_str())
    };
    let mut words = words.peekable();
    words.peek().is_some() && words.all(is_own)
}

/// Whether a value that stands in the middle of code or prose looks random rather than written.
pub(super) fn looks_random(value: &str) -> bool {
    let count = |test: fn(&u8) -> bool| value.bytes().filter(test).count();
    let digits = count(u8::is_ascii_digit);
    let (lower, upper) = (count(u8::is_ascii_lowercase), count(u8::is_ascii_uppercase));
    (digits > 0 && lower > 0 && upper > 0) || (digits >= 3 && lower + upper >= 3 && value.len() >= 16)
}

/// Whether a value between quotes is a text that a person has made up to be a secret.
pub(super) fn looks_made_up(value: &str) -> bool {
    let has = |test: fn(u8) -> bool| value.bytes().any(test);
    let letter = has(|byte| byte.is_ascii_alphabetic());
    let digit = has(|byte| byte.is_ascii_digit());
    let sign = has(|byte| matches!(byte, b'!' | b'@' | b'#' | b'$' | b'^' | b'&' | b'*' | b'+' | b'?'));
    letter && (digit || sign)
}

fn is_number(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'_' | b'-' | b'+' | b':'))
        || value.parse::<f64>().is_ok()
}

/// A secret in base64 can start with a slash, too, but it has no folder that systems have.
fn is_path(value: &str) -> bool {
    let is_absolute = value.strip_prefix('/').is_some_and(|rest| {
        let first = rest.split('/').next().unwrap_or_default();
        SYSTEM_FOLDERS.contains(&first) || !rest.bytes().any(|byte| byte.is_ascii_uppercase())
    });
    let has_drive =
        matches!(value.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    is_absolute
        || has_drive
        || ["./", "../", "~/", "file:", "unix:"].iter().any(|start| value.starts_with(start))
}

fn is_placeholder(value: &str) -> bool {
    let first = value.bytes().next();
    value.bytes().all(|byte| Some(byte) == first)
        || value.starts_with(['$', '<', '{', '%'])
        || value.contains("${")
        || value.contains("{{")
        || value.starts_with(MARK)
        || "[REDACTED:".contains(value)
}

/// Words of records and code are shorter.
const LONGEST_WORD_BYTES: usize = 16;

/// The words of records: states, verdicts, statuses, headings, and what the timeline says of items.
const OWN_WORDS: &[&str] = &[
    "aborted",
    "added",
    "agent",
    "answer",
    "architecture",
    "as",
    "branch",
    "by",
    "changed",
    "code",
    "command",
    "completed",
    "consequences",
    "considered",
    "context",
    "crash",
    "decision",
    "declined",
    "deleted",
    "error",
    "executed",
    "exit",
    "failed",
    "file",
    "files",
    "in",
    "input",
    "interrupted",
    "ledger",
    "lines",
    "message",
    "modified",
    "no",
    "none",
    "not",
    "of",
    "options",
    "passed",
    "progress",
    "prompt",
    "record",
    "recorded",
    "result",
    "run",
    "skipped",
    "started",
    "state",
    "stated",
    "statement",
    "status",
    "task",
    "tasks",
    "test",
    "tests",
    "the",
    "thread",
    "touched",
    "tracking",
    "turn",
    "unknown",
    "updated",
    "verdict",
    "was",
    "work",
];

const SYSTEM_FOLDERS: &[&str] = &[
    "Applications",
    "Library",
    "Users",
    "Volumes",
    "bin",
    "boot",
    "dev",
    "etc",
    "home",
    "lib",
    "media",
    "mnt",
    "nix",
    "opt",
    "private",
    "proc",
    "root",
    "run",
    "sbin",
    "srv",
    "sys",
    "tmp",
    "usr",
    "var",
    "work",
    "workspace",
    "workspaces",
];

/// Words that stand as values of secret-named variables and everywhere else, too.
const COMMON_WORDS: &[&str] = &[
    "anonymous",
    "changeit",
    "changeme",
    "credential",
    "credentials",
    "default",
    "development",
    "disabled",
    "enabled",
    "environment",
    "example",
    "external",
    "internal",
    "kerberos",
    "keychain",
    "keyring",
    "localhost",
    "localhost:8080",
    "metadata",
    "not-needed",
    "notneeded",
    "optional",
    "password",
    "passwords",
    "postgres",
    "postgresql",
    "production",
    "protected",
    "redacted",
    "replaceme",
    "required",
    "sandbox",
    "secretsmanager",
    "security",
    "something",
    "staging",
    "standard",
    "testing",
    "undefined",
    "username",
    "workspace",
    "authorization",
    "assignment",
    "private-key",
    "dotenv",
    "url-credentials",
];
