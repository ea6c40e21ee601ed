//! What the record of a turn says, as `manifest.json` has it.
//!
//! Begin with [`Manifest`]. A [`ManifestFile`] is one as it was read, its [`LedgerPart`] is what proves it, and
//! [`manifest_schema`] gives its JSON Schema.

mod evidence;
mod ledger_part;
mod manifest_file;
mod schema;
mod seed;
mod turn_entry;
mod words;

pub use self::evidence::{GitState, OutputFile, Provenance, RuleResult, TaskEntry};
pub use self::ledger_part::{
    AgentEntry, ArtifactFile, ClaimEntry, CoverageEntry, DecisionEntry, LedgerPart, ParentLink, PurgedFile,
    RedactionCount, Trees, TruncatedFile, Violation,
};
pub use self::manifest_file::{FORMAT, ManifestError, ManifestFile};
pub use self::schema::{manifest_schema, manifest_schema_text};
pub use self::seed::{Actor, ArtifactPaths, ChangeLists, Metrics, TaskPart, Validation};
pub use self::turn_entry::{ExitEntry, TokenCounts, TurnEntry, TurnTokens};
pub use self::words::{CheckStatus, ClaimScope, RecordState, RuleStatus, TokenSource};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::values::TurnId;

/// Keys that this version does not know, kept as they were read.
pub type Extra = serde_json::Map<String, Value>;

/// The record of one turn: what was asked, what ran, what changed, what it cost and how it ended.
///
/// The fields stand in the order in which they are written. Unknown is `None`, never zero. The first eight are the
/// whole of a manifest that another program wrote in the format's oldest form; the others are then `None` or empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Manifest {
    /// The number of the record.
    pub turn_id: TurnId,
    /// When the turn began: the time of the claim, `YYYY-MM-DDTHH:MM:SSZ`.
    pub timestamp_utc: String,
    /// Who asked, and who worked.
    pub actor: Actor,
    /// What was asked.
    pub task: TaskPart,
    /// The files of the record, relative to its folder.
    pub artifacts: ArtifactPaths,
    /// The files of the project that changed, relative to its root.
    pub changes: ChangeLists,
    /// Counts.
    pub metrics: Metrics,
    /// What was checked.
    pub validation: Validation,
    /// Where the repository stood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git: Option<GitState>,
    /// The tasks of the turn, with the tools and agents that worked on them.
    #[serde(default)]
    pub tasks: Vec<TaskEntry>,
    /// Where the record comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Provenance>,
    /// Every file that was added or modified, with the hash of its bytes in the tree after.
    #[serde(default)]
    pub outputs: Vec<OutputFile>,
    /// What the ledger itself adds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<LedgerPart>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Manifest {
    /// Makes one that knows nothing but its number and its time, with every part there.
    pub fn new(turn_id: TurnId, timestamp_utc: impl Into<String>) -> Self {
        Self {
            turn_id,
            timestamp_utc: timestamp_utc.into(),
            actor: Actor::default(),
            task: TaskPart::default(),
            artifacts: ArtifactPaths::default(),
            changes: ChangeLists::default(),
            metrics: Metrics::default(),
            validation: Validation::default(),
            git: Some(GitState::default()),
            tasks: Vec::new(),
            provenance: Some(Provenance::default()),
            outputs: Vec::new(),
            ledger: Some(LedgerPart::default()),
            extra: Extra::new(),
        }
    }
}

#[cfg(test)]
mod tests;
