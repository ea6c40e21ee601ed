//! Fakes of the seams below a turn, and lines to feed them with.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use codex_exec::{EventStream, Exec, Invocation, TransportError, TransportReport};
use codex_protocol::{EventLine, ExitKind, StopCause};
use codex_turn::{Codex, RunTurn, Thread, ThreadOptions, TurnLines, TurnRequest};
use futures_core::Stream;
use tokio_util::sync::CancellationToken;

pub(crate) const THREAD: &str = "019b7c2a-1111-7000-8000-000000000001";

pub(crate) fn started() -> String {
    format!(r#"{{"type":"thread.started","thread_id":"{THREAD}"}}"#)
}

pub(crate) fn message(text: &str) -> String {
    let text = serde_json::Value::from(text);
    format!(r#"{{"type":"item.completed","item":{{"id":"item_0","type":"agent_message","text":{text}}}}}"#)
}

/// What a test waits for, if it comes within a while; a fault must fail a test and not hang it.
pub(crate) async fn soon<F: IntoFuture>(future: F) -> F::Output {
    let limit = Duration::from_secs(20);
    tokio::time::timeout(limit, future.into_future()).await.expect("it comes within a while")
}

/// The end of a turn as current releases write it: the field for reasoning is there.
pub(crate) fn completed(input: u64, output: u64) -> String {
    format!(
        concat!(
            r#"{{"type":"turn.completed","usage":{{"input_tokens":{},"cached_input_tokens":0,"#,
            r#""output_tokens":{},"reasoning_output_tokens":0}}}}"#
        ),
        input, output
    )
}

pub(crate) fn failed(message: &str) -> String {
    format!(r#"{{"type":"turn.failed","error":{{"message":"{message}"}}}}"#)
}

/// A whole turn that completes.
pub(crate) fn turn_lines(answer: &str, input: u64) -> Vec<String> {
    vec![started(), r#"{"type":"turn.started"}"#.to_owned(), message(answer), completed(input, 5)]
}

/// Plays one scripted stream per turn, and remembers what it was asked.
pub(crate) struct FakeExec {
    streams: Mutex<VecDeque<EventStream>>,
    asked: Mutex<Vec<Invocation>>,
}

impl FakeExec {
    pub(crate) fn new(streams: impl IntoIterator<Item = EventStream>) -> Arc<Self> {
        Arc::new(Self { streams: Mutex::new(streams.into_iter().collect()), asked: Mutex::default() })
    }

    pub(crate) fn add(&self, stream: EventStream) {
        self.streams.lock().unwrap().push_back(stream);
    }

    pub(crate) fn asked(&self) -> Vec<Invocation> {
        self.asked.lock().unwrap().clone()
    }
}

impl Exec for FakeExec {
    fn exec(&self, invocation: Invocation, _: CancellationToken) -> EventStream {
        self.asked.lock().unwrap().push(invocation);
        self.streams.lock().unwrap().pop_front().expect("a stream for every turn")
    }
}

pub(crate) fn codex(exec: &Arc<FakeExec>) -> Codex {
    Codex::builder().exec(Arc::clone(exec) as Arc<dyn Exec>).build().unwrap()
}

pub(crate) fn options() -> ThreadOptions {
    ThreadOptions::new("/work")
}

/// A new thread whose turns are these streams.
pub(crate) fn thread(streams: impl IntoIterator<Item = EventStream>) -> Thread {
    codex(&FakeExec::new(streams)).start_thread(options())
}

/// A transport whose turns yield these lines and then hang until they are cancelled.
pub(crate) struct HangingTurns(pub(crate) Vec<String>);

impl RunTurn for HangingTurns {
    fn run_turn(&self, request: TurnRequest) -> Box<dyn TurnLines> {
        Box::new(Hanging {
            lines: EventStream::from_lines(self.0.clone()),
            cancelled: Box::pin(request.cancel.cancelled_owned()),
            end: None,
        })
    }
}

pub(crate) fn hanging_thread(lines: impl IntoIterator<Item = String>) -> Thread {
    let turns = HangingTurns(lines.into_iter().collect());
    Codex::builder().transport(Arc::new(turns)).build().unwrap().start_thread(options())
}

struct Hanging {
    lines: EventStream,
    cancelled: Pin<Box<dyn Future<Output = ()> + Send>>,
    end: Option<TransportReport>,
}

impl Stream for Hanging {
    type Item = Result<EventLine, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.end.is_some() {
            return Poll::Ready(None);
        }
        if let Some(line) = ready!(Pin::new(&mut self.lines).poll_next(cx)) {
            return Poll::Ready(Some(line));
        }
        ready!(self.cancelled.as_mut().poll(cx));
        self.end = Some(TransportReport::stopped(ExitKind::Code(1), StopCause::Cancelled));
        Poll::Ready(Some(Err(TransportError::Cancelled)))
    }
}

impl TurnLines for Hanging {
    fn end(&self) -> Option<&TransportReport> {
        self.end.as_ref()
    }
}
