//! [`PlannedPipeline`]: a pipeline whose plan stands, and which of its tasks are run.

use std::collections::BTreeMap;

use codex_ledger::TurnId;
use codex_turn::Codex;
use serde_json::Value;

use super::RecordedPipeline;
use crate::context::ProblemCode;
use crate::pipeline::{
    ChosenTask, Continuation, PipelinePlan, PipelineRequest, TaskSelection, TaskTarget, changed,
};
use crate::project::Project;
use crate::runner_error::RunnerError;
use crate::work::PipelineWork;

/// A pipeline of a project, before it is planned; made by [`Project::pipeline`].
#[derive(Debug)]
#[must_use = "a draft does nothing until it is planned"]
pub struct PipelineDraft<'p> {
    project: &'p Project,
    work: PipelineWork,
    from: Option<String>,
    only: Option<String>,
    caller: Value,
}

/// A pipeline whose plan stands, and which of its tasks are run.
#[derive(Debug)]
#[must_use = "a plan does nothing until it is run"]
pub struct PlannedPipeline {
    pub(crate) project: Project,
    pub(crate) work: PipelineWork,
    pub(crate) request: PipelineRequest,
    pub(crate) plan: PipelinePlan,
    pub(crate) selection: TaskSelection,
    /// The record that is resumed.
    pub(crate) resumed: Option<TurnId>,
    pub(crate) caller: Value,
    changed: Vec<String>,
}

impl Project {
    /// Describes a pipeline that is run in this project.
    pub fn pipeline(&self, work: PipelineWork) -> PipelineDraft<'_> {
        PipelineDraft { project: self, work, from: None, only: None, caller: Value::Null }
    }

    /// Finds what the journal keeps of a pipeline that was cut off.
    ///
    /// # Errors
    ///
    /// No pipeline waits under this number.
    pub fn continuation(&self, turn_id: TurnId) -> Result<Continuation, RunnerError> {
        let ledger = self.open_ledger(None).map_err(RunnerError::Ledger)?;
        Continuation::find(&ledger.waiting().map_err(RunnerError::Ledger)?, turn_id)
    }

    /// Plans a pipeline that was cut off as it was meant when it began.
    ///
    /// # Errors
    ///
    /// No pipeline waits under this number; a setting or a task has changed since; or the plan has problems.
    pub fn resume(&self, turn_id: TurnId) -> Result<PlannedPipeline, RunnerError> {
        let Continuation { work, tasks, sources, caller } = self.continuation(turn_id)?;
        let kept = &work.work.settings;
        let project = self.said().restate(kept).open()?;
        kept.must_hold(project.settings(), turn_id)?;
        project.plan_again(work, &tasks, &sources, turn_id).map(|planned| planned.caller(caller))
    }

    /// Plans again what a pipeline did that was cut off.
    ///
    /// # Errors
    ///
    /// A task has changed since, or the plan has problems.
    pub fn plan_again(
        &self,
        work: PipelineWork,
        tasks: &[ChosenTask],
        sources: &BTreeMap<String, String>,
        turn_id: TurnId,
    ) -> Result<PlannedPipeline, RunnerError> {
        let (request, plan) = planned(self, &work)?;
        let selection = TaskSelection::again(&plan, tasks)
            .map_err(|sentence| RunnerError::TaskChanged { turn_id, sentence })?;
        let changed = changed(sources, &plan).into_iter().map(str::to_owned).collect();
        Ok(PlannedPipeline {
            project: self.clone(),
            work,
            request,
            plan,
            selection,
            resumed: Some(turn_id),
            caller: Value::Null,
            changed,
        })
    }
}

impl PipelineDraft<'_> {
    /// Begins with this task: its position, file name or title.
    pub fn from(mut self, task: impl Into<String>) -> Self {
        self.from = Some(task.into());
        self
    }

    /// Runs this task alone.
    pub fn only(mut self, task: impl Into<String>) -> Self {
        self.only = Some(task.into());
        self
    }

    /// Keeps a value of the caller in the journal, for the caller that resumes the pipeline.
    pub fn caller(mut self, value: Value) -> Self {
        self.caller = value;
        self
    }

    /// Plans the tasks.
    ///
    /// # Errors
    ///
    /// The plan has problems, there is no such task, or an input of the first one is missing. Nothing was written.
    pub fn plan(self) -> Result<PlannedPipeline, RunnerError> {
        let Self { project, work, from, only, caller } = self;
        let (request, plan) = planned(project, &work)?;
        let selection = TaskSelection::of(&plan, from.as_deref(), only.as_deref())
            .map_err(|problem| RunnerError::Plan { problems: vec![problem] })?;
        if let Some((task, input)) = selection.missing(&plan) {
            let file = match &task.target {
                TaskTarget::File { file, .. } => file.path.clone(),
                TaskTarget::Agent(_) => task.id.clone(),
            };
            return Err(RunnerError::MissingInput { file, line: input.line, path: input.path.clone() });
        }
        Ok(PlannedPipeline {
            project: project.clone(),
            work,
            request,
            plan,
            selection,
            resumed: None,
            caller,
            changed: Vec::new(),
        })
    }
}

impl PlannedPipeline {
    /// Returns what the record calls it.
    pub fn name(&self) -> String {
        let name = self.plan.pattern.as_ref().map_or("without a pattern", |pattern| pattern.name.as_str());
        format!("pipeline {name}")
    }

    /// Returns the project.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// Returns what is meant.
    pub fn work(&self) -> &PipelineWork {
        &self.work
    }

    /// Returns the plan.
    pub fn plan(&self) -> &PipelinePlan {
        &self.plan
    }

    /// Returns how many tasks are run.
    pub fn tasks(&self) -> usize {
        self.selection.tasks(&self.plan).count()
    }

    /// Returns the warnings of the plan. That an input is missing is known by itself when its task comes, and most often not so
    /// then.
    pub fn warnings(&self) -> Vec<String> {
        let warnings = self.plan.warnings.iter().filter(|warning| warning.code != ProblemCode::MissingInput);
        warnings.map(ToString::to_string).collect()
    }

    /// Returns the files that are not what they were when a pipeline that is resumed began, those of the tasks left out.
    pub fn changed(&self) -> &[String] {
        &self.changed
    }

    /// Returns the record that is resumed.
    pub fn resumed(&self) -> Option<TurnId> {
        self.resumed
    }

    /// Keeps a value of the caller in the journal.
    pub fn caller(mut self, value: Value) -> Self {
        self.caller = value;
        self
    }

    /// Describes the run of the tasks, whose turns are made by this Codex.
    pub fn run(self, codex: &Codex) -> RecordedPipeline {
        RecordedPipeline::new(self, codex.clone())
    }
}

fn planned(project: &Project, work: &PipelineWork) -> Result<(PipelineRequest, PipelinePlan), RunnerError> {
    let request = work.request(project.root());
    let plan = request.plan();
    if plan.is_runnable() { Ok((request, plan)) } else { Err(RunnerError::Plan { problems: plan.problems }) }
}
