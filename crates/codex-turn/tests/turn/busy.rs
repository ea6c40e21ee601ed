//! One turn per thread at a time.

use codex_exec::{EventStream, TransportError, TransportReport};
use codex_protocol::{ExitKind, ThreadId};
use codex_turn::TurnError;
use futures_util::{StreamExt, TryStreamExt};
use tokio_util::sync::CancellationToken;

use crate::support::{THREAD, hanging_thread, soon, started, thread};

#[tokio::test]
async fn a_second_turn_of_a_new_thread_is_refused() {
    let thread = hanging_thread([]);
    let (token, other) = (CancellationToken::new(), thread.clone());
    let first = tokio::spawn(thread.run("one").cancel(token.clone()).into_future());
    tokio::task::yield_now().await;

    let error = soon(other.run("two")).await.unwrap_err();
    assert!(matches!(error, TurnError::Busy { thread: None, .. }), "{error:?}");
    token.cancel();
    soon(first).await.unwrap().unwrap_err();
}

#[tokio::test]
async fn the_error_names_the_thread_and_is_the_only_item() {
    let thread = hanging_thread([started()]);
    let mut first = thread.run_streamed("one");
    first.try_next().await.unwrap();

    let mut second = thread.run_streamed("two");
    let error = soon(second.next()).await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), format!("a turn is already running on thread {THREAD}"));
    assert!(second.next().await.is_none());
    assert!(matches!(second.finish().await, Err(TurnError::Busy { .. })));
}

#[tokio::test]
async fn a_turn_that_is_dropped_sets_the_thread_free() {
    let thread = hanging_thread([started()]);
    let mut first = thread.run_streamed("one");
    first.try_next().await.unwrap();
    drop(first);
    let mut second = thread.run_streamed("two");
    assert!(second.try_next().await.unwrap().is_some());
}

#[tokio::test]
async fn a_turn_whose_end_is_known_no_longer_holds_the_thread() {
    let streams = [1, 2].map(|_| EventStream::from_lines([started()]));
    let thread = thread(streams);
    let mut first = thread.run_streamed("one");
    while first.try_next().await.unwrap().is_some() {}
    // `first` is still there, and not finished.
    assert!(!matches!(thread.run("two").await, Err(TurnError::Busy { .. })));
    drop(first);
}

#[tokio::test]
async fn a_thread_that_another_process_holds_is_the_same_error() {
    let id = ThreadId::parse(THREAD).unwrap();
    let error = TransportError::thread_busy(id.clone());
    let end = TransportReport::new(ExitKind::Code(1));
    let stream = EventStream::from_failing_parts(Vec::<String>::new(), error, end);
    let error = thread([stream]).run("one").await.unwrap_err();
    assert!(matches!(error, TurnError::Busy { thread: Some(thread), .. } if thread == id));
}
