//! [`CodexVersion`] and [`TestedRange`]: which release a binary is, and whether this crate was tested with it.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The releases that the tests of this workspace run with.
///
/// Older ones cannot be pointed at another address, open a new thread where one to resume is not found, and
/// tell the end of an interrupted turn otherwise; newer ones may print what is not yet understood. Within the
/// range the oldest lack two things: `fork`, and the switch that leaves the user's configuration unread.
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

    /// Says in words that a release lies outside, for a person to read; `None` where it does not.
    ///
    /// ```
    /// use codex_exec::{CodexVersion, TESTED};
    ///
    /// let warning = TESTED.warning(&CodexVersion::new(0, 45, 0)).unwrap();
    /// assert_eq!(warning, "codex 0.45.0 is older than the releases that this was tested with, 0.120.0 to 0.169.0");
    /// assert_eq!(TESTED.warning(&CodexVersion::new(0, 169, 0)), None);
    /// ```
    pub fn warning(&self, version: &CodexVersion) -> Option<String> {
        let relation = match self.position(version) {
            RangePosition::Below => "older",
            RangePosition::Within => return None,
            RangePosition::Above => "newer",
        };
        Some(format!("codex {version} is {relation} than the releases that this was tested with, {self}"))
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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::native("codex-cli 0.169.0\n", "0.169.0")]
    #[case::before_a_release("codex-cli 0.170.0-alpha.2", "0.170.0-alpha.2")]
    #[case::one_day("codex-cli 1.2.3 (abc)", "1.2.3")]
    fn what_codex_prints_is_a_version(#[case] printed: &str, #[case] version: &str) {
        assert_eq!(printed.parse::<CodexVersion>().unwrap().to_string(), version);
    }

    #[rstest]
    #[case::nothing("")]
    #[case::a_number_alone("0.169.0")]
    #[case::another_program("node v22.1.0")]
    #[case::two_numbers("codex-cli 0.169")]
    #[case::four_numbers("codex-cli 0.1.2.3")]
    #[case::words("codex-cli is great")]
    fn anything_else_is_none(#[case] printed: &str) {
        assert_eq!(printed.parse::<CodexVersion>(), Err(InvalidCodexVersion { text: printed.to_owned() }));
    }

    #[test]
    fn a_release_to_come_counts_as_the_release() {
        let soon = "codex-cli 0.169.0-alpha.1".parse().unwrap();
        assert_eq!(TESTED.position(&soon), RangePosition::Within);
    }
}
