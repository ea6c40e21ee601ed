//! [`GitMode`]: what the ledger does with git besides keeping a record.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Says what the ledger does with git besides keeping a record.
///
/// ```
/// use codex_ledger::GitMode;
///
/// assert_eq!(GitMode::default(), GitMode::Record);
/// assert_eq!("branch".parse(), Ok(GitMode::Branch));
/// assert!("Branch".parse::<GitMode>().is_err());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "a fourth mode would change the format of the record")]
pub enum GitMode {
    /// Nothing is committed; a ref of its own guards the record and the trees before and after.
    #[default]
    Record,
    /// The turn's changes are committed, the record in a commit on top, and that one is tagged.
    Commit,
    /// The same on a new branch `turn/N` that `HEAD` is moved to.
    Branch,
}

impl GitMode {
    /// Whether the turn's changes are committed.
    pub fn commits(self) -> bool {
        matches!(self, Self::Commit | Self::Branch)
    }

    /// The mode in one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Commit => "commit",
            Self::Branch => "branch",
        }
    }
}

impl fmt::Display for GitMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for GitMode {
    type Err = UnknownGitMode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Record, Self::Commit, Self::Branch]
            .into_iter()
            .find(|mode| mode.word() == text)
            .ok_or_else(|| UnknownGitMode { text: text.chars().take(40).collect() })
    }
}

/// Says that a word names no [`GitMode`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no mode: it is one of `record`, `commit` and `branch`")]
#[non_exhaustive]
pub struct UnknownGitMode {
    /// What was given, cut after 40 characters.
    pub text: String,
}
