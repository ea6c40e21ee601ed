//! Gets work done in a project with the Codex agent: settings, trust, recorded turns, contexts, pipelines and reports.

mod causes;
mod context;
mod environment;
#[cfg(test)]
mod error_texts;
mod files_matching;
mod notice;
mod pipeline;
mod project;
mod report;
mod runner_error;
#[cfg(any(test, feature = "samples"))]
pub mod samples;
mod settings;
mod trust;
mod work;

pub use environment::Environment;
pub use files_matching::{Matching, SearchLimits, files_matching, open_below};
pub use notice::Notice;
pub use project::{
    InstructionsFrom, LayerChoice, LayerQuestion, LayerState, Project, ProjectBuilder, ProjectKind,
    ProjectPlace, TOOL, TurnKind, layer_limits, start_ledger, trust_as_written, trust_subject,
};
pub use runner_error::RunnerError;

pub use settings::{
    Belief, CheckCommand, CheckSandbox, CheckSettings, ClaimReach, ClaimedSetting, Effect, FILE_NAME,
    LedgerSettings, LimitSettings, Origin, RedactSettings, RunSettings, Setting, SettingFlag, Settings,
    SettingsError, SettingsFile, ShownSetting, variable_name,
};
pub use work::{
    CheckChoices, CodexChoices, KeptSettings, OnFailure, PipelineWork, PushRecords, ReportSource, RunChecks,
    RunLimits, SettingChange, SettingSource, ThreadUse, TurnLimits, Work,
};

pub use trust::{
    Digest, FileList, FileRefused, NotADigest, TRUST_VARIABLE, TrustDecision, TrustError, TrustGiven,
    TrustRecord, TrustStore, keep_store_from, trust_store,
};

pub use context::{
    ComputedValues, PatternContext, PipelineLimits, Problem, ProblemCode, ProjectContext, ProjectEntry,
    ResolvedContext, ResolvedValue, SessionContext, ValueKind, Variable, VariableForm,
};
pub use pipeline::{
    AgentCall, ChosenTask, Continuation, DomainSchema, InputState, ItemForm, PipelineFile, PipelineItem,
    PipelinePlan, PipelineRequest, PlannedPattern, PlannedTask, SourceFile, TaskInput, TaskMatch, TaskPrompt,
    TaskSelection, TaskTarget, UsedVariable, changed, sources,
};
pub use report::{AgentReport, AgentReportError};

/// Keeps the example of the document true.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/pipelines.md")]
struct PipelinesDocument;
