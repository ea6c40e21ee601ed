//! [`Served`]: a turn that runs, and whose tools can be called.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use codex_exec::{
    EventStream, Invocation, Marker, McpTransport, StartMarks, TransportError, TransportReport,
};
use codex_protocol::{EventLine, ExitKind, StopCause};
use codex_turn::{
    Codex, ObserveTurn, RunTurn, Thread, ThreadOptions, ToolEvent, ToolOutcome, ToolSet, Turn, TurnError,
    TurnLines, TurnRequest, TurnResult,
};
use futures_core::Stream;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::client::{Client, text};

/// A turn that runs until it is finished, cancelled or dropped.
pub(crate) struct Served {
    pub(crate) client: Client,
    pub(crate) turn: JoinHandle<Result<TurnResult, TurnError>>,
    pub(crate) seen: Seen,
    finish: CancellationToken,
    pub(crate) cancel: CancellationToken,
}

/// What was said of calls, and after which of it the turn ended.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<String>>>, Arc<Mutex<Vec<ToolOutcome>>>);

impl Seen {
    pub(crate) fn words(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn outcomes(&self) -> Vec<ToolOutcome> {
        self.1.lock().unwrap().clone()
    }
}

impl ObserveTurn for Seen {
    fn on_line(&self, _: &EventLine) {}

    fn on_tool_event(&self, event: &ToolEvent) {
        let call = format!("{} {}", event.call().tool, event.call().number);
        let said = match event {
            ToolEvent::Ended { outcome, result_bytes, left_out_bytes, .. } => {
                self.1.lock().unwrap().push(outcome.clone());
                format!("{call} {}, {result_bytes} bytes, {left_out_bytes} left out", outcome.word())
            }
            ToolEvent::Started { .. } | _ => format!("{call} started"),
        };
        self.0.lock().unwrap().push(said);
    }

    fn on_end(&self, result: &TurnResult, _: Option<&TurnError>) {
        self.0.lock().unwrap().push(format!("turn {}", result.verdict.word()));
    }
}

impl Served {
    pub(crate) async fn start(tools: ToolSet) -> Self {
        let (turn, asked, finish) = turn(tools);
        let seen = Seen::default();
        let cancel = CancellationToken::new();
        let turn = tokio::spawn(turn.observe(seen.clone()).cancel(cancel.clone()).into_future());
        let mut client = client(&asked.await.unwrap());
        client.open().await;
        Self { client, turn, seen, finish, cancel }
    }

    /// Ends the turn as Codex does.
    pub(crate) async fn finish(self) -> (Result<TurnResult, TurnError>, Seen) {
        self.finish.cancel();
        (soon(self.turn).await.unwrap(), self.seen)
    }
}

/// A cold turn, what its transport is asked, and what ends it.
pub(crate) fn turn(tools: ToolSet) -> (Turn, oneshot::Receiver<Invocation>, CancellationToken) {
    let (thread, asked, finish) = thread(tools);
    (thread.run("go"), asked, finish)
}

/// The same for a thread that has one turn.
pub(crate) fn thread(tools: ToolSet) -> (Thread, oneshot::Receiver<Invocation>, CancellationToken) {
    let (sender, asked) = oneshot::channel();
    let finish = CancellationToken::new();
    let transport = Waiting { asked: Mutex::new(Some(sender)), finish: finish.clone() };
    let codex = Codex::builder().transport(Arc::new(transport)).build().unwrap();
    (codex.start_thread(ThreadOptions::new("/work").tools(tools)), asked, finish)
}

/// What Codex knows of the tools.
pub(crate) fn client(invocation: &Invocation) -> Client {
    let McpTransport::Http { url, bearer_token, .. } = invocation.parts().mcp_servers[0].transport() else {
        panic!("tools are served over HTTP")
    };
    let address = url.strip_prefix("http://").unwrap().strip_suffix("/mcp").unwrap().parse().unwrap();
    let variable = &bearer_token.as_ref().unwrap().0;
    let environment = invocation.command_line(&StartMarks::new(Marker::new())).environment;
    let (_, token) = environment.set.iter().find(|(name, _)| name == variable.as_str()).unwrap();
    Client { address, token: token.to_str().unwrap().to_owned(), session: None }
}

/// What a test waits for, if it comes within a while; a fault must fail a test and not hang it.
pub(crate) async fn soon<F: IntoFuture>(future: F) -> F::Output {
    let limit = Duration::from_secs(20);
    tokio::time::timeout(limit, future.into_future()).await.expect("it comes within a while")
}

/// Waits until nobody listens there any more.
pub(crate) async fn gone(client: &Client) {
    soon(async {
        while TcpStream::connect(client.address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

struct Waiting {
    asked: Mutex<Option<oneshot::Sender<Invocation>>>,
    finish: CancellationToken,
}

impl RunTurn for Waiting {
    fn run_turn(&self, request: TurnRequest) -> Box<dyn TurnLines> {
        self.asked.lock().unwrap().take().expect("one turn").send(request.invocation).unwrap();
        let (finish, cancel) = (self.finish.clone(), request.cancel);
        let wait = async move {
            tokio::select! {
                () = finish.cancelled() => Wake::Finished,
                () = cancel.cancelled() => Wake::Cancelled,
            }
        };
        let last = r#"{"type":"turn.completed","usage":null}"#;
        Box::new(Lines { wait: Some(Box::pin(wait)), last: EventStream::from_lines([last]), end: None })
    }
}

enum Wake {
    Finished,
    Cancelled,
}

struct Lines {
    wait: Option<Pin<Box<dyn Future<Output = Wake> + Send>>>,
    last: EventStream,
    end: Option<TransportReport>,
}

impl Stream for Lines {
    type Item = Result<EventLine, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(wait) = &mut self.wait {
            let wake = ready!(wait.as_mut().poll(cx));
            self.wait = None;
            if matches!(wake, Wake::Cancelled) {
                self.end = Some(TransportReport::stopped(ExitKind::Code(1), StopCause::Cancelled));
                return Poll::Ready(Some(Err(TransportError::Cancelled)));
            }
        }
        if self.end.is_some() {
            return Poll::Ready(None);
        }
        Pin::new(&mut self.last).poll_next(cx)
    }
}

impl TurnLines for Lines {
    fn end(&self) -> Option<&TransportReport> {
        self.end.as_ref().or_else(|| self.last.end())
    }
}

/// Calls `ping` until its turn, of which nobody takes the events, lets no call begin any more.
pub(crate) async fn fill_the_queue(client: &mut Client) {
    let mut late = 0;
    for id in 1..=513 {
        let answer = soon(client.call(id, "ping", json!({}))).await;
        late += u32::from(text(&answer).1);
    }
    assert_eq!(late, 1, "with 1024 events in the queue no call begins any more");
}
