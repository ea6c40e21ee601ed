//! The parts of a manifest that say where a turn's results come from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Extra, RuleStatus};

/// Where the repository stood.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct GitState {
    /// The commit at HEAD before; `None` in a repository without one.
    pub head_before: Option<String>,
    /// The work commit, or HEAD where nothing is committed.
    pub head_after: Option<String>,
    /// The short name of the branch at the start; `None` where HEAD is detached.
    pub branch: Option<String>,
    /// The tag of the record; `None` where none is made.
    pub tag: Option<String>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// One task, and what it came to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct TaskEntry {
    /// Its name.
    pub task_id: String,
    /// The agent that worked on it.
    pub agent: Option<String>,
    /// Files that went in, relative to the root of the project.
    pub inputs: Vec<String>,
    /// Files that came out.
    pub outputs: Vec<OutputFile>,
    /// What was checked about it.
    pub validations: Vec<RuleResult>,
    /// The hashes of the files that went in, as they were then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub input_files: Vec<OutputFile>,
    /// Files that it deleted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deleted: Vec<String>,
    /// The tools that were used for it, by the event stream and by Codex's own file of the thread.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// The threads of the agents that its agent started.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sub_agents: Vec<String>,
    /// How it ended, in one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// Why it ended so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl OutputFile {
    /// A file with this hash.
    pub fn hashed(path: impl Into<String>, sha256: impl Into<String>) -> Self {
        Self { path: path.into(), sha256: Some(sha256.into()), extra: Extra::new() }
    }
}

impl RuleResult {
    /// What a rule came to.
    pub fn new(rule: impl Into<String>, status: RuleStatus) -> Self {
        Self { rule: rule.into(), status, details_path: None, extra: Extra::new() }
    }
}

/// A file of the project, and the hash of its bytes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OutputFile {
    /// Relative to the root of the project.
    pub path: String,
    /// The SHA-256 of the bytes of its blob (of a symbolic link: of its text); `None` for a submodule.
    pub sha256: Option<String>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What a rule about one task came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RuleResult {
    /// The rule.
    pub rule: String,
    /// What it came to.
    pub status: RuleStatus,
    /// Where to read more, relative to the folder of the record.
    pub details_path: Option<String>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Where the record comes from.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Provenance {
    /// `sha256:` and the hash of the prompt's bytes.
    pub prompt_hash: Option<String>,
    /// The programs and tools that took part.
    pub tools: Vec<String>,
    /// When the first turn began.
    pub started_at: Option<String>,
    /// When the last turn ended.
    pub finished_at: Option<String>,
    /// The application implementation pattern that was active.
    pub active_pattern_name: Option<String>,
    /// Where that pattern was read from.
    pub active_pattern_path: Option<String>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}
