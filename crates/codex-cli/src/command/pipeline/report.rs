//! [`PipelineReport`]: what is known of the tasks, as one JSON object for programs.

use codex_protocol::ThreadId;
use codex_turn::Spent;
use serde::Serialize;

use crate::exit_code::Code;
use crate::result_file::{RecordEntry, ResultObject, number};

/// What is known of the tasks, however they ended.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PipelineReport {
    /// The pipeline file; `null` where none was found.
    pub(super) pipeline: Option<String>,
    /// Why nothing ran; `null` where something did.
    pub(super) message: Option<String>,
    /// The tasks that were chosen, in their order.
    pub(super) tasks: Vec<TaskResult>,
    /// With which code `codex-turns` ended.
    #[serde(serialize_with = "number")]
    pub(super) exit_code: Code,
    /// The record; `null` where there is none.
    pub(super) record: Option<RecordEntry>,
    /// The version of `codex-turns`.
    pub(super) version: &'static str,
}

/// What is known of one task.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TaskResult {
    /// Its place in the pipeline, counted from 1.
    pub(super) position: usize,
    pub(super) task_id: String,
    /// `completed`, `failed`, `cancelled`, or `notRun`.
    pub(super) verdict: &'static str,
    /// Why it ended so.
    pub(super) reason: Option<String>,
    /// Whether an earlier process ran it.
    pub(super) earlier: bool,
    pub(super) thread_id: Option<ThreadId>,
    /// How many turns it took; not known of one that an earlier process ran.
    pub(super) turns: Option<usize>,
    /// What it used, its report left out.
    pub(super) spent: Option<Spent>,
}

impl PipelineReport {
    /// Nothing ran.
    pub(super) fn not_started(message: String, exit_code: Code) -> Self {
        Self {
            pipeline: None,
            message: Some(message),
            tasks: Vec::new(),
            exit_code,
            record: None,
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

impl ResultObject for PipelineReport {
    fn set_exit_code(&mut self, code: Code) {
        self.exit_code = code;
    }

    fn set_record(&mut self, record: RecordEntry) {
        self.record = Some(record);
    }
}
