//! [`ReportRequest`]: the agent is asked for its account of the work, in one more turn on the same thread.

use std::future::poll_fn;
use std::pin::Pin;

use codex_exec::Sandbox;
use codex_ledger::record::TurnPurpose;
use codex_ledger::{RecordEnd, TurnBegin};
use codex_protocol::{ThreadId, Usage};
use codex_turn::{Turn, TurnError, TurnResult};
use futures_core::Stream as _;

use super::AgentReport;
use crate::causes::causes;
use crate::record::Recording;
use crate::run::WorkStage;
use crate::runner_event::RunnerEvent;

/// How the agent is asked.
#[derive(Debug)]
pub(crate) struct ReportRequest {
    /// A turn on the thread of the work that asks for the report and may only read.
    pub(crate) turn: Turn,
    pub(crate) thread: ThreadId,
}

/// The agent's account of its work, or why there is none.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AgentAccount {
    /// The report, or one sentence on why there is none.
    pub report: Result<AgentReport, String>,
    /// What the turn has used, as far as that is known.
    pub tokens: Option<u64>,
    /// Whether asking was stopped.
    pub is_stopped: bool,
}

impl ReportRequest {
    /// Asks, and takes the turn into the record.
    pub(crate) async fn ask(self, recording: &Recording, stage: &WorkStage) -> AgentAccount {
        let Self { turn, thread } = self;
        let sandbox = Sandbox::ReadOnly.as_str();
        let begin = TurnBegin::new(AgentReport::PROMPT).sandbox(sandbox).resumed(thread);
        recording.begin_turn(begin.purpose(TurnPurpose::Report));
        let stops = stage.begin(RunnerEvent::Asking).await;
        let turn = turn.output_schema(AgentReport::schema()).cancel(stops.stop.clone());
        let mut stream = turn.observe(recording.observer()).stream();
        let is_read = loop {
            let next = poll_fn(|context| Pin::new(&mut stream).poll_next(context));
            tokio::select! {
                biased;
                () = stops.kill.cancelled() => break false,
                line = next => match line {
                    Some(Ok(line)) => stage.emit(RunnerEvent::ReportLine(line)).await,
                    Some(Err(_)) | None => break true,
                },
            }
        };
        let tokens = |result: &TurnResult| result.usage.turn.as_ref().map(Usage::total);
        let (answer, tokens) = if is_read {
            match stream.finish().await {
                Ok(result) => (Ok(result.final_response().unwrap_or_default().to_owned()), tokens(&result)),
                Err(TurnError::NotCompleted(result)) => {
                    (Err(format!("the turn is {}", result.verdict)), tokens(&result))
                }
                Err(error) => (Err(causes(&error)), None),
            }
        } else {
            // What of it is known is not a report.
            drop(stream.close().await);
            (Err("it was stopped".to_owned()), None)
        };
        let report = answer.and_then(|answer| AgentReport::read(&answer).map_err(|error| error.to_string()));
        let account = AgentAccount { report, tokens, is_stopped: stops.stop.is_cancelled() };
        stage.emit(RunnerEvent::Reported(Box::new(account.clone()))).await;
        account
    }
}

impl AgentAccount {
    /// Adds the account to the end of a record, or why there is none.
    pub(crate) fn add_to(&self, end: RecordEnd) -> RecordEnd {
        match &self.report {
            Ok(report) => {
                let end = end.statement_of_work(report.statement_of_work()).adr(report.adr());
                ignored(report).into_iter().fold(end, RecordEnd::report_note)
            }
            Err(why) => end.report_note(unusable(why)),
        }
    }

    /// Returns the sentence on what of the account could not be used.
    pub fn note(&self) -> Option<String> {
        match &self.report {
            Ok(report) => ignored(report),
            Err(why) => Some(unusable(why)),
        }
    }
}

/// The sentence about an answer that is no report.
pub(crate) fn unusable(why: &str) -> String {
    format!("The agent was asked for a report, and there is none that can be used: {why}.")
}

/// The sentence about what a report has that nobody asked for.
pub(crate) fn ignored(report: &AgentReport) -> Option<String> {
    let keys = report.ignored();
    let text = format!(
        "The agent's report also has {}, which was left out: what changed and what was tested is observed.",
        keys.join(", "),
    );
    (!keys.is_empty()).then_some(text)
}
