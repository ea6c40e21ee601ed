//! One turn per thread at a time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use codex_exec::{EventStream, ThreadHolder, TransportError, TransportReport};
use codex_protocol::{EventLine, ExitKind, ThreadId};
use codex_turn::{Codex, Invocation, ObserveTurn, Thread, TurnError, TurnStream};
use futures_util::{StreamExt, TryStreamExt};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::support::{HangingTurns, THREAD, hanging_thread, options, soon, started, thread};

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
    let expected =
        format!("a turn is already running on thread {THREAD} in process {}, for ", std::process::id());
    assert!(error.to_string().starts_with(&expected), "{error}");
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
    let of_another = ThreadHolder::new(4711);
    let error = TransportError::thread_busy(id.clone(), of_another);
    let end = TransportReport::new(ExitKind::Code(1));
    let stream = EventStream::from_failing_parts(Vec::<String>::new(), error, end);
    let error = thread([stream]).run("one").await.unwrap_err();
    let TurnError::Busy { thread: Some(thread), holder: Some(holder), .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!((thread, holder), (id, of_another));
}

/// A thread that waits, with the first of its turns running; the lines of each turn end with the token of the turn.
async fn waiting_thread(wait: Duration) -> (Thread, TurnStream) {
    let turns = HangingTurns(vec![started()]);
    let codex = Codex::builder().transport(Arc::new(turns)).build().unwrap();
    let thread = codex.start_thread(options().wait(wait));
    let mut first = thread.run_streamed("one");
    first.try_next().await.unwrap();
    (thread, first)
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_waits_runs_when_the_thread_is_free() {
    let (thread, first) = waiting_thread(Duration::from_mins(1)).await;
    let mut second = thread.run("two").stream();
    assert!(timeout(Duration::from_secs(20), second.next()).await.is_err(), "the first turn has the thread");
    drop(first);
    assert!(second.try_next().await.unwrap().is_some());
}

/// What the transport is told of the wait.
#[derive(Default)]
struct Waits(Mutex<Vec<Option<Duration>>>);

impl ObserveTurn for Waits {
    fn on_start(&self, invocation: &Invocation, _: Option<&ThreadId>) {
        self.0.lock().unwrap().push(invocation.parts().thread_wait);
    }

    fn on_line(&self, _: &EventLine) {}
}

#[tokio::test(start_paused = true)]
async fn the_transport_is_told_what_is_left_of_the_wait() {
    let (thread, first) = waiting_thread(Duration::from_mins(1)).await;
    let waits = Arc::new(Waits::default());
    let mut second = thread.run("two").observe(Arc::clone(&waits)).stream();
    assert!(timeout(Duration::from_secs(20), second.next()).await.is_err());
    drop(first);
    second.try_next().await.unwrap();
    assert_eq!(*waits.0.lock().unwrap(), [Some(Duration::from_secs(40))]);
}

#[tokio::test(start_paused = true)]
async fn a_turn_waits_no_longer_than_it_was_told() {
    let (thread, _first) = waiting_thread(Duration::from_mins(1)).await;
    let begun = Instant::now();
    let error = thread.run("two").await.unwrap_err();
    assert!(matches!(error, TurnError::Busy { holder: Some(_), .. }), "{error:?}");
    assert_eq!(begun.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_waits_listens_to_its_token() {
    let (thread, _first) = waiting_thread(Duration::MAX).await;
    let token = CancellationToken::new();
    let second = tokio::spawn(thread.run("two").cancel(token.clone()).into_future());
    tokio::time::sleep(Duration::from_hours(1)).await;
    assert!(!second.is_finished());
    token.cancel();
    let result = second.await.unwrap().unwrap_err().into_result().unwrap();
    assert_eq!((result.verdict.word(), result.began()), ("cancelled", false));
}

#[tokio::test(start_paused = true)]
async fn of_turns_that_wait_one_after_the_other_runs() {
    let (thread, first) = waiting_thread(Duration::from_mins(1)).await;
    let token = CancellationToken::new();
    let run = |prompt: &str| tokio::spawn(thread.run(prompt).cancel(token.clone()).into_future());
    let waiting = [run("two"), run("three")];
    tokio::time::sleep(Duration::from_secs(1)).await;
    first.close().await.unwrap_err();
    tokio::time::sleep(Duration::from_secs(1)).await;
    token.cancel();
    for turn in waiting {
        let result = turn.await.unwrap().unwrap_err().into_result().unwrap();
        assert_eq!(result.verdict.word(), "cancelled");
    }
}
