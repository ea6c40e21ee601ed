//! [`Scripted`]: a transport that answers each turn from a script, and keeps what it was asked.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use codex_exec::{EventStream, Invocation, TransportError, TransportReport};
use codex_protocol::{EventLine, ExitKind, StopCause};
use codex_turn::{CancellationToken, Codex, RunTurn, TurnLines, TurnRequest};
use futures_core::Stream;
use serde_json::json;
use tokio_util::sync::WaitForCancellationFutureOwned;

/// What one turn does.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// It completes with this message, after writing a file.
    Message(&'static str, Option<(PathBuf, &'static str)>),
    /// It fails with this message.
    Fails(&'static str),
    /// It begins, and does not end until it is cancelled.
    Hangs,
}

/// Answers each turn from a script, and keeps what it was asked.
#[derive(Clone, Default)]
pub(crate) struct Scripted {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<Mutex<Vec<Invocation>>>,
}

impl Scripted {
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers = Arc::new(Mutex::new(answers.into_iter().collect()));
        Self { answers, asked: Arc::default() }
    }

    pub(crate) fn codex(&self) -> Codex {
        Codex::builder().transport(Arc::new(self.clone())).build().unwrap()
    }

    /// What was asked, turn by turn.
    pub(crate) fn asked(&self) -> Vec<Invocation> {
        self.asked.lock().unwrap().clone()
    }

    /// The prompts, turn by turn.
    pub(crate) fn prompts(&self) -> Vec<String> {
        self.asked().iter().map(|invocation| invocation.parts().prompt().to_owned()).collect()
    }
}

impl RunTurn for Scripted {
    fn run_turn(&self, request: TurnRequest) -> Box<dyn TurnLines> {
        let mut asked = self.asked.lock().unwrap();
        asked.push(request.invocation.clone());
        let number = asked.len();
        let thread = match request.invocation.parts().target.resumed_thread() {
            Some(thread) => thread.to_string(),
            None => format!("019b7c2a-1111-7000-8000-{number:012}"),
        };
        let started = json!({ "type": "thread.started", "thread_id": thread });
        let answer = self.answers.lock().unwrap().pop_front().expect("the script has an answer");
        let rest = match answer {
            Answer::Message(text, file) => {
                if let Some((path, contents)) = file {
                    std::fs::write(path, contents).unwrap();
                }
                let item = json!({ "id": "item_0", "type": "agent_message", "text": text });
                let usage = json!({ "input_tokens": 10, "cached_input_tokens": 0, "output_tokens": 1 });
                vec![
                    json!({ "type": "item.completed", "item": item }),
                    json!({ "type": "turn.completed", "usage": usage }),
                ]
            }
            Answer::Hangs => return Box::new(Hanging::new(started.to_string(), request.cancel)),
            Answer::Fails(message) => {
                vec![json!({ "type": "turn.failed", "error": { "message": message } })]
            }
        };
        let lines = [started, json!({ "type": "turn.started" })].into_iter().chain(rest);
        Box::new(EventStream::from_lines(lines.map(|line| line.to_string()).collect::<Vec<_>>()))
    }
}

/// A turn that begins and does not end until it is cancelled.
struct Hanging {
    first: Option<EventLine>,
    cancelled: Pin<Box<WaitForCancellationFutureOwned>>,
    end: Option<TransportReport>,
}

impl Hanging {
    fn new(line: String, cancel: CancellationToken) -> Self {
        let first = Some(EventLine::new(1, line.into_bytes()));
        Self { first, cancelled: Box::pin(cancel.cancelled_owned()), end: None }
    }
}

impl Stream for Hanging {
    type Item = Result<EventLine, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(line) = self.first.take() {
            return Poll::Ready(Some(Ok(line)));
        }
        if self.end.is_some() {
            return Poll::Ready(None);
        }
        std::task::ready!(self.cancelled.as_mut().poll(context));
        let mut report = TransportReport::new(ExitKind::Code(1));
        report.end = report.end.stopped_by(StopCause::Cancelled);
        self.end = Some(report);
        Poll::Ready(Some(Err(TransportError::Cancelled)))
    }
}

impl TurnLines for Hanging {
    fn end(&self) -> Option<&TransportReport> {
        self.end.as_ref()
    }
}
