//! [`CodexVersion`] and [`TestedRange`]: which release a binary is, and whether this crate was tested with it.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The releases that the tests of this workspace run with.
///
/// Older ones lack flags that an [`Invocation`](crate::Invocation) may use and do not kill the agent's
/// commands when they are interrupted; newer ones may print what is not yet understood.
///
/// ```
/// use codex_exec::{CodexVersion, RangePosition, TESTED};
///
/// assert_eq!(TESTED.to_string(), "0.120.0 to 0.169.0");
/// assert_eq!(TESTED.position(&CodexVersion::new(0, 142, 0)), RangePosition::Within);
/// assert_eq!(TESTED.position(&CodexVersion::new(0, 45, 0)), RangePosition::Below);
/// assert_eq!(TESTED.position(&CodexVersion::new(1, 0, 0)), RangePosition::Above);
/// ```
pub const TESTED: TestedRange =
    TestedRange { oldest: CodexVersion::new(0, 120, 0), newest: CodexVersion::new(0, 169, 0) };

/// Holds the number of a release.
///
/// ```
/// let version: codex_exec::CodexVersion = "codex-cli 0.169.0\n".parse()?;
/// assert_eq!(version.to_string(), "0.169.0");
/// assert!("node v22.1.0".parse::<codex_exec::CodexVersion>().is_err());
/// # Ok::<(), codex_exec::InvalidCodexVersion>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct CodexVersion {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub patch: u32,
    /// What follows after a dash, as in `0.170.0-alpha.2`.
    pub suffix: Option<Box<str>>,
}

/// Says that a text does not name a release of Codex.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text:?} is not a version of codex")]
#[non_exhaustive]
pub struct InvalidCodexVersion {
    /// The text.
    pub text: String,
}

/// Holds the oldest and the newest release of a range, both of them in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestedRange {
    /// The oldest.
    pub oldest: CodexVersion,
    /// The newest.
    pub newest: CodexVersion,
}

/// Says where a release lies, seen from a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no fourth place relative to a range")]
pub enum RangePosition {
    /// It is older than the oldest.
    Below,
    /// It is in the range.
    Within,
    /// It is newer than the newest.
    Above,
}

impl CodexVersion {
    /// Names a release by its three numbers.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch, suffix: None }
    }

    fn numbers(&self) -> (u32, u32, u32) {
        (self.major, self.minor, self.patch)
    }
}

impl TestedRange {
    /// Tells where a release lies. A pre-release counts as the release that it precedes.
    pub fn position(&self, version: &CodexVersion) -> RangePosition {
        if version.numbers() < self.oldest.numbers() {
            RangePosition::Below
        } else if version.numbers() > self.newest.numbers() {
            RangePosition::Above
        } else {
            RangePosition::Within
        }
    }
}

/// Reads what `codex --version` prints: `codex-cli` and the version.
impl FromStr for CodexVersion {
    type Err = InvalidCodexVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidCodexVersion { text: text.trim().chars().take(200).collect() };
        let mut words = text.split_whitespace();
        let name = words.next().ok_or_else(invalid)?;
        if !name.starts_with("codex") {
            return Err(invalid());
        }
        words.next().and_then(numbers).ok_or_else(invalid)
    }
}

fn numbers(word: &str) -> Option<CodexVersion> {
    let (numbers, suffix) = match word.split_once(['-', '+']) {
        Some((numbers, suffix)) => (numbers, Some(suffix)),
        None => (word, None),
    };
    let mut numbers = numbers.split('.').map(str::parse);
    let version = CodexVersion {
        major: numbers.next()?.ok()?,
        minor: numbers.next()?.ok()?,
        patch: numbers.next()?.ok()?,
        suffix: suffix.map(Into::into),
    };
    numbers.next().is_none().then_some(version)
}

impl fmt::Display for CodexVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        self.suffix.as_ref().map_or(Ok(()), |suffix| write!(f, "-{suffix}"))
    }
}

impl fmt::Display for TestedRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.oldest, self.newest)
    }
}
