//! [`RunReport`]: what is known of a run, as one JSON object for programs.

use std::time::Duration;

use codex_turn::{AutoRunReport, Spent, StepReport};
use serde::Serialize;

use crate::exit_code::Code;
use crate::result_file::{ProgramObject, RecordEntry, ResultObject, milliseconds, number};

/// What is known of a run, however it ended, also where it did not begin.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunReport {
    /// `stop`, and beside it `message`, what belongs to the stop, `steps`, `spent`, `threadId`, `finalResponse` and
    /// `durationMs`.
    #[serde(flatten)]
    run: RunObject,
    /// With which code `codex-turns` ended.
    #[serde(serialize_with = "number")]
    exit_code: Code,
    pub(super) codex: ProgramObject,
    /// The record of all turns; `null` where there is none.
    record: Option<RecordEntry>,
    /// The version of `codex-turns`.
    version: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum RunObject {
    /// As the turn layer reports it.
    Ended(Box<AutoRunReport>),
    /// Without a report.
    Otherwise(Otherwise),
}

/// A run that has no report.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Otherwise {
    stop: &'static str,
    message: String,
    steps: Vec<StepReport>,
    spent: Option<Spent>,
    thread_id: Option<codex_protocol::ThreadId>,
    final_response: Option<String>,
    duration_ms: Option<u64>,
}

impl RunReport {
    /// A run that came to an end.
    pub(super) fn ended(report: AutoRunReport, code: Code) -> Self {
        Self::new(RunObject::Ended(Box::new(report)), code)
    }

    /// A run that was killed before it came to one.
    pub(super) fn abandoned(
        steps: Vec<StepReport>,
        spent: Option<Spent>,
        code: Code,
        duration: Duration,
    ) -> Self {
        let turns = || steps.iter().rev().filter_map(|step| step.turn.as_deref());
        let run = Otherwise {
            stop: "cancelled",
            message: "killed before codex had stopped".to_owned(),
            thread_id: turns().find_map(|turn| turn.thread_id.clone()),
            final_response: turns()
                .find(|turn| turn.verdict.is_completed())
                .and_then(|turn| turn.final_response().map(str::to_owned)),
            spent,
            duration_ms: Some(milliseconds(duration)),
            steps,
        };
        Self::new(RunObject::Otherwise(run), code)
    }

    /// No run.
    pub(super) fn not_started(message: String, code: Code) -> Self {
        let run = Otherwise {
            stop: "not_started",
            message,
            steps: Vec::new(),
            spent: None,
            thread_id: None,
            final_response: None,
            duration_ms: None,
        };
        Self::new(RunObject::Otherwise(run), code)
    }

    fn new(run: RunObject, exit_code: Code) -> Self {
        let version = env!("CARGO_PKG_VERSION");
        Self { run, exit_code, codex: ProgramObject::default(), record: None, version }
    }
}

impl ResultObject for RunReport {
    fn set_exit_code(&mut self, code: Code) {
        self.exit_code = code;
    }

    fn set_record(&mut self, record: RecordEntry) {
        self.record = Some(record);
    }
}
