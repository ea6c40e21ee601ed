//! Pipelines: the tasks of a pattern, found and resolved before any of them runs. Nothing here starts a process.

mod agent_call;
mod continuation;
mod domain_schemas;
mod find_pattern;
mod find_task;
mod pipeline_file;
mod plan;
mod planner;
mod request;
mod run;
mod task_inputs;
mod task_names;
mod task_prompt;
mod task_selection;

pub use agent_call::AgentCall;
pub use continuation::{Continuation, changed, sources};
pub use pipeline_file::{ItemForm, PipelineFile, PipelineItem};
pub use plan::{
    DomainSchema, InputState, PipelinePlan, PlannedPattern, PlannedTask, SourceFile, TaskInput, TaskMatch,
    TaskTarget, UsedVariable,
};
pub use request::PipelineRequest;
pub use run::{
    AccountEntry, PipelineDone, PipelineDraft, PlannedPipeline, RecordedPipeline, TaskOutcome, TaskVerdict,
};
pub use task_prompt::TaskPrompt;
pub use task_selection::{ChosenTask, TaskSelection};
