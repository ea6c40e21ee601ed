//! [`queue`]: the bounded way from the supervisor to the consumer of a stream.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use codex_protocol::EventLine;

use crate::{TransportError, TransportReport};

/// Makes a queue that holds at most `lines` lines of together at most `bytes` bytes; a longer line is let in alone.
///
/// The end is not a line and always has room.
pub(crate) fn queue(lines: usize, bytes: usize) -> (Sender, Receiver) {
    let shared = Arc::new(Mutex::new(SharedQueue {
        lines: VecDeque::new(),
        bytes: 0,
        taken: HeldSize::default(),
        limit: HeldSize { lines, bytes },
        end: None,
        receiver_gone: false,
        hastened: false,
        room_waker: None,
        closed_waker: None,
        receiver_waker: None,
    }));
    (Sender { shared: Arc::clone(&shared) }, Receiver { shared, batch: VecDeque::new() })
}

/// What comes after the last line: an error if there is one, and what is known of the process.
pub(crate) type QueueEnd = (Option<TransportError>, Option<Box<TransportReport>>);

struct SharedQueue {
    lines: VecDeque<EventLine>,
    bytes: usize,
    /// What the receiver has taken out and not handed on yet; it still counts.
    taken: HeldSize,
    limit: HeldSize,
    end: Option<QueueEnd>,
    receiver_gone: bool,
    /// The receiver wants the end soon, and takes the lines that still come.
    hastened: bool,
    /// Apart, or each batch that is taken would wake a sender that only waits for the consumer to go. With it: how long the line
    /// is that there has to be room for.
    room_waker: Option<(Waker, usize)>,
    closed_waker: Option<Waker>,
    receiver_waker: Option<Waker>,
}

/// So many lines of together so many bytes.
#[derive(Clone, Copy, Debug, Default)]
struct HeldSize {
    lines: usize,
    bytes: usize,
}

impl HeldSize {
    fn half(self) -> Self {
        Self { lines: self.lines / 2, bytes: self.bytes / 2 }
    }

    fn with(self, line_bytes: usize) -> Self {
        Self { lines: self.lines + 1, bytes: self.bytes + line_bytes }
    }

    fn fits(self, limit: Self) -> bool {
        self.lines <= limit.lines && self.bytes <= limit.bytes
    }
}

impl SharedQueue {
    fn held(&self) -> HeldSize {
        HeldSize { lines: self.lines.len() + self.taken.lines, bytes: self.bytes + self.taken.bytes }
    }

    fn has_room(&self, line_bytes: usize) -> bool {
        let held = self.held();
        held.lines == 0 || held.with(line_bytes).fits(self.limit)
    }

    /// Half, so that a full queue does not wake the sender for a little room.
    fn is_roomy(&self, line_bytes: usize) -> bool {
        let held = self.held();
        held.lines == 0 || (held.with(line_bytes).fits(self.limit) && held.fits(self.limit.half()))
    }

    fn put(&mut self, line: EventLine) {
        self.bytes += line.raw().len();
        self.lines.push_back(line);
    }

    /// Lets go of the batch that was handed on and takes up to half of what the queue may hold, and at least a line, so that the
    /// sender fills the other half meanwhile; returns the sender if there is room for it.
    fn exchange(&mut self, batch: &mut VecDeque<EventLine>) -> Option<Waker> {
        self.taken = HeldSize::default();
        let half = self.limit.half();
        while let Some(line) = self
            .lines
            .pop_front_if(|line| self.taken.lines == 0 || self.taken.with(line.raw().len()).fits(half))
        {
            self.bytes -= line.raw().len();
            self.taken = self.taken.with(line.raw().len());
            batch.push_back(line);
        }
        let fits = self.room_waker.as_ref().is_some_and(|(_, line_bytes)| self.is_roomy(*line_bytes));
        if fits { self.room_waker.take().map(|(waker, _)| waker) } else { None }
    }
}

fn lock(shared: &Mutex<SharedQueue>) -> MutexGuard<'_, SharedQueue> {
    shared.lock().expect("no code panics while it holds the queue")
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// The supervisor's side.
pub(crate) struct Sender {
    shared: Arc<Mutex<SharedQueue>>,
}

impl Sender {
    /// Puts lines from the front of `batch` into the queue as long as there is room.
    pub(crate) fn send_some(&self, batch: &mut VecDeque<EventLine>) {
        self.put_while(batch, SharedQueue::has_room);
    }

    /// Puts all lines into the queue without regard to the bounds.
    pub(crate) fn send_all(&self, batch: &mut VecDeque<EventLine>) {
        self.put_while(batch, |_, _| true);
    }

