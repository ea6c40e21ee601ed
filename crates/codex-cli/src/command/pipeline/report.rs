//! [`PipelineReport`]: what is known of the tasks, as one JSON object for programs.

use codex_protocol::ThreadId;
use codex_turn::Spent;
use serde::Serialize;

use super::super::account::Account;
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
    /// Whether the agent was asked for an account of it, and gave one that can be used.
    pub(super) report: Option<ReportEntry>,
}

/// What came of asking the agent for its account.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ReportEntry {
    /// Why there is none that can be used; `null` where there is one.
    pub(super) problem: Option<String>,
    /// How many decisions it states.
    pub(super) decisions: usize,
    /// What asking has used; `null` where that is not known.
    pub(super) tokens: Option<u64>,
}

impl From<&Account> for ReportEntry {
    fn from(account: &Account) -> Self {
        let (problem, decisions) = match &account.report {
            Ok(report) => (None, report.decisions().len()),
            Err(why) => (Some(why.clone()), 0),
        };
        Self { problem, decisions, tokens: account.tokens }
    }
}

impl TaskResult {
    /// The tokens that it has used together with its report, and whether that is all of them.
    pub(super) fn tokens(&self) -> (u64, bool) {
        let spent = self.spent.map_or((0, !self.earlier), |spent| (spent.tokens, spent.unknown_turns == 0));
        match &self.report {
            Some(report) => (spent.0 + report.tokens.unwrap_or(0), spent.1 && report.tokens.is_some()),
            None => spent,
        }
    }
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
