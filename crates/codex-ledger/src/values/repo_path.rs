//! [`RepoPath`]: the path of a file in a repository, whatever bytes its name is made of.

mod quoting;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Names a file relative to the root of a repository, with `/` between the folders.
///
/// Paths are ordered by their bytes, as git orders them. As text, a path is itself; one that is not UTF-8, that
/// starts with `"`, or that starts like a drive letter is written as git's C-quoted string.
///
/// ```
/// use codex_ledger::values::RepoPath;
///
/// let path = RepoPath::from_bytes(*b"src/caf\xe9.rs")?;
/// assert_eq!(path.to_string(), r#""src/caf\351.rs""#);
/// assert_eq!(path.to_string().parse::<RepoPath>()?, path);
/// assert!("../secret".parse::<RepoPath>().is_err());
/// # Ok::<(), codex_ledger::values::InvalidRepoPath>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepoPath(Box<[u8]>);

/// Says why bytes are no path of a file in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRepoPath {
    /// There is no name.
    #[error("the path is empty")]
    Empty,
    /// It starts at the root of a file system or with a drive.
    #[error("the path is absolute")]
    Absolute,
    /// One of its parts is empty, `.` or `..`.
    #[error("the path has an empty, `.` or `..` part")]
    Part,
    /// It has a zero byte, which no name can have.
    #[error("the path has a zero byte")]
    Nul,
    /// It starts like a C-quoted string and is none.
    #[error("the path starts with a quote and is no C-quoted string")]
    Quoting,
}

impl RepoPath {
    /// Takes a path as git has it, unquoted.
    ///
    /// # Errors
    ///
    /// The bytes could lead out of the repository, or are no path: see [`InvalidRepoPath`].
    pub fn from_bytes(bytes: impl Into<Box<[u8]>>) -> Result<Self, InvalidRepoPath> {
        let bytes = bytes.into();
        if bytes.is_empty() {
            return Err(InvalidRepoPath::Empty);
        }
        if bytes.contains(&0) {
            return Err(InvalidRepoPath::Nul);
        }
        if bytes[0] == b'/' {
            return Err(InvalidRepoPath::Absolute);
        }
        if bytes.split(|byte| *byte == b'/').any(|part| matches!(part, b"" | b"." | b"..")) {
            return Err(InvalidRepoPath::Part);
        }
        Ok(Self(bytes))
    }

    /// As git quotes it, whatever its bytes are.
    pub(crate) fn quoted(&self) -> String {
        quoting::quote(&self.0)
    }

    /// The bytes of the path, unquoted.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether the path is below a folder, which is named without a slash at its end.
    pub fn is_below(&self, folder: &str) -> bool {
        self.0.strip_prefix(folder.as_bytes()).is_some_and(|rest| rest.starts_with(b"/"))
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match std::str::from_utf8(&self.0) {
            Ok(text) if !text.starts_with('"') && !has_drive(&self.0) => f.write_str(text),
            _ => f.write_str(&quoting::quote(&self.0)),
        }
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RepoPath({self})")
    }
}

/// Reads the text that [`Display`](fmt::Display) writes.
impl FromStr for RepoPath {
    type Err = InvalidRepoPath;

    fn from_str(text: &str) -> Result<Self, InvalidRepoPath> {
        if text.starts_with('"') {
            return Self::from_bytes(quoting::unquote(text).ok_or(InvalidRepoPath::Quoting)?);
        }
        if has_drive(text.as_bytes()) {
            return Err(InvalidRepoPath::Absolute);
        }
        Self::from_bytes(text.as_bytes())
    }
}

impl Serialize for RepoPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RepoPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

fn has_drive(path: &[u8]) -> bool {
    matches!(path, [letter, b':', ..] if letter.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::plain(b"src/lib.rs", "src/lib.rs")]
    #[case::unicode("caf\u{e9}.rs".as_bytes(), "caf\u{e9}.rs")]
    #[case::newline(b"a\nb", "a\nb")]
    #[case::dash(b"-rf", "-rf")]
    #[case::quote(b"\"a", r#""\"a""#)]
    #[case::latin_1(b"caf\xe9\t\\", r#""caf\351\t\\""#)]
    #[case::drive(b"C:/x", r#""C:/x""#)]
    #[case::control(b"\xff\x01\x7f\n", r#""\377\001\177\n""#)]
    fn a_path_is_written_as_git_would(#[case] bytes: &[u8], #[case] text: &str) {
        assert_eq!(RepoPath::from_bytes(bytes).unwrap().to_string(), text);
    }

    #[rstest]
    #[case("", InvalidRepoPath::Empty)]
    #[case("/etc/passwd", InvalidRepoPath::Absolute)]
    #[case("C:/x", InvalidRepoPath::Absolute)]
    #[case("a/../b", InvalidRepoPath::Part)]
    #[case("./a", InvalidRepoPath::Part)]
    #[case("a//b", InvalidRepoPath::Part)]
    #[case("a/", InvalidRepoPath::Part)]
    #[case("a\0", InvalidRepoPath::Nul)]
    #[case("\"a", InvalidRepoPath::Quoting)]
    #[case("\"\\9\"", InvalidRepoPath::Quoting)]
    #[case("\"..\"", InvalidRepoPath::Part)]
    #[case("\"/x\"", InvalidRepoPath::Absolute)]
    fn what_leads_out_of_the_repository_is_refused(#[case] text: &str, #[case] expected: InvalidRepoPath) {
        assert_eq!(text.parse::<RepoPath>(), Err(expected));
    }

    #[test]
    fn below_a_folder_means_a_whole_part() {
        let path: RepoPath = "ai/x".parse().unwrap();
        assert!(path.is_below("ai"));
        assert!(!"aim/x".parse::<RepoPath>().unwrap().is_below("ai"));
        assert!(!"ai".parse::<RepoPath>().unwrap().is_below("ai"));
    }

    proptest! {
        #[test]
        fn every_path_reads_back_as_it_was_written(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(path) = RepoPath::from_bytes(bytes) {
                prop_assert_eq!(path.to_string().parse::<RepoPath>(), Ok(path.clone()));
                let json = serde_json::to_string(&path).unwrap();
                prop_assert_eq!(serde_json::from_str::<RepoPath>(&json).unwrap(), path);
            }
        }
    }
}
