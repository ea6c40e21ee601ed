//! [`Calls`]: how the calls of a set run: so many at once, each within its time, each a task of its own.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc::{OwnedPermit, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span};

use super::answer::ToolAnswer;
use super::event::{ToolCall, ToolEvent, ToolOutcome};
use super::host_tool::{HostTool, ToolContext};
use super::output::{ToolFailure, ToolOutput};
use super::tool_set::{OneTool, Tools};

/// How long an ended call waits for its future to be dropped, which one that blocks its thread does not let happen.
const DROP_GRACE: Duration = Duration::from_millis(100);

/// The calls of one set in one turn.
pub(super) struct Calls {
    pub(super) tools: Arc<Tools>,
    places: Arc<Semaphore>,
    /// How many calls there were.
    count: AtomicU64,
    events: Sender<ToolEvent>,
    /// Cancelled when the turn is cancelled, over or dropped.
    cancel: CancellationToken,
    /// The span of the turn: the server of the protocol runs calls in tasks that know none.
    span: Span,
}

/// Why a call is over before its tool has answered.
enum CallEnd {
    Cancelled,
    TimedOut,
}

impl Calls {
    pub(super) fn new(tools: Arc<Tools>, events: Sender<ToolEvent>, cancel: CancellationToken) -> Self {
        let places = Arc::new(Semaphore::new(tools.max_concurrent_calls.min(Semaphore::MAX_PERMITS)));
        Self { tools, places, count: AtomicU64::new(0), events, cancel, span: Span::current() }
    }

    pub(super) fn next_number(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Runs one call to its answer; `given_up` is cancelled when Codex takes the call back.
    pub(super) async fn call(
        &self,
        one: &OneTool,
        call: ToolCall,
        given_up: &CancellationToken,
    ) -> ToolAnswer {
        self.call_within(one, call, given_up).instrument(self.span.clone()).await
    }

    async fn call_within(&self, one: &OneTool, call: ToolCall, given_up: &CancellationToken) -> ToolAnswer {
        let started = Instant::now();
        let cancel = self.cancel.child_token();
        let cut = Cutter { deadline: started + self.tools.time_limit, given_up, cancel: &cancel };
        let ended = match self.begin(call, started, &cut).await {
            Ok(running) => {
                let ran = self.run(one, &running, &cut, &cancel).await;
                let (answer, outcome) = self.settle(ran);
                running.ended(outcome, &answer);
                answer
            }
            Err(cut) => self.settle(Err(cut)).0,
        };
        cancel.cancel();
        ended
    }

    /// Takes room for both events of the call, so that neither is lost: where nobody takes them, calls wait.
    async fn begin(
        &self,
        call: ToolCall,
        started: Instant,
        cut: &Cutter<'_>,
    ) -> Result<RunningCall, CallEnd> {
        let gone = |_| CallEnd::Cancelled;
        let first = cut.or(self.events.clone().reserve_owned()).await?.map_err(gone)?;
        let last = cut.or(self.events.clone().reserve_owned()).await?.map_err(gone)?;
        let call = Arc::new(call);
        first.send(ToolEvent::Started { call: Arc::clone(&call) });
        Ok(RunningCall { call, started, last: Some(last) })
    }

    async fn run(
        &self,
        one: &OneTool,
        running: &RunningCall,
        cut: &Cutter<'_>,
        cancel: &CancellationToken,
    ) -> Result<RanTool, CallEnd> {
        let place = cut.or(Arc::clone(&self.places).acquire_owned()).await?;
        let place = place.expect("the places are never closed");
        let context = ToolContext { call: Arc::clone(&running.call), cancel: cancel.clone() };
        let mut task = Task::spawn(Arc::clone(&one.tool), running.call.arguments.clone(), context, place);
        match cut.or(&mut task.0).await {
            Ok(ran) => Ok(ran),
            Err(cut) => {
                cancel.cancel();
                task.stop().await;
                Err(cut)
            }
        }
    }

    fn settle(&self, ran: Result<RanTool, CallEnd>) -> (ToolAnswer, ToolOutcome) {
        let limit = self.tools.result_limit_bytes;
        let (text, outcome) = match ran {
            Ok(Ok(Ok(output))) => return (ToolAnswer::of(output, limit), ToolOutcome::Ok),
            Ok(Ok(Err(failure))) => {
                let text = failure.into_text();
                let told = first(&text, limit);
                (text, ToolOutcome::Failed(told))
            }
            Ok(Err(error)) => {
                let message = panic_message(error);
                (format!("the tool panicked: {message}"), ToolOutcome::Panicked(first(&message, limit)))
            }
            Err(CallEnd::TimedOut) => {
                let limit = self.tools.time_limit;
                let text = format!("the tool did not answer within {limit:?}, and was stopped");
                (text, ToolOutcome::TimedOut(limit))
            }
            Err(CallEnd::Cancelled) => ("the call was cancelled".to_owned(), ToolOutcome::Cancelled),
        };
        (ToolAnswer::failure(text, limit), outcome)
    }
}

/// Everything that ends a wait of a call early.
struct Cutter<'a> {
    deadline: Instant,
    given_up: &'a CancellationToken,
    cancel: &'a CancellationToken,
}

impl Cutter<'_> {
    async fn or<T>(&self, work: impl Future<Output = T>) -> Result<T, CallEnd> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(CallEnd::Cancelled),
            () = self.given_up.cancelled() => Err(CallEnd::Cancelled),
            done = timeout_at(self.deadline, work) => done.map_err(|_| CallEnd::TimedOut),
        }
    }
}

/// A call whose start was told; whatever becomes of it, its end is told too.
struct RunningCall {
    call: Arc<ToolCall>,
    started: Instant,
    last: Option<OwnedPermit<ToolEvent>>,
}

impl RunningCall {
    fn ended(mut self, outcome: ToolOutcome, answer: &ToolAnswer) {
        self.tell(outcome, answer.result_bytes, answer.left_out_bytes);
    }

    fn tell(&mut self, outcome: ToolOutcome, result_bytes: u64, left_out_bytes: u64) {
        let Some(last) = self.last.take() else { return };
        let duration = self.started.elapsed();
        let call = Arc::clone(&self.call);
        last.send(ToolEvent::Ended { call, outcome, duration, result_bytes, left_out_bytes });
    }
}

impl Drop for RunningCall {
    fn drop(&mut self) {
        self.tell(ToolOutcome::Cancelled, 0, 0);
    }
}

type RanTool = Result<Result<ToolOutput, ToolFailure>, JoinError>;

/// A tool at work: a task of its own, so that one that panics or blocks its thread takes nothing else down.
struct Task(JoinHandle<Result<ToolOutput, ToolFailure>>);

impl Task {
    fn spawn(
        tool: Arc<dyn HostTool>,
        arguments: Value,
        context: ToolContext,
        place: OwnedSemaphorePermit,
    ) -> Self {
        let call = async move {
            let _place = place;
            tool.call(arguments, context).await
        };
        Self(tokio::spawn(call.in_current_span()))
    }

    async fn stop(&mut self) {
        self.0.abort();
        // Whether it was dropped in time is nothing that the call could wait for any longer.
        let _dropped = timeout(DROP_GRACE, &mut self.0).await;
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// As much of what the caller is told as the model may be: who keeps events keeps no more.
fn first(text: &str, limit_bytes: usize) -> String {
    text[..text.floor_char_boundary(limit_bytes)].to_owned()
}

fn panic_message(error: JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else { return "its task was cancelled".to_owned() };
    let panic: &(dyn Any + Send) = &*panic;
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "it did not say why".to_owned(),
    }
}

#[cfg(test)]
mod tests;
