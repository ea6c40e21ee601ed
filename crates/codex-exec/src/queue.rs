//! [`queue`]: the bounded way from the supervisor to the consumer of a stream.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use codex_protocol::EventLine;

use crate::{ExecEnd, ExecError};

/// Makes a queue that holds at most `lines` lines of together at most `bytes` bytes; a longer line is let in alone.
///
/// The end is not a line and always has room.
pub(crate) fn queue(lines: usize, bytes: usize) -> (Sender, Receiver) {
    let shared = Arc::new(Mutex::new(Shared {
        lines: VecDeque::new(),
        bytes: 0,
        limit_lines: lines,
        limit_bytes: bytes,
        end: None,
        receiver_gone: false,
        room_waker: None,
        closed_waker: None,
        receiver_waker: None,
    }));
    (Sender { shared: Arc::clone(&shared) }, Receiver { shared })
}

/// What comes after the last line: an error if there is one, and what is known of the process.
pub(crate) type End = (Option<ExecError>, Option<Box<ExecEnd>>);

struct Shared {
    lines: VecDeque<EventLine>,
    bytes: usize,
    limit_lines: usize,
    limit_bytes: usize,
    end: Option<End>,
    receiver_gone: bool,
    /// Apart, or each line that is taken would wake a sender that only waits for the consumer to go. With it: how long the line is
    /// that there has to be room for.
    room_waker: Option<(Waker, usize)>,
    closed_waker: Option<Waker>,
    receiver_waker: Option<Waker>,
}

impl Shared {
    fn has_room(&self, line_bytes: usize) -> bool {
        self.lines.is_empty()
            || (self.lines.len() < self.limit_lines && self.bytes + line_bytes <= self.limit_bytes)
    }

    /// Half, so that a full queue does not wake the sender for each line that is taken.
    fn is_roomy(&self, line_bytes: usize) -> bool {
        self.lines.is_empty()
            || (self.has_room(line_bytes)
                && self.lines.len() <= self.limit_lines / 2
                && self.bytes <= self.limit_bytes / 2)
    }

