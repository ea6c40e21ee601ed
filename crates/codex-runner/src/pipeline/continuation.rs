//! [`Continuation`]: what the journal of a record keeps, so that its pipeline can be resumed after a crash.

use std::collections::BTreeMap;

use codex_ledger::TurnId;
use codex_ledger::record::Waiting;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::plan::{PipelinePlan, SourceFile};
use super::task_selection::ChosenTask;
use crate::runner_error::RunnerError;
use crate::work::PipelineWork;

/// What the journal of a record keeps, so that its pipeline can be resumed after a crash.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Continuation {
    /// What was meant.
    pub work: PipelineWork,
    /// The tasks that are run, as they were when the pipeline began.
    pub tasks: Vec<ChosenTask>,
    /// The SHA-256 of each file that the prompts are made of, other than those of the tasks.
    #[serde(default)]
    pub sources: BTreeMap<String, String>,
    /// What the program that started the pipeline keeps of its own.
    #[serde(default)]
    pub caller: Value,
}

impl Continuation {
    /// Keeps a pipeline with these tasks and this plan.
    pub fn new(work: PipelineWork, tasks: Vec<ChosenTask>, plan: &PipelinePlan, caller: Value) -> Self {
        let sources = sources(plan).map(|file| (file.path.clone(), file.sha256.clone())).collect();
        Self { work, tasks, sources, caller }
    }

    /// Finds what the record of a pipeline keeps.
    ///
    /// # Errors
    ///
    /// The record does not wait, or is not one of a pipeline.
    pub fn find(waiting: &[Waiting], turn_id: TurnId) -> Result<Self, RunnerError> {
        let found = waiting.iter().find(|waiting| waiting.turn_id == turn_id);
        let kept = found.and_then(|waiting| serde_json::from_value(waiting.continuation.clone()).ok());
        kept.ok_or(RunnerError::NotWaiting { turn_id })
    }

    /// Returns the files that are not what they were when the pipeline began, those of the tasks left out.
    pub fn changed(&self, plan: &PipelinePlan) -> Vec<&str> {
        changed(&self.sources, plan)
    }
}

/// Returns the files of `before`, by path and SHA-256, that a plan does not have as they were.
pub fn changed<'a>(before: &'a BTreeMap<String, String>, plan: &PipelinePlan) -> Vec<&'a str> {
    let now: BTreeMap<&str, &str> =
        sources(plan).map(|file| (file.path.as_str(), file.sha256.as_str())).collect();
    let is_other = |(path, hash): &(&String, &String)| now.get(path.as_str()) != Some(&hash.as_str());
    before.iter().filter(is_other).map(|(path, _)| path.as_str()).collect()
}

/// Returns the files that the prompts of a plan are made of, other than those of the tasks.
pub fn sources(plan: &PipelinePlan) -> impl Iterator<Item = &SourceFile> {
    let contexts = [&plan.session_context, &plan.project_context, &plan.pipeline].into_iter().flatten();
    let pattern = plan.pattern.as_ref().and_then(|pattern| pattern.context.as_ref());
    contexts.chain(pattern).chain(plan.schemas.iter().map(|schema| &schema.file))
}
