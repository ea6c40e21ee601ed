//! [`PipelineReport`]: what is known of the tasks, as one JSON object for programs.

mod event;

use codex_protocol::ThreadId;
use codex_runner::TaskOutcome;
use codex_turn::Spent;
use serde::Serialize;

use crate::exit_code::Code;
use crate::result_file::{RecordEntry, ResultObject, number};

pub(crate) use event::PipelineEvent;

/// What is known of the tasks, however they ended.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PipelineReport {
    /// The pipeline file; `null` where none was found.
    pub(crate) pipeline: Option<String>,
    /// Why nothing ran; `null` where something did.
    pub(crate) message: Option<String>,
    /// The tasks that were chosen, in their order.
    pub(crate) tasks: Vec<TaskResult>,
    /// With which code `codex-turns` ended.
    #[serde(serialize_with = "number")]
    pub(crate) exit_code: Code,
    /// The record; `null` where there is none.
    pub(crate) record: Option<RecordEntry>,
    /// The version of `codex-turns`.
    pub(crate) version: &'static str,
}

/// What is known of one task.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskResult {
    /// Its place in the pipeline, counted from 1.
    pub(crate) position: usize,
    pub(crate) task_id: String,
    /// `completed`, `failed`, `cancelled`, or `notRun`.
    pub(crate) verdict: &'static str,
    /// Why it ended so.
    pub(crate) reason: Option<String>,
    /// Whether an earlier process ran it.
    pub(crate) earlier: bool,
    pub(crate) thread_id: Option<ThreadId>,
    /// How many turns it took; not known of one that an earlier process ran.
    pub(crate) turns: Option<usize>,
    /// What it used, its report left out.
    pub(crate) spent: Option<Spent>,
    /// Whether the agent was asked for an account of it, and gave one that can be used.
    pub(crate) report: Option<ReportEntry>,
}

/// What came of asking the agent for its account.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ReportEntry {
    /// Why there is none that can be used; `null` where there is one.
    pub(crate) problem: Option<String>,
    /// How many decisions it states.
    pub(crate) decisions: usize,
    /// What asking has used; `null` where that is not known.
    pub(crate) tokens: Option<u64>,
}

impl From<&TaskOutcome> for TaskResult {
    fn from(task: &TaskOutcome) -> Self {
        let report = task.account.as_ref().map(|account| ReportEntry {
            problem: account.problem.clone(),
            decisions: account.decisions,
            tokens: account.tokens,
        });
        Self {
            position: task.position,
            task_id: task.task_id.clone(),
            verdict: task.verdict.word(),
            reason: task.reason.clone(),
            earlier: task.is_earlier,
            thread_id: task.thread_id.clone(),
            turns: task.turns,
            spent: task.spent,
            report,
        }
    }
}

impl PipelineReport {
    /// Nothing ran.
    pub(crate) fn not_started(message: String, exit_code: Code) -> Self {
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
