//! [`EventStream`]: the lines of one start of Codex, cold until it is first polled.

mod foreign_lines;
mod stream_end;
mod supervised;

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use codex_protocol::{EventLine, ExitKind};
use futures_core::Stream;

use foreign_lines::ForeignLines;
pub use stream_end::StreamEnd;
pub(crate) use supervised::Supervised;

use crate::queue::{QueueEnd, Received};
use crate::{TransportError, TransportReport};

/// The lines of one start of Codex.
///
/// Nothing starts before the first poll, and then on the tokio runtime of that poll, which needs its I/O and time drivers: an error says if there is none, or which of them it lacks. Reading goes no further than the queue is long: a consumer that stops polling stops the
/// reading, and nothing is lost. If the last item is an `Err` it says why there is no more; a turn that failed is no error here,
/// its lines end with `None`. After the last item [`EventStream::end`] says how the process ended, and nothing of the start is left:
/// no process but those that it names, no task, no file.
///
/// # Cancel safety
///
/// Dropping the stream interrupts Codex and, after half a second by default, kills what is left; the task that does so is there
/// already, and needs a runtime that goes on running. [`EventStream::close`] does the same and waits for it. Dropping the runtime kills at once. A future of [`EventStream::next_line`] may be dropped at any time, no line is lost.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use codex_exec::EventStream;
///
/// let mut stream = EventStream::from_lines([r#"{"type":"turn.started"}"#]);
/// assert_eq!(stream.next_line().await.unwrap().unwrap().number(), 1);
/// assert!(stream.next_line().await.is_none());
/// assert!(stream.end().is_some());
/// # });
/// ```
#[must_use = "a stream does nothing until it is polled"]
pub struct EventStream {
    source: LineSource,
    end: Option<Box<TransportReport>>,
}

/// Whether a stream was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a stream has these three phases and no other")]
pub enum Phase {
    /// Nothing was started.
    Cold,
    /// Lines may come.
    Live,
    /// The last item was taken.
    Done,
}

type Start = Box<dyn FnOnce() -> Result<Supervised, TransportError> + Send>;

enum LineSource {
    Cold(Start),
    Live(Supervised),
    Foreign(Box<ForeignLines>),
    Lines(VecDeque<EventLine>, Option<QueueEnd>),
    Done,
}

impl EventStream {
    /// Makes a stream that calls `start` at its first poll.
    pub(crate) fn cold(start: impl FnOnce() -> Result<Supervised, TransportError> + Send + 'static) -> Self {
        Self { source: LineSource::Cold(Box::new(start)), end: None }
    }

    /// Makes a stream without a process: the lines of a recording, or of a fake, and exit 0.
    pub fn from_lines<L: Into<Vec<u8>>>(lines: impl IntoIterator<Item = L>) -> Self {
        Self::from_parts(lines, TransportReport::new(ExitKind::Code(0)))
    }

    /// Makes a stream without a process that ends as `end` says.
    ///
    /// The thread of `end`, if it names none, is the one that the lines name.
    pub fn from_parts<L: Into<Vec<u8>>>(lines: impl IntoIterator<Item = L>, end: TransportReport) -> Self {
        Self::without_process(lines, None, end)
    }

    /// Makes a stream of lines that come live from elsewhere: the way for a process layer of the caller's, whose Codex runs in a
    /// container or on another machine.
    ///
    /// `lines` is polled when the stream is, and never ahead of it; so it starts nothing before its own first poll if the
    /// layer keeps the promise of [`Exec`](crate::Exec). `end` is polled when there is no more line. Both are dropped
    /// with the stream, and that has to stop the turn; so has the token that the layer was given. A line has no line break,
    /// and its length is bounded by who makes it. The thread of the report, if it names none, is the one that the lines name.
    ///
    /// `examples/elsewhere.rs` is a whole process layer over a socket.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use codex_exec::{EventStream, TransportReport};
    /// use codex_protocol::ExitKind;
    /// use futures_util::stream;
    ///
    /// let lines = stream::iter([r#"{"type":"turn.started"}"#, r#"{"type":"turn.completed","usage":null}"#]);
    /// let mut stream = EventStream::from_stream(lines, async { TransportReport::new(ExitKind::Code(0)) });
    /// while let Some(line) = stream.next_line().await {
    ///     assert!(line.unwrap().number() <= 2);
    /// }
    /// assert!(stream.end().is_some());
    /// # });
    /// ```
    pub fn from_stream<L: Into<Vec<u8>>, E: Into<StreamEnd>>(
        lines: impl Stream<Item = L> + Send + 'static,
        end: impl Future<Output = E> + Send + 'static,
    ) -> Self {
        Self { source: LineSource::Foreign(Box::new(ForeignLines::new(lines, end))), end: None }
    }

