//! [`PipelineRequest`]: which pipeline of which project is meant.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::plan::{PipelinePlan, PlannedTask, TaskInput};
use super::planner::Planner;
use super::task_inputs::TaskInputs;
use crate::context::{ComputedValues, PipelineLimits, ProjectFolders};

/// Says which pipeline of which project is meant; what is left out is found.
///
/// ```
/// use codex_runner::PipelineRequest;
///
/// let project = tempfile::tempdir()?;
/// let pattern = project.path().join("ai/context/application-implementation-patterns/crud");
/// std::fs::create_dir_all(pattern.join("tasks"))?;
/// let context = project.path().join("ai/context/project_context.md");
/// std::fs::write(&context, "# Project\n- Application Implementation Pattern: CRUD\n")?;
/// std::fs::write(pattern.join("task-pipeline.md"), "1. Create the model\n")?;
/// std::fs::write(pattern.join("tasks/TASK 01 - Create the model.task.md"), "# Model\n")?;
///
/// let plan = PipelineRequest::new(project.path()).plan();
/// assert!(plan.is_runnable(), "{:?}", plan.problems);
/// assert_eq!(plan.tasks[0].title, "Model");
///
/// std::fs::write(pattern.join("task-pipeline.md"), "1. Create the modle\n")?;
/// let plan = PipelineRequest::new(project.path()).plan();
/// assert!(plan.problems[0].to_string().ends_with(
///     "task-pipeline.md:1: no task file fits `Create the modle`; the nearest is `TASK 01 - Create the model.task.md`"
/// ));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is read until it is planned"]
pub struct PipelineRequest {
    pub(super) project: PathBuf,
    pub(super) pipelines: Option<PathBuf>,
    pub(super) session_context: Option<String>,
    pub(super) project_context: Option<String>,
    pub(super) pattern: Option<String>,
    pub(super) pipeline_file: Option<String>,
    pub(super) outer: BTreeMap<String, String>,
    pub(super) computed: ComputedValues,
    pub(super) limits: PipelineLimits,
}

impl PipelineRequest {
    /// Means the pipeline that the contexts of `project` name. Its folder's name is the value from outside of
    /// `TARGET_PROJECT`.
    pub fn new(project: impl Into<PathBuf>) -> Self {
        let project = project.into();
        let real = std::fs::canonicalize(&project).unwrap_or_else(|_| project.clone());
        let name = real.file_name().map(|name| name.to_string_lossy().into_owned());
        Self {
            project,
            pipelines: None,
            session_context: None,
            project_context: None,
            pattern: None,
            pipeline_file: None,
            outer: name.map(|name| ("TARGET_PROJECT".to_owned(), name)).into_iter().collect(),
            computed: ComputedValues::new(),
            limits: PipelineLimits::default(),
        }
    }

    /// Names the folder that patterns come from where it is not the project: `AGENTIC_PIPELINE_PROJECT`.
    pub fn pipelines_from(mut self, folder: impl Into<PathBuf>) -> Self {
        self.pipelines = Some(folder.into());
        self
    }

    /// Names the session context, relative to the project.
    pub fn session_context(mut self, path: impl Into<String>) -> Self {
        self.session_context = Some(path.into());
        self
    }

    /// Names the project context, relative to the project.
    pub fn project_context(mut self, path: impl Into<String>) -> Self {
        self.project_context = Some(path.into());
        self
    }

    /// Names the pattern or its folder.
    pub fn pattern(mut self, name: impl Into<String>) -> Self {
        self.pattern = Some(name.into());
        self
    }

    /// Names the pipeline file, relative to the pattern or the project.
    pub fn pipeline_file(mut self, path: impl Into<String>) -> Self {
        self.pipeline_file = Some(path.into());
        self
    }

    /// Gives a value from outside, which is used where no context defines the name, and where a variable refers to
    /// itself.
    pub fn outer(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.outer.insert(name.into(), value.into());
        self
    }

    /// Gives what is known of the turn by now.
    pub fn computed(mut self, values: ComputedValues) -> Self {
        self.computed = values;
        self
    }

    /// Sets the limits.
    pub fn limits(mut self, limits: PipelineLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Reads contexts, pattern and pipeline, and resolves every item. Nothing is run and nothing is written; whatever is
    /// wrong is a problem of the plan.
    pub fn plan(&self) -> PipelinePlan {
        Planner::new(self).plan()
    }

    /// Looks for the inputs of a task again, with the values that `plan` has by now: an earlier task may have written
    /// them. Nothing is found if the project cannot be read any more.
    pub fn inputs(&self, plan: &PipelinePlan, task: &PlannedTask) -> Vec<TaskInput> {
        let Ok(folders) = ProjectFolders::open(&self.project, self.pipelines.as_deref()) else {
            return Vec::new();
        };
        let folders = plan.context.with_aliases(folders);
        TaskInputs::of(&folders, &plan.context, &self.limits).find(task)
    }
}
