//! [`ReportRequest`]: the agent is asked for its account of the work, in one more turn on the same thread.

use std::future::poll_fn;
use std::pin::Pin;

use codex_exec::Sandbox;
use codex_ledger::TurnBegin;
use codex_ledger::record::TurnPurpose;
use codex_protocol::{ThreadId, Usage};
use codex_turn::{Turn, TurnError, TurnResult};
use futures_core::Stream as _;

use super::{AgentAccount, AgentReport};
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
