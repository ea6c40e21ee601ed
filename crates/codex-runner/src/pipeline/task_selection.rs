//! [`TaskSelection`]: the tasks of a plan that are run.

use serde::{Deserialize, Serialize};

use super::plan::{InputState, PipelinePlan, PlannedTask, TaskInput, TaskTarget};
use crate::context::Problem;

/// The positions of the tasks that are run, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskSelection(Vec<usize>);

/// A task that is run, as it was when the pipeline began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChosenTask {
    /// Its position in the plan, counted from 1.
    pub position: usize,
    /// Its id.
    pub id: String,
    /// The SHA-256 of its file; a call of an agent has none.
    pub sha256: Option<String>,
}

impl TaskSelection {
    /// Chooses all tasks, those from one on, or one.
    ///
    /// # Errors
    ///
    /// There is no such task, or more than one.
    pub fn of(plan: &PipelinePlan, from: Option<&str>, only: Option<&str>) -> Result<Self, Problem> {
        let first = from.or(only).map(|name| plan.task(name)).transpose()?.map_or(1, |task| task.position);
        let last = if only.is_some() { first } else { plan.tasks.len() };
        Ok(Self((first..=last).collect()))
    }

    /// Chooses what was chosen before.
    ///
    /// # Errors
    ///
    /// The sentence names a task that is not what it was.
    pub fn again(plan: &PipelinePlan, before: &[ChosenTask]) -> Result<Self, String> {
        for chosen in before {
            let now = plan.tasks.get(chosen.position.wrapping_sub(1)).map(ChosenTask::of);
            if now.as_ref() != Some(chosen) {
                return Err(format!(
                    "task {} ({}) is not what it was when the pipeline began",
                    chosen.position, chosen.id
                ));
            }
        }
        Ok(Self(before.iter().map(|chosen| chosen.position).collect()))
    }

    /// Returns the tasks.
    pub fn tasks<'p>(&'p self, plan: &'p PipelinePlan) -> impl Iterator<Item = &'p PlannedTask> {
        self.0.iter().filter_map(|position| plan.tasks.get(position.wrapping_sub(1)))
    }

    /// Returns the tasks as they are now.
    pub fn chosen(&self, plan: &PipelinePlan) -> Vec<ChosenTask> {
        self.tasks(plan).map(ChosenTask::of).collect()
    }

    /// Returns an input of the first task that is missing: no task before it can write it.
    pub fn missing<'p>(&self, plan: &'p PipelinePlan) -> Option<(&'p PlannedTask, &'p TaskInput)> {
        let first = self.0.first().and_then(|position| plan.tasks.get(position.wrapping_sub(1)))?;
        let input = first.inputs.iter().find(|input| input.state == InputState::Missing)?;
        Some((first, input))
    }
}

impl ChosenTask {
    fn of(task: &PlannedTask) -> Self {
        let sha256 = match &task.target {
            TaskTarget::File { file, .. } => Some(file.sha256.clone()),
            TaskTarget::Agent(_) => None,
        };
        Self { position: task.position, id: task.id.clone(), sha256 }
    }
}