    /// Makes a stream without a process whose last item is `error`.
    pub fn from_failing_parts<L: Into<Vec<u8>>>(
        lines: impl IntoIterator<Item = L>,
        error: TransportError,
        end: TransportReport,
    ) -> Self {
        Self::without_process(lines, Some(error), end)
    }

    fn without_process<L: Into<Vec<u8>>>(
        lines: impl IntoIterator<Item = L>,
        error: Option<TransportError>,
        mut end: TransportReport,
    ) -> Self {
        let lines: VecDeque<EventLine> =
            (1..).zip(lines).map(|(number, raw)| EventLine::new(number, raw.into())).collect();
        if end.thread_id.is_none() {
            end.thread_id = lines.iter().find_map(|line| match line.boundary() {
                codex_protocol::Boundary::ThreadStarted(thread) => Some(thread),
                codex_protocol::Boundary::TurnEnded | codex_protocol::Boundary::Within => None,
            });
        }
        Self { source: LineSource::Lines(lines, Some((error, Some(Box::new(end))))), end: None }
    }

    /// Says whether the stream was started, and whether it is over.
    pub fn phase(&self) -> Phase {
        match &self.source {
            LineSource::Cold(_) => Phase::Cold,
            LineSource::Foreign(lines) if lines.is_cold() => Phase::Cold,
            LineSource::Live(_) | LineSource::Foreign(_) | LineSource::Lines(..) => Phase::Live,
            LineSource::Done => Phase::Done,
        }
    }

    /// Says how the process ended, once the last item was taken.
    ///
    /// `None` before that, and where nothing was started.
    pub fn end(&self) -> Option<&TransportReport> {
        self.end.as_deref()
    }

    /// Waits for the next line.
    ///
    /// # Errors
    ///
    /// The last item may be an error: see [`TransportError`].
    ///
    /// # Cancel safety
    ///
    /// No line is lost when the future is dropped.
    pub async fn next_line(&mut self) -> Option<Result<EventLine, TransportError>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Asks what runs to stop, as dropping the stream does, and goes on to yield the lines that still come.
    ///
    /// Of a stream that was not polled nothing will start, and it is over. Lines [from elsewhere](EventStream::from_stream) are
    /// stopped by the token of their layer alone.
    pub fn stop_soon(&mut self) {
        match &self.source {
            LineSource::Cold(_) => self.source = LineSource::Done,
            LineSource::Foreign(lines) if lines.is_cold() => self.source = LineSource::Done,
            LineSource::Live(running) => running.hasten(),
            LineSource::Foreign(_) | LineSource::Lines(..) | LineSource::Done => {}
        }
    }

    /// Stops what runs as dropping the stream does, and waits until nothing of it is left; returns how it ended, if it was
    /// started.
    ///
    /// The lines that still come are read and dropped. Lines [from elsewhere](EventStream::from_stream) are dropped at once, and
    /// their end is waited for.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the stream.
    pub async fn close(mut self) -> Option<TransportReport> {
        self.stop_soon();
        if let LineSource::Foreign(lines) = &mut self.source {
            lines.give_up();
        }
        while self.next_line().await.is_some() {}
        self.end.map(|end| *end)
    }

    fn finish(&mut self, (error, end): QueueEnd) -> Option<Result<EventLine, TransportError>> {
        self.source = LineSource::Done;
        self.end = end;
        error.map(Err)
    }
}

impl Stream for EventStream {
    type Item = Result<EventLine, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let LineSource::Cold(_) = self.source {
            let LineSource::Cold(start) = std::mem::replace(&mut self.source, LineSource::Done) else {
                unreachable!()
            };
            match start() {
                Ok(started) => self.source = LineSource::Live(started),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
        let received = match &mut self.source {
            LineSource::Live(running) => ready!(running.poll_receive(context)),
            LineSource::Foreign(lines) => ready!(lines.poll_receive(context)),
            LineSource::Lines(lines, end) => {
                if let Some(line) = lines.pop_front() {
                    return Poll::Ready(Some(Ok(line)));
                }
                Received::End(end.take().expect("the end is taken once, the stream is done after it"))
            }
            LineSource::Cold(_) | LineSource::Done => return Poll::Ready(None),
        };
        Poll::Ready(match received {
            Received::Line(line) => Some(Ok(line)),
            Received::End(end) => self.finish(end),
        })
    }
}

impl std::fmt::Debug for EventStream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("EventStream").field("phase", &self.phase()).finish_non_exhaustive()
    }
}
