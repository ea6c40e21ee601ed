//! [`Finding`]: one thing that a verification found.

mod finding_code;

use serde::Serialize;

pub use self::finding_code::FindingCode;
use crate::values::TurnId;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "each has an exit code of its own")]
pub enum Severity {
    /// Worth knowing, and nothing is wrong.
    Note,
    /// A turn is not recorded yet; recovery records it.
    Unfinished,
    /// The record is not what it was, or does not fit what git says.
    Error,
}

/// One thing that a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Finding {
    /// What was found.
    pub code: FindingCode,
    /// How much it matters.
    pub severity: Severity,
    /// The number of the record, where it is about one.
    pub turn_id: Option<TurnId>,
    /// The file relative to the top of the worktree, or the full name of a ref.
    pub path: String,
    /// One sentence.
    pub sentence: String,
}

impl Finding {
    /// Takes what was found, where, and one sentence; the code says how much it matters.
    pub(crate) fn new(code: FindingCode, path: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self { code, severity: code.severity(), turn_id: None, path: path.into(), sentence: sentence.into() }
    }

    /// Says which record it is about.
    pub(crate) fn of(mut self, turn_id: TurnId) -> Self {
        self.turn_id = Some(turn_id);
        self
    }
}
