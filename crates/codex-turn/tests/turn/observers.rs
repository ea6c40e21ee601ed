//! Observers see every line, in order, before the consumer; and the end once.

use std::sync::mpsc::{Sender, channel};

use codex_exec::{EventStream, TransportError, TransportReport};
use codex_protocol::ExitKind;
use codex_turn::{EventLine, ObserveTurn, Turn, TurnResult};
use futures_util::TryStreamExt;

use crate::support::{hanging_thread, started, turn_lines};

struct Log {
    name: &'static str,
    sender: Sender<String>,
}

impl ObserveTurn for Log {
    fn on_line(&mut self, line: &EventLine) {
        self.sender.send(format!("{} line {}", self.name, line.number())).ok();
    }

    fn on_end(&mut self, result: &TurnResult) {
        self.sender.send(format!("{} {}", self.name, result.verdict.word())).ok();
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

#[tokio::test]
async fn a_turn_that_is_dropped_has_no_end_to_tell() {
    let (sender, seen) = channel();
    let log = Log { name: "log", sender };
    let mut stream = hanging_thread([started()]).run("do it").observe(log).stream();
    stream.try_next().await.unwrap();
    drop(stream);
    assert_eq!(seen.iter().collect::<Vec<_>>(), ["log line 1", "log dropped"]);
}

#[tokio::test]
async fn they_can_tell_a_turn_that_never_began() {
    struct Began(Sender<bool>);
    impl ObserveTurn for Began {
        fn on_line(&mut self, _: &EventLine) {}
        fn on_end(&mut self, result: &TurnResult) {
            self.0.send(result.began()).ok();
        }
    }
    let (sender, began) = channel();
    let failing = |lines: Vec<String>| {
        EventStream::from_failing_parts(
            lines,
            TransportError::SupervisorGone,
            TransportReport::new(ExitKind::Code(1)),
        )
    };
    let lines = [failing(vec![]), failing(vec![started()]), EventStream::from_lines([started()])];
    for lines in lines {
        Turn::over(lines).observe(Began(sender.clone())).await.unwrap_err();
    }
    drop(sender);
    assert_eq!(began.iter().collect::<Vec<_>>(), [false, true, true]);
}
