//! [`AutoRunStream`]: the events of an auto-run as they come, and its report at the end.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use tokio_util::sync::CancellationToken;

use super::outlet::RunOutlet;
use super::settings::AutoRunSettings;
use super::{AutoRunError, AutoRunEvent, AutoRunReport, Spent, StepReport, StopReason, engine};

type RunOutcome = Result<AutoRunReport, AutoRunError>;

/// The events of an auto-run as they come; cold until its first poll.
///
/// The last event is [`Stopped`](AutoRunEvent::Stopped). An `Err` is the last item and the only one: the run
/// did not begin. The run goes no further than its consumer: while an event waits to be taken, nothing new
/// starts; a cancel and the end of the time reach the turn all the same.
///
/// # Cancel safety
///
/// No event is lost when a future that waits for the next one is dropped. Dropping the stream stops the turn,
/// the check or the wait, and [`close`](AutoRunStream::close) says when it is all gone; [`steps`](AutoRunStream::steps) has what was finished.
#[must_use = "a stream does nothing unless it is polled"]
pub struct AutoRunStream {
    phase: RunPhase,
    outlet: RunOutlet,
    closing: CancellationToken,
}

enum RunPhase {
    Cold(Box<AutoRunSettings>),
    Live(Pin<Box<dyn Future<Output = RunOutcome> + Send>>),
    Over { error: Option<AutoRunError>, outcome: Option<RunOutcome> },
}

impl AutoRunStream {
    pub(crate) fn new(settings: AutoRunSettings) -> Self {
        let closing = settings.closing.clone();
        Self { phase: RunPhase::Cold(Box::new(settings)), outlet: RunOutlet::default(), closing }
    }

    /// Waits for the next event; the same as the next item of the stream.
    ///
    /// # Errors
    ///
    /// The run did not begin.
    ///
    /// # Cancel safety
    ///
    /// No event is lost when the future is dropped.
    pub async fn next_event(&mut self) -> Option<Result<AutoRunEvent, AutoRunError>> {
        std::future::poll_fn(|cx| self.poll_event(cx)).await
    }

    /// The turns that are over, with their checks as far as they were asked; at any time.
    pub fn steps(&self) -> Vec<StepReport> {
        self.outlet.steps()
    }

    /// Runs what is left, and gives what awaiting the run gives; at any time, also after a break.
    pub fn finish(self) -> AutoRunFuture {
        AutoRunFuture(self)
    }

    /// Stops the run as dropping the stream does, and gives what awaiting the run gives once its turn is all gone: see
    /// [`TurnStream::close`](crate::TurnStream::close). The check that is being asked is dropped.
    ///
    /// The turn is asked at once, by the call. A run that was not polled does not begin: it is cancelled, without a turn.
    pub fn close(mut self) -> AutoRunFuture {
        self.closing.cancel();
        if let RunPhase::Cold(settings) = &self.phase {
            let report = AutoRunReport {
                stop: StopReason::Cancelled,
                steps: Vec::new(),
                spent: Spent::default(),
                thread_id: settings.thread.id(),
                duration: Duration::ZERO,
            };
            self.phase = RunPhase::Over { error: None, outcome: Some(Ok(report)) };
        }
        self.finish()
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<AutoRunEvent, AutoRunError>>> {
        loop {
            match &mut self.phase {
                RunPhase::Cold(_) => self.start(),
                RunPhase::Live(run) => {
                    let polled = run.as_mut().poll(cx);
                    if let Some(event) = self.outlet.take() {
                        return Poll::Ready(Some(Ok(event)));
                    }
                    let Poll::Ready(outcome) = polled else { return Poll::Pending };
                    let error = outcome.as_ref().err().cloned();
                    self.phase = RunPhase::Over { error, outcome: Some(outcome) };
                }
                RunPhase::Over { error, .. } => return Poll::Ready(error.take().map(Err)),
            }
        }
    }

    fn start(&mut self) {
        let nothing = RunPhase::Over { error: None, outcome: None };
        if let RunPhase::Cold(settings) = std::mem::replace(&mut self.phase, nothing) {
            self.phase = RunPhase::Live(Box::pin(engine::run(*settings, self.outlet.clone())));
        }
    }
}

impl Stream for AutoRunStream {
    type Item = Result<AutoRunEvent, AutoRunError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_event(cx)
    }
}

impl fmt::Debug for AutoRunStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = match &self.phase {
            RunPhase::Cold(_) => "cold",
            RunPhase::Live(_) => "live",
            RunPhase::Over { .. } => "over",
        };
        f.debug_struct("AutoRunStream")
            .field("phase", &phase)
            .field("steps", &self.steps().len())
            .finish_non_exhaustive()
    }
}

/// An auto-run on its way to its end; what awaiting an [`AutoRun`](crate::AutoRun) makes.
#[must_use = "futures do nothing unless they are polled"]
#[derive(Debug)]
pub struct AutoRunFuture(AutoRunStream);

impl Future for AutoRunFuture {
    type Output = RunOutcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<RunOutcome> {
        while let Poll::Ready(event) = self.0.poll_event(cx) {
            if event.is_some() {
                continue;
            }
            let RunPhase::Over { outcome, .. } = &mut self.0.phase else { continue };
            return Poll::Ready(outcome.take().expect("a future is not polled again once it is ready"));
        }
        Poll::Pending
    }
}