    fn put(&mut self, line: EventLine) {
        self.bytes += line.raw().len();
        self.lines.push_back(line);
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().expect("no code panics while it holds the queue")
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// The supervisor's side.
pub(crate) struct Sender {
    shared: Arc<Mutex<Shared>>,
}

impl Sender {
    /// Puts lines from the front of `batch` into the queue as long as there is room.
    pub(crate) fn send_some(&self, batch: &mut VecDeque<EventLine>) {
        self.put_while(batch, Shared::has_room);
    }

    /// Puts all lines into the queue without regard to the bounds.
    pub(crate) fn send_all(&self, batch: &mut VecDeque<EventLine>) {
        self.put_while(batch, |_, _| true);
    }

    fn put_while(&self, batch: &mut VecDeque<EventLine>, fits: impl Fn(&Shared, usize) -> bool) {
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

    /// Says whether the consumer is gone.
    pub(crate) fn is_abandoned(&self) -> bool {
        lock(&self.shared).receiver_gone
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
    pub(crate) fn end(self, end: End) {
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
            shared.end = Some((Some(ExecError::SupervisorGone), None));
        }
        let receiver = shared.receiver_waker.take();
        drop(shared);
        wake(receiver);
    }
}

/// Tells when the consumer is gone.
pub(crate) struct Consumer {
    shared: Option<Arc<Mutex<Shared>>>,
}

impl Consumer {
    /// Stands for a consumer that never goes: somebody waits for the end alone.
    pub(crate) fn patient() -> Self {
        Self { shared: None }
    }

    /// Waits until the consumer is gone.
    ///
    /// # Cancel safety
    ///
    /// It only waits.
    pub(crate) async fn gone(&self) {
        let Some(shared) = &self.shared else { return std::future::pending().await };
        std::future::poll_fn(|context| {
            let mut shared = lock(shared);
            if shared.receiver_gone {
                return Poll::Ready(());
            }
            shared.closed_waker = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// The consumer's side.
pub(crate) struct Receiver {
    shared: Arc<Mutex<Shared>>,
}

/// What the consumer gets.
pub(crate) enum Received {
    Line(EventLine),
    End(End),
}

impl Receiver {
    pub(crate) fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Received> {
        let mut shared = lock(&self.shared);
        if let Some(line) = shared.lines.pop_front() {
            shared.bytes -= line.raw().len();
            let fits = shared.room_waker.as_ref().is_some_and(|(_, line_bytes)| shared.is_roomy(*line_bytes));
            let sender = if fits { shared.room_waker.take() } else { None };
            drop(shared);
            wake(sender.map(|(waker, _)| waker));
            return Poll::Ready(Received::Line(line));
        }
        if let Some(end) = shared.end.take() {
            return Poll::Ready(Received::End(end));
        }
        shared.receiver_waker = Some(context.waker().clone());
        Poll::Pending
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
mod tests {
    use std::collections::VecDeque;
    use std::task::{Context, Poll, Waker};

    use codex_protocol::EventLine;
    use proptest::prelude::{any, prop};

    use super::{Received, queue};

    fn line(number: u64, bytes: usize) -> EventLine {
        EventLine::new(number, vec![b'x'; bytes])
    }

    proptest::proptest! {
        #[test]
        fn a_queue_of_n_holds_at_most_n_and_loses_nothing(
            sizes in prop::collection::vec(0usize..30, 0..60),
            takes in prop::collection::vec(any::<bool>(), 0..200),
            limit_lines in 1usize..8, limit_bytes in 0usize..50,
        ) {
            let (sender, mut receiver) = queue(limit_lines, limit_bytes);
            let mut waiting: VecDeque<EventLine> = (1..).zip(&sizes).map(|(n, size)| line(n, *size)).collect();
            let mut context = Context::from_waker(Waker::noop());
            let (mut taken, mut held) = (Vec::new(), VecDeque::new());
            for take in takes.into_iter().chain(std::iter::repeat_n(true, 2 * sizes.len())) {
                if take && let Poll::Ready(Received::Line(line)) = receiver.poll_receive(&mut context) {
                    proptest::prop_assert_eq!(held.pop_front(), Some(line.raw().len()));
                    taken.push(line.number());
                }
                let before = waiting.len();
                let sizes: Vec<_> = waiting.iter().map(|line| line.raw().len()).collect();
                sender.send_some(&mut waiting);
                held.extend(&sizes[..before - waiting.len()]);
                proptest::prop_assert!(held.len() <= limit_lines);
                proptest::prop_assert!(held.len() <= 1 || held.iter().sum::<usize>() <= limit_bytes);
            }
            proptest::prop_assert_eq!(taken, (1..=sizes.len() as u64).collect::<Vec<_>>());
        }
    }

    /// Otherwise the sender, told that there is room, would try again and again and let nobody else run.
    #[test]
    fn there_is_no_room_for_a_line_that_does_not_fit() {
        let (sender, mut receiver) = queue(100, 10);
        sender.send_all(&mut VecDeque::from([line(1, 2), line(2, 2)]));
        let mut context = Context::from_waker(Waker::noop());
        let mut room = std::pin::pin!(sender.room(9));
        assert!(room.as_mut().poll(&mut context).is_pending());
        assert!(matches!(receiver.poll_receive(&mut context), Poll::Ready(Received::Line(_))));
        assert!(room.as_mut().poll(&mut context).is_pending(), "2 and 9 are more than 10");
        assert!(matches!(receiver.poll_receive(&mut context), Poll::Ready(Received::Line(_))));
        assert!(room.as_mut().poll(&mut context).is_ready());
    }

    #[test]
    fn the_sender_is_woken_when_its_line_fits_or_nobody_wants_it() {
        let woken = || std::sync::Arc::new(Woken::default());
        let (sender, mut receiver) = queue(100, 10);
        sender.send_all(&mut VecDeque::from([line(1, 2), line(2, 2), line(3, 2)]));
        let (for_room, for_end) = (woken(), woken());
        let room_waker = Waker::from(for_room.clone());
        let mut room = std::pin::pin!(sender.room(8));
        assert!(room.as_mut().poll(&mut Context::from_waker(&room_waker)).is_pending());
        let mut counts = Vec::new();
        for _ in 0..3 {
            let _ = receiver.poll_receive(&mut Context::from_waker(Waker::noop()));
            counts.push(for_room.0.load(std::sync::atomic::Ordering::SeqCst));
        }
        assert_eq!(counts, [0, 1, 1], "once, when it fits");
        let end_waker = Waker::from(for_end.clone());
        let consumer = sender.consumer();
        let mut gone = std::pin::pin!(consumer.gone());
        assert!(gone.as_mut().poll(&mut Context::from_waker(&end_waker)).is_pending());
        drop(receiver);
        assert_eq!(for_end.0.load(std::sync::atomic::Ordering::SeqCst), 1);
        assert!(sender.is_abandoned());
    }

    #[derive(Default)]
    struct Woken(std::sync::atomic::AtomicUsize);

    impl std::task::Wake for Woken {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    }

    #[test]
    fn the_end_has_room_in_a_full_queue() {
        let (sender, mut receiver) = queue(1, 1);
        sender.send_some(&mut VecDeque::from([line(1, 1)]));
        sender.end((None, None));
        let mut context = Context::from_waker(Waker::noop());
        assert!(matches!(receiver.poll_receive(&mut context), Poll::Ready(Received::Line(_))));
        assert!(matches!(receiver.poll_receive(&mut context), Poll::Ready(Received::End(_))));
    }

    #[test]
    fn lines_for_a_consumer_that_is_gone_are_let_go() {
        let (sender, receiver) = queue(1, 1);
        drop(receiver);
        let mut batch = VecDeque::from([line(1, 1), line(2, 1)]);
        sender.send_some(&mut batch);
        assert!(batch.is_empty());
    }
}
