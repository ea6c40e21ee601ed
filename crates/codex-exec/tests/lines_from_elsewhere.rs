//! Streams of lines that come live from a process layer of the caller's.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use codex_exec::{EventStream, Phase, StreamEnd, TransportError, TransportReport};
use codex_protocol::ExitKind;
use futures_util::{StreamExt, future, stream};

const STARTED: &str = r#"{"type":"thread.started","thread_id":"0199a213-81c0-7800-8aa1-bbab2a035a53"}"#;
const TURN: &str = r#"{"type":"turn.started"}"#;

fn exit() -> TransportReport {
    TransportReport::new(ExitKind::Code(3))
}

#[tokio::test]
async fn nothing_is_polled_before_the_stream_is_and_nothing_ahead_of_it() {
    let polled = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&polled);
    let lines = stream::iter([STARTED, TURN]).inspect(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
    });
    let mut stream = EventStream::from_stream(lines, async { exit() });
    assert_eq!((stream.phase(), polled.load(Ordering::SeqCst)), (Phase::Cold, 0));
    assert_eq!(stream.next_line().await.unwrap().unwrap().raw(), STARTED.as_bytes());
    assert_eq!((stream.phase(), polled.load(Ordering::SeqCst)), (Phase::Live, 1));
    assert_eq!(stream.next_line().await.unwrap().unwrap().number(), 2);
    assert!(stream.end().is_none());
    assert!(stream.next_line().await.is_none());
    assert_eq!(stream.phase(), Phase::Done);
}

#[tokio::test]
async fn the_end_comes_after_the_lines_with_their_thread() {
    let mut stream = EventStream::from_stream(stream::iter([TURN, STARTED]), async { exit() });
    while stream.next_line().await.is_some() {}
    let end = stream.end().unwrap();
    assert_eq!(end.end, exit().end);
    assert_eq!(end.thread_id.as_ref().unwrap().to_string(), "0199a213-81c0-7800-8aa1-bbab2a035a53");
}

#[tokio::test]
async fn an_error_is_the_last_item() {
    let end = future::ready(StreamEnd::failed(TransportError::Cancelled, exit()));
    let mut stream = EventStream::from_stream(stream::iter([TURN]), end);
    assert!(stream.next_line().await.unwrap().is_ok());
    assert!(matches!(stream.next_line().await, Some(Err(TransportError::Cancelled))));
    assert!(stream.next_line().await.is_none());
    assert_eq!(stream.end().unwrap().end, exit().end);
}

/// Counts what was dropped.
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Lines that never end, and an end that comes once they were dropped.
fn endless(dropped: &Arc<AtomicUsize>) -> EventStream {
    let guard = Dropped(Arc::clone(dropped));
    let lines = stream::iter([TURN]).chain(stream::once(async move {
        let _guard = guard;
        pending().await
    }));
    let dropped = Arc::clone(dropped);
    EventStream::from_stream(lines, async move {
        assert_eq!(dropped.load(Ordering::SeqCst), 1, "the lines are dropped before their end is waited for");
        exit()
    })
}

#[tokio::test]
async fn dropping_the_stream_drops_the_lines() {
    let dropped = Arc::default();
    let mut stream = endless(&dropped);
    stream.next_line().await.unwrap().unwrap();
    drop(stream);
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn closing_the_stream_drops_the_lines_and_waits_for_their_end() {
    let dropped = Arc::default();
    let mut stream = endless(&dropped);
    stream.next_line().await.unwrap().unwrap();
    assert_eq!(stream.close().await.unwrap().end, exit().end);
    assert!(endless(&dropped).close().await.is_none(), "what was never polled has no end");
}
