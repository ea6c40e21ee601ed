//! Gets work done in a project with the Codex agent: settings, trust, recorded turns, contexts, pipelines and reports.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod causes;
mod checks;
mod context;
mod environment;
#[cfg(test)]
mod error_texts;
mod files_matching;
mod notice;
mod output;
mod pipeline;
mod project;
mod record;
mod report;
mod run;
mod runner_error;
mod runner_event;
#[cfg(any(test, feature = "samples"))]
pub mod samples;
mod settings;
mod trust;
mod work;

pub use environment::Environment;
pub use notice::ProjectNotice;
pub use output::{AgentFolders, StarterError, StarterFile, WholeFile, write_starter};
pub use project::{
    InstructionsFrom, LayerChoice, LayerQuestion, LayerState, Project, ProjectBuilder, ProjectKind,
    ProjectPlace, TOOL, TurnKind, start_ledger, trust_as_written, trust_subject,
};
pub use record::{
    LedgerUse, Need, RecordChoices, RecordOutcome, RecordedRun, RecordedTurn, RunDone, RunEnd, RunnerStream,
    TurnDone,
};
pub use run::StopHandle;
pub use runner_error::RunnerError;
pub use runner_event::RunnerEvent;

pub use checks::{CheckBoundary, Checked, ClosedGate, EndedCheck, RefusalKind, SandboxRefusal};

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
    TrustRecord, TrustStore, keep_store_from, layer_limits, trust_store,
};

pub use context::{
    ComputedValues, PatternContext, PipelineLimits, Problem, ProblemCode, ProjectContext, ProjectEntry,
    ResolvedContext, ResolvedValue, SessionContext, ValueKind, Variable, VariableForm,
};
pub use pipeline::{
    AccountEntry, AgentCall, ChosenTask, Continuation, DomainSchema, InputState, ItemForm, PipelineDone,
    PipelineDraft, PipelineFile, PipelineItem, PipelinePlan, PipelineRequest, PlannedPattern,
    PlannedPipeline, PlannedTask, RecordedPipeline, SourceFile, TaskInput, TaskMatch, TaskOutcome,
    TaskPrompt, TaskSelection, TaskTarget, TaskVerdict, UsedVariable, changed, sources,
};
pub use report::{AgentAccount, AgentReport, AgentReportError};

// What the signatures above name.
pub use codex_exec::{self, CancellationToken, Stream};
pub use codex_ledger::{self, Timestamp};
pub use {codex_protocol, codex_turn};

/// Keeps the example of the document true.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/pipelines.md")]
struct PipelinesDocument;

/// Compiles the example of the README of this crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
