//! The bounds of the queue, who is woken when, and who decodes.

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
