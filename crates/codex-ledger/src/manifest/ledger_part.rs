//! [`LedgerPart`]: what the ledger itself adds to a manifest.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ClaimScope, Extra, FORMAT, RecordState, TokenCounts, TurnEntry};
use crate::values::TurnId;

/// What the ledger itself adds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct LedgerPart {
    /// The name and major version of the format, such as `turns-ledger/1`.
    pub format: String,
    /// The UUID of the record.
    pub uid: String,
    /// How it ended.
    pub state: RecordState,
    /// Why it ended so, where the state alone does not say it.
    pub reason: Option<String>,
    /// The program that wrote the record, `name@version`.
    pub tool: String,
    /// What is known of the agent.
    pub agent: AgentEntry,
    /// The claim on the number; `None` in a record that was imported.
    pub claim: Option<ClaimEntry>,
    /// All records that no other visible record named as parent at the time of the claim, sorted by number.
    pub parents: Vec<ParentLink>,
    /// The worktree before and after.
    pub trees: Trees,
    /// The stable patch id of the difference; `None` if nothing changed or nothing is known.
    pub patch_id: Option<String>,
    /// Every file of the record but `manifest.json`.
    pub artifacts: Vec<ArtifactFile>,
    /// Changed files whose content is binary.
    pub binary: Vec<String>,
    /// Changed submodules.
    pub submodules: Vec<String>,
    /// Changed symbolic links.
    pub symlinks: Vec<String>,
    /// The turns of the agent that the record holds.
    pub turns: Vec<TurnEntry>,
    /// The tokens of all of them.
    pub usage: TokenCounts,
    /// How long all of them took.
    pub elapsed_ms: Option<u64>,
    /// The coverage before and after.
    pub coverage: CoverageEntry,
    /// What was replaced in which file before it was written.
    pub redactions: Vec<RedactionCount>,
    /// What was too long to be kept whole.
    pub truncated: Vec<TruncatedFile>,
    /// Files of earlier records that this record removed.
    pub purged: Vec<PurgedFile>,
    /// What should not have happened.
    pub violations: Vec<Violation>,
    /// The decisions of the decision record, as far as any are stated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<DecisionEntry>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for LedgerPart {
    /// This version's format, state `interrupted`, and nothing known.
    fn default() -> Self {
        Self {
            format: FORMAT.to_owned(),
            uid: String::new(),
            state: RecordState::Interrupted,
            reason: None,
            tool: String::new(),
            agent: AgentEntry::default(),
            claim: None,
            parents: Vec::new(),
            trees: Trees::default(),
            patch_id: None,
            artifacts: Vec::new(),
            binary: Vec::new(),
            submodules: Vec::new(),
            symlinks: Vec::new(),
            turns: Vec::new(),
            usage: TokenCounts::default(),
            elapsed_ms: None,
            coverage: CoverageEntry::default(),
            redactions: Vec::new(),
            truncated: Vec::new(),
            purged: Vec::new(),
            violations: Vec::new(),
            decisions: Vec::new(),
            extra: Extra::new(),
        }
    }
}

/// A decision, as a list of decisions has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DecisionEntry {
    /// What it is called.
    pub title: String,
    /// `Proposed`, `Accepted` or `Deprecated`.
    pub status: String,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What is known of the agent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct AgentEntry {
    /// The model.
    pub model: Option<String>,
    /// The thread of the last turn.
    pub thread_id: Option<String>,
    /// The exit code of the last turn's process.
    pub exit_code: Option<i32>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The claim on the number of the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ClaimEntry {
    /// How far it reaches.
    pub scope: ClaimScope,
    /// The object that the claim's ref points at.
    pub oid: String,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A record before this one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ParentLink {
    /// Its number.
    pub turn_id: TurnId,
    /// Its UUID.
    pub uid: String,
    /// The SHA-256 of the bytes of its manifest.
    pub manifest_sha256: String,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The worktree before and after, without the ledger's folder.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Trees {
    /// The tree before.
    pub before: Option<String>,
    /// The tree after.
    pub after: Option<String>,
    /// Whether the worktree had changes of the user's before.
    pub dirty_before: Option<bool>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A file of the record.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ArtifactFile {
    /// Relative to the folder of the record.
    pub path: String,
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The coverage before and after.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct CoverageEntry {
    /// Percent in the record before that has the same kind.
    pub before: Option<f64>,
    /// Percent now.
    pub after: Option<f64>,
    /// What is counted: lines, branches and so on.
    pub kind: Option<String>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// How often a rule replaced something in a file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RedactionCount {
    /// The rule.
    pub rule: String,
    /// The file, relative to the folder of the record.
    pub path: String,
    /// How often.
    pub count: u64,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What was too long to be kept whole.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TruncatedFile {
    /// The file, relative to the folder of the record; or the key of a list of this manifest.
    pub path: String,
    /// How long it was.
    pub original_bytes: u64,
    /// The SHA-256 of all of it; `None` for a list.
    pub sha256: Option<String>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A file of an earlier record that this record removed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PurgedFile {
    /// The number of the earlier record.
    pub turn_id: TurnId,
    /// The file, relative to the folder of that record.
    pub path: String,
    /// The SHA-256 that it had.
    pub sha256: String,
    /// Why it was removed.
    pub reason: String,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Something that should not have happened.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Violation {
    /// A word for its kind, such as `ledger-touched`.
    pub kind: String,
    /// The file it is about, relative to the root of the project.
    pub path: Option<String>,
    /// One sentence.
    pub detail: String,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Violation {
    /// Takes a word for its kind and one sentence.
    #[must_use = "a violation is named by the record that it is given to"]
    pub fn new(kind: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { kind: kind.into(), path: None, detail: detail.into(), extra: Extra::new() }
    }

    /// Names the file that it is about, relative to the top of the worktree.
    #[must_use = "this returns the changed violation"]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }
}
