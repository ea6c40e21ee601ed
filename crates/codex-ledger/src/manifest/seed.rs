//! The parts of a manifest that are as old as the format.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CheckStatus, Extra};

/// Who asked, and who worked.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Actor {
    /// The person or program that asked.
    pub initiator: String,
    /// The agent with its version, such as `codex@0.1.0`.
    pub agent: String,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TaskPart {
    /// The name of the task, exactly as it was given.
    pub name: String,
    /// Files that went in, relative to the root of the project.
    pub inputs: Vec<String>,
    /// Named values that went in.
    pub parameters: Extra,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The files of the record, relative to its folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ArtifactPaths {
    /// The change log.
    pub changelog: String,
    /// The decision record.
    pub adr: String,
    /// The difference; `None` if there is none, or if it is too long to keep.
    pub diff: Option<String>,
    /// The logs.
    pub logs: Vec<String>,
    /// The reports of tests and coverage.
    pub reports: Vec<String>,
    /// The values of the session context.
    pub session_context: Option<String>,
    /// The text of the project's files.
    pub project_files: Option<String>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for ArtifactPaths {
    /// Names the two files that every record has, and no other.
    fn default() -> Self {
        Self {
            changelog: "changelog.md".to_owned(),
            adr: "adr.md".to_owned(),
            diff: None,
            logs: Vec::new(),
            reports: Vec::new(),
            session_context: None,
            project_files: None,
            extra: Extra::new(),
        }
    }
}

/// The files of the project that changed, relative to its root, sorted bytewise; no renames, without the ledger's.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChangeLists {
    /// Files that were not there before.
    pub added: Vec<String>,
    /// Files with other bytes, another mode or another kind.
    pub modified: Vec<String>,
    /// Files that are gone.
    pub deleted: Vec<String>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Counts. What is not known is `None`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Metrics {
    /// How many files changed: the three lists together, also where these had to be cut.
    pub files_changed: Option<u64>,
    /// Lines added; binary files count none.
    pub lines_added: Option<u64>,
    /// Lines deleted; binary files count none.
    pub lines_deleted: Option<u64>,
    /// Tests that passed.
    pub tests_passed: Option<u64>,
    /// Tests that failed, those with errors included.
    pub tests_failed: Option<u64>,
    /// Percentage points of coverage more than in the record before.
    pub coverage_delta_pct: Option<f64>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What was checked.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Validation {
    /// Whether the decision record is there.
    pub adr_present: bool,
    /// Whether the change log is there.
    pub changelog_present: bool,
    /// What the linters came to.
    pub lint_status: CheckStatus,
    /// What the tests came to.
    pub tests_status: CheckStatus,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}
