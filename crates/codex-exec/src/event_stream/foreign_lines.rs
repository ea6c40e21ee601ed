//! [`ForeignLines`]: lines that come live from a place that this crate does not supervise.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use codex_protocol::{Boundary, EventLine, ThreadId};
use futures_core::Stream;

use super::StreamEnd;
use crate::queue::Received;

type PollLine = Box<dyn FnMut(&mut Context<'_>) -> Poll<Option<Vec<u8>>> + Send>;
type PollEnd = Pin<Box<dyn Future<Output = StreamEnd> + Send>>;

/// Lines that come live from a place that this crate does not supervise: a container, another machine.
pub(super) struct ForeignLines {
    /// `None` once the last line was taken.
    lines: Option<PollLine>,
    end: PollEnd,
    taken: u64,
    thread: Option<ThreadId>,
    is_cold: bool,
}

impl ForeignLines {
    pub(super) fn new<L: Into<Vec<u8>>, E: Into<StreamEnd>>(
        lines: impl Stream<Item = L> + Send + 'static,
        end: impl Future<Output = E> + Send + 'static,
    ) -> Self {
        let mut lines = Box::pin(lines);
        Self {
            lines: Some(Box::new(move |context| {
                lines.as_mut().poll_next(context).map(|line| line.map(Into::into))
            })),
            end: Box::pin(async move { end.await.into() }),
            taken: 0,
            thread: None,
            is_cold: true,
        }
    }

    pub(super) fn is_cold(&self) -> bool {
        self.is_cold
    }

    /// Drops the lines, which stops their turn; the end is still to come.
    pub(super) fn give_up(&mut self) {
        self.lines = None;
    }

    pub(super) fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Received> {
        self.is_cold = false;
        if let Some(poll_line) = &mut self.lines {
            match ready!(poll_line(context)) {
                Some(raw) => return Poll::Ready(Received::Line(self.take(raw))),
                None => self.lines = None,
            }
        }
        let StreamEnd { error, mut report } = ready!(self.end.as_mut().poll(context));
        report.thread_id = report.thread_id.or_else(|| self.thread.take());
        Poll::Ready(Received::End((error, Some(Box::new(report)))))
    }

    fn take(&mut self, raw: Vec<u8>) -> EventLine {
        self.taken += 1;
        let line = EventLine::new(self.taken, raw);
        if self.thread.is_none()
            && let Boundary::ThreadStarted(thread) = line.boundary()
        {
            self.thread = Some(thread);
        }
        line
    }
}
