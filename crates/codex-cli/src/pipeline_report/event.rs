//! [`PipelineEvent`]: what a pipeline tells programs in addition to the events of its runs.

use codex_ledger::TurnId;
use serde::Serialize;

use super::{PipelineReport, TaskResult};

/// What a pipeline tells programs; between `task_started` and `task_ended` stand the events of the task's run.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub(crate) enum PipelineEvent<'a> {
    /// The record is open.
    PipelineStarted {
        turn_id: TurnId,
        pattern: Option<&'a str>,
        /// Whether an earlier process had begun.
        resumed: bool,
        /// How many tasks were chosen.
        tasks: usize,
    },
    TaskStarted {
        position: usize,
        task_id: &'a str,
        title: &'a str,
    },
    TaskEnded(&'a TaskResult),
    /// The record is sealed, or is not, and everything is known.
    PipelineEnded(&'a PipelineReport),
}

impl PipelineEvent<'_> {
    /// One line.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("an event has only keys that are strings")
    }
}
