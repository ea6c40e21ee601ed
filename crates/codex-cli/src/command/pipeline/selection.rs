//! [`Selection`]: which tasks of a plan are run.

use codex_runner::{InputState, PipelinePlan, PlannedTask, Problem, TaskInput, TaskTarget};
use serde::{Deserialize, Serialize};

/// The positions of the tasks that are run, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selection(Vec<usize>);

/// A task that is run, as it was when the pipeline began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ChosenTask {
    pub(super) position: usize,
    pub(super) id: String,
    /// The SHA-256 of its file; a call of an agent has none.
    pub(super) sha256: Option<String>,
}

impl Selection {
    /// Chooses all tasks, those from one on, or one.
    ///
    /// # Errors
    ///
    /// There is no such task, or more than one.
    pub(super) fn of(plan: &PipelinePlan, from: Option<&str>, only: Option<&str>) -> Result<Self, Problem> {
        let first = from.or(only).map(|name| plan.task(name)).transpose()?.map_or(1, |task| task.position);
        let last = if only.is_some() { first } else { plan.tasks.len() };
        Ok(Self((first..=last).collect()))
    }

    /// Chooses what was chosen before.
    ///
    /// # Errors
    ///
    /// The sentence names a task that is not what it was.
    pub(super) fn again(plan: &PipelinePlan, before: &[ChosenTask]) -> Result<Self, String> {
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

    /// The tasks.
    pub(super) fn tasks<'p>(&'p self, plan: &'p PipelinePlan) -> impl Iterator<Item = &'p PlannedTask> {
        self.0.iter().filter_map(|position| plan.tasks.get(position.wrapping_sub(1)))
    }

    /// The tasks as they are now.
    pub(super) fn chosen(&self, plan: &PipelinePlan) -> Vec<ChosenTask> {
        self.tasks(plan).map(ChosenTask::of).collect()
    }

    /// An input of the first task that is not there: nobody can write it any more before it is needed.
    pub(super) fn missing<'p>(&self, plan: &'p PipelinePlan) -> Option<(&'p PlannedTask, &'p TaskInput)> {
        let first = self.0.first().and_then(|position| plan.tasks.get(position.wrapping_sub(1)))?;
        let input = first.inputs.iter().find(|input| input.state == InputState::Missing)?;
        Some((first, input))
    }
}

impl ChosenTask {
    fn of(task: &PlannedTask) -> Self {
        let sha256 = match &task.target {
            TaskTarget::File { file, .. } => Some(file.sha256.clone()),
            TaskTarget::Agent(_) | _ => None,
        };
        Self { position: task.position, id: task.id.clone(), sha256 }
    }
}
