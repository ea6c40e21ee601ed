//! The entries of a journal: everything that sealing a record needs, so that it can be begun again.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::times;
use crate::git::{LargeFile, RuleFile, Rules};
use crate::manifest::{
    CheckStatus, ClaimEntry, CoverageEntry, ParentLink, PurgedFile, RecordState, TaskEntry, TurnEntry,
    Violation,
};
use crate::record::git_mode::GitMode;
use crate::record::task_span::{TaskBegin, TaskEnd};
use crate::record::turn_begin::TurnPurpose;
use crate::record::turn_header::{Pattern, TaskHeader, TurnHeader};
use crate::texts::{AdrText, ContextValue};
use crate::values::TurnId;

/// The header of the record, as it was given.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct HeaderEntry {
    pub(crate) task: TaskHeader,
    pub(crate) initiator: Option<String>,
    pub(crate) agent: String,
    pub(crate) model: Option<String>,
    pub(crate) git_mode: GitMode,
    pub(crate) context: Vec<ContextValue>,
    pub(crate) tool: String,
    pub(crate) pattern: Option<Pattern>,
    /// What the caller needs to go on with the record.
    #[serde(default)]
    pub(crate) continuation: Option<Value>,
}

impl From<TurnHeader> for HeaderEntry {
    fn from(header: TurnHeader) -> Self {
        let TurnHeader { task, initiator, agent, model, git_mode, context, tool, pattern, continuation } =
            header;
        Self { task, initiator, agent, model, git_mode, context, tool, pattern, continuation }
    }
}

/// Before a number is claimed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Intent {
    pub(crate) uid: String,
    pub(crate) header: HeaderEntry,
    pub(crate) parents: Vec<ParentLink>,
    /// The claim is above this number, if there is one.
    pub(crate) above: u64,
}

/// Before the first turn starts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OpenedEntry {
    pub(crate) uid: String,
    pub(crate) turn_id: TurnId,
    #[serde(with = "times")]
    pub(crate) started: Timestamp,
    pub(crate) claim: ClaimEntry,
    pub(crate) header: HeaderEntry,
    pub(crate) parents: Vec<ParentLink>,
    pub(crate) before: Option<StateBefore>,
}

/// The worktree and the repository before; unknown where only the claim is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StateBefore {
    /// The commit at HEAD, if there is one.
    pub(crate) head: Option<String>,
    /// The short name of the branch at HEAD, unless HEAD is detached.
    pub(crate) branch: Option<String>,
    /// The worktree without the ledger.
    pub(crate) tree: String,
    pub(crate) dirty: bool,
    /// Files with ignore rules that the tree does not have, since they are ignored themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) ignored_rules: Vec<RuleFile>,
    /// Files that were too long for the tree.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) too_large: Vec<LargeFile>,
}

impl StateBefore {
    /// The rules by which the worktree is looked at again.
    pub(crate) fn rules(&self) -> Option<Rules> {
        Some(Rules::new(self.tree.parse().ok()?, self.ignored_rules.clone()))
    }
}

/// Before the first line of a Codex turn.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BeginEntry {
    #[serde(with = "times")]
    pub(crate) at: Timestamp,
    pub(crate) prompt: String,
    pub(crate) model: Option<String>,
    pub(crate) sandbox: Option<String>,
    pub(crate) resumed: Option<String>,
    #[serde(default)]
    pub(crate) purpose: TurnPurpose,
    /// The task that it belongs to, counted from 1.
    #[serde(default)]
    pub(crate) task: Option<u32>,
}

/// After the last line of a Codex turn.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct EndEntry {
    #[serde(with = "times")]
    pub(crate) at: Timestamp,
    /// The turn as the manifest has it.
    pub(crate) turn: TurnEntry,
    /// The model, as Codex's own file of the thread has it.
    #[serde(default)]
    pub(crate) model: Option<String>,
    /// Codex's own file of the thread.
    pub(crate) rollout_path: Option<PathBuf>,
    /// What Codex said about its failure.
    pub(crate) failure: Option<String>,
    /// The timeline.
    pub(crate) timeline: String,
    /// The tools that the agent used.
    pub(crate) tools: Vec<String>,
    /// The threads of the agents that it started.
    #[serde(default)]
    pub(crate) sub_agents: Vec<String>,
    /// What the agent said about its reasons.
    pub(crate) rationale: Vec<String>,
    /// What the lines say and Codex's own file of the thread does not have.
    #[serde(default)]
    pub(crate) unconfirmed: Vec<String>,
}

/// Before the first turn of a task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TaskBeginEntry {
    #[serde(with = "times")]
    pub(crate) at: Timestamp,
    pub(crate) task: TaskBegin,
    /// The worktree without the ledger, where it could be looked at.
    pub(crate) tree: Option<String>,
}

/// After the last turn of a task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TaskEndEntry {
    #[serde(with = "times")]
    pub(crate) at: Timestamp,
    pub(crate) end: TaskEnd,
    /// The worktree without the ledger, where it could be looked at.
    pub(crate) tree: Option<String>,
}

/// One task of the record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TaskSpan {
    pub(crate) begin: TaskBeginEntry,
    /// Nothing where nobody saw the end.
    pub(crate) end: Option<TaskEndEntry>,
}

/// One Codex turn of the record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TurnPart {
    pub(crate) begin: BeginEntry,
    /// Nothing where nobody saw the end.
    pub(crate) end: Option<EndEntry>,
}

/// When everything about the record is observed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RanEntry {
    #[serde(with = "times")]
    pub(crate) finished: Timestamp,
    pub(crate) state: RecordState,
    pub(crate) reason: Option<String>,
    pub(crate) turns: Vec<TurnPart>,
    /// The worktree without the ledger, where it can be said to be the turn's.
    pub(crate) tree_after: Option<String>,
    /// The commit at HEAD.
    pub(crate) head_after: Option<String>,
    pub(crate) checks: CheckEntries,
    pub(crate) tasks: Vec<TaskEntry>,
    /// The tasks that were begun in the log.
    #[serde(default)]
    pub(crate) spans: Vec<TaskSpan>,
    /// The values of the contexts, where more is known of them than at the beginning.
    #[serde(default)]
    pub(crate) context: Option<Vec<ContextValue>>,
    pub(crate) tools: Vec<String>,
    pub(crate) statement_of_work: Option<String>,
    pub(crate) adr: Option<AdrText>,
    /// What is to be said of these two.
    #[serde(default)]
    pub(crate) report_notes: Vec<String>,
    pub(crate) project_files: Option<String>,
    /// Whether the record holds the changed files as a document, where nobody has given one.
    #[serde(default)]
    pub(crate) lists_changed_files: bool,
    pub(crate) purged: Vec<PurgedFile>,
    pub(crate) violations: Vec<Violation>,
}

/// What the checks came to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct CheckEntries {
    pub(crate) tests: CheckStatus,
    pub(crate) lint: CheckStatus,
    pub(crate) tests_passed: Option<u64>,
    pub(crate) tests_failed: Option<u64>,
    pub(crate) coverage: CoverageEntry,
    pub(crate) coverage_delta: Option<f64>,
    /// The text of `reports/tests.xml`.
    pub(crate) tests_report: Option<String>,
    /// The text of `reports/coverage.json`.
    pub(crate) coverage_report: Option<String>,
}

/// A commit that is made and may not be on its branch yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CommitEntry {
    pub(crate) oid: String,
}