    fn put_while(&self, batch: &mut VecDeque<EventLine>, fits: impl Fn(&SharedQueue, usize) -> bool) {
        let mut shared = lock(&self.shared);
        if shared.receiver_gone {
            batch.clear();
            return;
        }
        let before = batch.len();
        while let Some(line) = batch.pop_front_if(|line| fits(&shared, line.raw().len())) {
            shared.put(line);
        }
        let receiver = if batch.len() < before { shared.receiver_waker.take() } else { None };
        drop(shared);
        wake(receiver);
    }

    /// Says whether the consumer is gone, or wants the end soon.
    pub(crate) fn is_abandoned(&self) -> bool {
        let shared = lock(&self.shared);
        shared.receiver_gone || shared.hastened
    }

    /// Waits until the queue is at most half full and has room for a line of this length, or the consumer is gone.
    ///
    /// # Cancel safety
    ///
    /// It only waits.
    pub(crate) async fn room(&self, line_bytes: usize) {
        std::future::poll_fn(|context| {
            let mut shared = lock(&self.shared);
            if shared.receiver_gone || shared.is_roomy(line_bytes) {
                return Poll::Ready(());
            }
            shared.room_waker = Some((context.waker().clone(), line_bytes));
            Poll::Pending
        })
        .await;
    }

    /// Makes a handle that waits for the consumer to go, beside whatever the sender does.
    pub(crate) fn consumer(&self) -> Consumer {
        Consumer { shared: Some(Arc::clone(&self.shared)) }
    }

    /// Sends what comes after the last line.
    pub(crate) fn end(self, end: QueueEnd) {
        let mut shared = lock(&self.shared);
        shared.end = Some(end);
        let receiver = shared.receiver_waker.take();
        drop(shared);
        wake(receiver);
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let Ok(mut shared) = self.shared.lock() else { return };
        if shared.end.is_none() {
            shared.end = Some((Some(TransportError::SupervisorGone), None));
        }
        let receiver = shared.receiver_waker.take();
        drop(shared);
        wake(receiver);
    }
}

/// Tells when the consumer is gone.
pub(crate) struct Consumer {
    shared: Option<Arc<Mutex<SharedQueue>>>,
}

impl Consumer {
    /// Stands for a consumer that never goes: somebody waits for the end alone.
    pub(crate) fn patient() -> Self {
        Self { shared: None }
    }

    /// Waits until the consumer is gone, or wants the end soon.
    ///
    /// # Cancel safety
    ///
    /// It only waits.
    pub(crate) async fn gone(&self) {
        let Some(shared) = &self.shared else { return std::future::pending().await };
        std::future::poll_fn(|context| {
            let mut shared = lock(shared);
            if shared.receiver_gone || shared.hastened {
                return Poll::Ready(());
            }
            shared.closed_waker = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Says whether the consumer still takes lines.
    pub(crate) fn takes_lines(&self) -> bool {
        self.shared.as_ref().is_none_or(|shared| !lock(shared).receiver_gone)
    }
}

/// The consumer's side: takes lines in batches and hands them on one by one.
pub(crate) struct Receiver {
    shared: Arc<Mutex<SharedQueue>>,
    batch: VecDeque<EventLine>,
}

/// What the consumer gets.
pub(crate) enum Received {
    Line(EventLine),
    End(QueueEnd),
}

impl Receiver {
    /// Asks for the end as the drop does, and goes on to receive.
    pub(crate) fn hasten(&self) {
        let mut shared = lock(&self.shared);
        shared.hastened = true;
        let closed = shared.closed_waker.take();
        drop(shared);
        wake(closed);
    }

    pub(crate) fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Received> {
        if self.batch.is_empty() {
            let mut shared = lock(&self.shared);
            let sender = shared.exchange(&mut self.batch);
            if self.batch.is_empty() {
                if let Some(end) = shared.end.take() {
                    return Poll::Ready(Received::End(end));
                }
                shared.receiver_waker = Some(context.waker().clone());
                return Poll::Pending;
            }
            drop(shared);
            wake(sender);
        }
        let line = self.batch.pop_front().expect("an empty batch was filled");
        if self.batch.is_empty() {
            // Now and not at the next poll, which may be long in coming: what was handed on holds no room.
            let mut shared = lock(&self.shared);
            let sender = shared.exchange(&mut self.batch);
            drop(shared);
            wake(sender);
        }
        Poll::Ready(Received::Line(line))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let Ok(mut shared) = self.shared.lock() else { return };
        shared.receiver_gone = true;
        let lines = std::mem::take(&mut shared.lines);
        let (room, closed) = (shared.room_waker.take(), shared.closed_waker.take());
        drop(shared);
        drop(lines);
        wake(room.map(|(sender, _)| sender));
        wake(closed);
    }
}

#[cfg(test)]
mod tests;
