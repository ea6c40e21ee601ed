//! Gets work done in a project with the Codex agent: contexts, pipelines and the agent's report.

mod context;
#[cfg(test)]
mod error_texts;
mod pipeline;
mod report;

pub use context::{
    ComputedValues, PatternContext, PipelineLimits, Problem, ProblemCode, ProjectContext, ProjectEntry,
    ResolvedContext, ResolvedValue, SessionContext, ValueKind, Variable, VariableForm,
};
pub use pipeline::{
    AgentCall, DomainSchema, InputState, ItemForm, PipelineFile, PipelineItem, PipelinePlan, PipelineRequest,
    PlannedPattern, PlannedTask, SourceFile, TaskInput, TaskMatch, TaskPrompt, TaskTarget, UsedVariable,
};
pub use report::{AgentReport, AgentReportError};

/// Keeps the example of the document true.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/pipelines.md")]
struct PipelinesDocument;
