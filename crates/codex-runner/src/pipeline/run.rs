//! Pipelines that run: their tasks one after the other, in one record.

mod past_tasks;
mod planned_pipeline;
mod recorded_pipeline;
mod task_accounts;
mod task_outcome;
mod task_run;

pub use planned_pipeline::{PipelineDraft, PlannedPipeline};
pub use recorded_pipeline::{PipelineDone, RecordedPipeline};
pub use task_outcome::{AccountEntry, TaskOutcome, TaskVerdict};
