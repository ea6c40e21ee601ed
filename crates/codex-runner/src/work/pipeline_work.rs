//! [`PipelineWork`]: a pipeline and how its tasks are run.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use codex_turn::AutoRun;
use serde::{Deserialize, Serialize};

use super::Work;
use crate::pipeline::PipelineRequest;

/// A pipeline and how its tasks are run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct PipelineWork {
    /// What its turns are meant to do.
    pub work: Work,
    /// The pattern or its folder, instead of the one that the project context names.
    pub pattern: Option<String>,
    /// The pipeline file, relative to the pattern or the project.
    pub pipeline: Option<String>,
    /// Another folder that patterns are read from.
    pub pipelines: Option<PathBuf>,
    /// The session context, relative to the project.
    pub session_context: Option<String>,
    /// The project context, relative to the project.
    pub project_context: Option<String>,
    /// Whether the tasks share a thread.
    pub thread: ThreadUse,
    /// What becomes of the tasks after one that failed.
    pub on_failure: OnFailure,
    /// Commands that have to succeed before a task is done.
    pub until: Vec<String>,
    /// What one task may use up.
    pub limits: RunLimits,
}

/// Says whether tasks share a thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_enums, reason = "they share one or they do not")]
pub enum ThreadUse {
    /// Each task has a thread of its own: its prompt and the files have all that it needs to know.
    #[default]
    PerTask,
    /// All tasks are turns of one thread.
    Shared,
}

/// Says what becomes of the tasks after one that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_enums, reason = "they are run or they are not")]
pub enum OnFailure {
    /// They are not run.
    #[default]
    Stop,
    /// They are run.
    Continue,
}

/// What a run of turns may use up.
///
/// ```
/// let limits = codex_runner::RunLimits::default();
/// assert_eq!((limits.max_turns.get(), limits.retry, limits.stalled_turns.get()), (10, 3, 3));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct RunLimits {
    /// The most turns, repeated ones included.
    pub max_turns: NonZeroU32,
    /// The most tokens, input and output of all turns together.
    pub budget_tokens: Option<u64>,
    /// The most time, with every turn, check and wait in it.
    pub budget_time: Option<Duration>,
    /// How many times a failed turn is retried.
    pub retry: u32,
    /// The most turns in a row without progress.
    pub stalled_turns: NonZeroU32,
}

impl Default for RunLimits {
    fn default() -> Self {
        let number = |turns| NonZeroU32::new(turns).unwrap_or(NonZeroU32::MIN);
        Self {
            max_turns: number(AutoRun::MAX_TURNS),
            budget_tokens: None,
            budget_time: None,
            retry: 3,
            stalled_turns: number(AutoRun::STALLED_TURNS),
        }
    }
}

impl PipelineWork {
    /// Creates the work of the pipeline that a project names.
    pub fn new(work: Work) -> Self {
        Self { work, ..Self::default() }
    }

    /// Returns what is planned in a project with this top folder.
    pub fn request(&self, root: &Path) -> PipelineRequest {
        let mut request = PipelineRequest::new(root);
        if let Some(pattern) = &self.pattern {
            request = request.pattern(pattern);
        }
        if let Some(file) = &self.pipeline {
            request = request.pipeline_file(file);
        }
        if let Some(folder) = &self.pipelines {
            request = request.pipelines_from(folder);
        }
        if let Some(file) = &self.session_context {
            request = request.session_context(file);
        }
        match &self.project_context {
            Some(file) => request.project_context(file),
            None => request,
        }
    }
}
