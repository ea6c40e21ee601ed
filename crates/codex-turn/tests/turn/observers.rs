//! Observers see the start, every line in order and before the consumer, and the end once.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use codex_exec::{EventStream, TransportError, TransportReport};
use codex_protocol::ExitKind;
use codex_turn::{EventLine, Invocation, ObserveTurn, Thread, ThreadId, Turn, TurnError, TurnResult};
use futures_util::TryStreamExt;

use crate::support::{FakeExec, THREAD, codex, hanging_thread, options, soon, started, thread, turn_lines};

struct Log {
    name: &'static str,
    sender: Sender<String>,
}

impl ObserveTurn for Log {
    fn on_start(&self, invocation: &Invocation, thread: Option<&ThreadId>) {
        let thread = thread.map_or_else(|| "a new thread".to_owned(), ToString::to_string);
        self.sender.send(format!("{} asks {:?} of {thread}", self.name, invocation.parts().prompt())).ok();
    }

    fn on_line(&self, line: &EventLine) {
        self.sender.send(format!("{} line {}", self.name, line.number())).ok();
    }

    fn on_end(&self, result: &TurnResult, error: Option<&TurnError>) {
        let error = error.map_or_else(String::new, |error| format!(", {error}"));
        let began = if result.began() { "" } else { ", never began" };
        self.sender.send(format!("{} {}{error}{began}", self.name, result.verdict.word())).ok();
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.sender.send(format!("{} dropped", self.name)).ok();
    }
}

#[tokio::test]
async fn they_see_each_line_before_the_consumer_and_the_end_once() {
    let (sender, seen) = channel();
    let log = Log { name: "log", sender: sender.clone() };
    let closure = sender.clone();
    let lines = turn_lines("done", 1).into_iter().skip(2);
    let mut stream = Turn::over(EventStream::from_lines(lines))
        .observe(log)
        .on_event(move |line| drop(closure.send(format!("closure line {}", line.number()))))
        .stream();
    while let Some(line) = stream.try_next().await.unwrap() {
        sender.send(format!("consumer line {}", line.number())).unwrap();
    }
    sender.send("consumer end".to_owned()).unwrap();
    drop((stream.finish().await, sender));
    let expected = [
        "log line 1",
        "closure line 1",
        "consumer line 1",
        "log line 2",
        "closure line 2",
        "consumer line 2",
        "log completed",
        "consumer end",
        "log dropped",
    ];
    assert_eq!(seen.iter().collect::<Vec<_>>(), expected);
}

/// What a log sees of a turn on this thread, whatever becomes of the turn.
async fn seen_of(thread: &Thread, run: impl AsyncFnOnce(Turn)) -> Vec<String> {
    let (sender, seen) = channel();
    soon(run(thread.run("do it").observe(Log { name: "log", sender }))).await;
    seen.iter().collect()
}

#[tokio::test]
async fn they_see_what_is_asked_and_of_which_thread() {
    let exec = FakeExec::new([1, 2].map(|input| EventStream::from_lines(turn_lines("done", input))));
    let thread = codex(&exec).start_thread(options());
    let awaited = async |turn: Turn| drop(turn.await.unwrap());
    assert_eq!(seen_of(&thread, awaited).await[0], "log asks \"do it\" of a new thread");
    assert_eq!(seen_of(&thread, awaited).await[0], format!("log asks \"do it\" of {THREAD}"));
}

#[tokio::test]
async fn a_turn_that_is_dropped_has_an_end() {
    let dropped = async |turn: Turn| {
        let mut stream = turn.stream();
        stream.try_next().await.unwrap();
    };
    let asked = "log asks \"do it\" of a new thread";
    let cancelled = "log cancelled, the turn did not complete: cancelled";
    let expected = [asked, "log line 1", cancelled, "log dropped"];
    assert_eq!(seen_of(&hanging_thread([started()]), dropped).await, expected);
    // What was done was done.
    let lines = turn_lines("done", 1).into_iter().skip(3);
    assert_eq!(seen_of(&hanging_thread(lines), dropped).await[2], "log completed");
}

#[tokio::test]
async fn a_turn_that_is_not_polled_has_neither_start_nor_end() {
    let seen = seen_of(&hanging_thread([]), async |turn: Turn| drop(turn.stream())).await;
    assert_eq!(seen, ["log dropped"]);
}

#[tokio::test]
async fn a_turn_that_is_closed_has_all_its_lines_and_an_end() {
    let closed = async |turn: Turn| {
        let mut stream = turn.stream();
        stream.try_next().await.unwrap();
        stream.close().await.unwrap_err();
    };
    let seen = seen_of(&hanging_thread([started(), r#"{"type":"turn.started"}"#.to_owned()]), closed).await;
    assert_eq!(seen[1..3], ["log line 1", "log line 2"]);
    assert_eq!(seen[3..], ["log cancelled, the turn did not complete: cancelled", "log dropped"]);
}

#[tokio::test]
async fn a_turn_that_could_not_start_has_an_end_and_says_why() {
    let busy = hanging_thread([started()]);
    let mut first = busy.run_streamed("one");
    first.try_next().await.unwrap();
    let awaited = async |turn: Turn| drop(turn.await.unwrap_err());
    let error = format!("log truncated, a turn is already running on thread {THREAD} in process ");
    let seen = seen_of(&busy, awaited).await;
    assert!(seen[0].starts_with(&error) && seen[0].ends_with(", never began"), "{seen:?}");
    assert_eq!(seen[1..], ["log dropped"]);

    let waits = async |turn: Turn| {
        let mut stream = turn.with(|invocation| invocation.thread_wait(Duration::MAX)).stream();
        assert!(futures_util::poll!(std::pin::pin!(stream.next_line())).is_pending());
    };
    let cancelled = "log cancelled, the turn did not complete: cancelled, never began";
    assert_eq!(seen_of(&busy, waits).await, [cancelled, "log dropped"]);

    let end = TransportReport::new(ExitKind::Code(1));
    let refused = EventStream::from_failing_parts(Vec::<String>::new(), TransportError::SupervisorGone, end);
    let seen = seen_of(&thread([refused]), awaited).await;
    assert_eq!(
        seen[1..],
        ["log exited, the runtime that supervised the turn was shut down, never began", "log dropped"]
    );
}

#[tokio::test]
async fn an_observer_that_panics_is_not_called_again() {
    struct Panics(Sender<&'static str>);
    impl ObserveTurn for Panics {
        fn on_line(&self, _: &EventLine) {
            panic!("it panics");
        }
        fn on_end(&self, _: &TurnResult, _: Option<&TurnError>) {
            self.0.send("end").ok();
        }
    }
    let (sender, seen) = channel();
    let turn = hanging_thread([started()]).run("do it").observe(Panics(sender));
    assert!(soon(tokio::spawn(turn.into_future())).await.unwrap_err().is_panic());
    assert!(seen.recv().is_err());
}

#[tokio::test]
async fn one_observer_may_be_shared_and_boxed() {
    let (sender, seen) = channel();
    let shared: Arc<dyn ObserveTurn> = Arc::new(Log { name: "log", sender });
    for observer in [Box::new(Arc::clone(&shared)) as Box<dyn ObserveTurn>, Box::new(shared)] {
        Turn::over(EventStream::from_lines([started()])).observe(observer).await.unwrap_err();
    }
    let end = "log truncated, the turn did not complete: truncated";
    assert_eq!(seen.iter().collect::<Vec<_>>(), ["log line 1", end, "log line 1", end, "log dropped"]);
}
