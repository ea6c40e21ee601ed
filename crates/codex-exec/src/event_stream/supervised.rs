//! [`Supervised`]: the lines of a process, and the task that supervises it.

use std::task::{Context, Poll, ready};

use tokio::task::JoinHandle;

use crate::queue::{QueueEnd, Received, Receiver};

/// The lines of a process, and the task that supervises it.
///
/// The end is handed on when the task is over: then nothing of the start is left, not even the task.
pub(crate) struct Supervised {
    lines: Receiver,
    task: JoinHandle<()>,
    /// Was received, and waits for the task.
    end: Option<QueueEnd>,
}

impl Supervised {
    pub(crate) fn new(lines: Receiver, task: JoinHandle<()>) -> Self {
        Self { lines, task, end: None }
    }

    pub(super) fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Received> {
        if self.end.is_none() {
            match ready!(self.lines.poll_receive(context)) {
                Received::Line(line) => return Poll::Ready(Received::Line(line)),
                Received::End(end) => self.end = Some(end),
            }
        }
        // A task that was cancelled with its runtime is over as well.
        let _over = ready!(std::pin::Pin::new(&mut self.task).poll(context));
        let end = self.end.take().expect("it was received above, and the stream is done after it");
        Poll::Ready(Received::End(end))
    }

    pub(super) fn hasten(&self) {
        self.lines.hasten();
    }
}
