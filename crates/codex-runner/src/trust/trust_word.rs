//! [`TrustWord`]: the value of `CODEX_TURNS_TRUST`.

use super::file_list::Digest;

/// What the variable says: which bytes are trusted, never only that some are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TrustWord {
    /// Those whose list has this digest.
    Digest(Digest),
    /// Those of this ref.
    Ref(String),
}

impl TrustWord {
    /// Reads the value.
    ///
    /// # Errors
    ///
    /// It is neither a digest nor the name of a ref, such as `1`; the text says why.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if let Ok(digest) = text.parse() {
            return Ok(Self::Digest(digest));
        }
        ref_name(text).map(Self::Ref)
    }
}

/// Words with which other tools are told yes or no.
const ANSWERS: [&str; 10] = ["true", "false", "yes", "no", "on", "off", "all", "always", "never", "none"];

/// Returns the name of a ref as git would take it, or the full name of a commit.
///
/// # Errors
///
/// It is none; the text says why.
pub(crate) fn ref_name(text: &str) -> Result<String, String> {
    let word = text.to_ascii_lowercase();
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let is_answer = is_number && !is_commit(text) || ANSWERS.contains(&word.as_str());
    if is_answer || word.starts_with("sha256:") {
        return Err(
            "must say which bytes are trusted: `sha256:` and 64 digits, or the name of a ref".to_owned()
        );
    }
    let is_odd = |character: char| {
        character.is_control() || character.is_whitespace() || "~^:?*[\\".contains(character)
    };
    let is_wrong = text.starts_with(['-', '/', '.'])
        || text.ends_with(['/', '.'])
        || ["..", "//", "@{", "/."].iter().any(|part| text.contains(part))
        || text.chars().any(is_odd);
    if text.is_empty() || is_wrong {
        return Err("is not the name of a ref".to_owned());
    }
    Ok(text.to_owned())
}

/// Returns whether a text is the full name of a commit.
pub(crate) fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
