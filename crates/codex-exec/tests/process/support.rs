//! What the tests share beside the scene: a run of it to its end.

use codex_exec::{EventStream, TransportError, TransportReport};
use codex_protocol::EventLine;

pub(crate) use crate::scene::{COMPLETED, LONG, STARTED, Scene, TURN, eventually};

pub(crate) const THREAD: &str = "0199a213-81c0-7800-8aa1-bbab2a035a53";

/// What a run gave.
pub(crate) struct Ran {
    pub(crate) lines: Vec<EventLine>,
    pub(crate) error: Option<TransportError>,
    pub(crate) end: Option<TransportReport>,
}

impl Scene {
    pub(crate) fn stream(&self) -> EventStream {
        self.stream_of(self.invocation("hello"))
    }

    pub(crate) async fn run(&self) -> Ran {
        rest(self.stream()).await
    }
}

/// Takes everything that is left of a stream.
pub(crate) async fn rest(mut stream: EventStream) -> Ran {
    let mut ran = Ran { lines: Vec::new(), error: None, end: None };
    let all = async {
        while let Some(item) = stream.next_line().await {
            assert!(ran.error.is_none(), "an error is the last item");
            match item {
                Ok(line) => ran.lines.push(line),
                Err(error) => ran.error = Some(error),
            }
        }
    };
    tokio::time::timeout(LONG, all).await.expect("the stream ends");
    ran.end = stream.end().cloned();
    ran
}

impl Ran {
    pub(crate) fn raw(&self) -> Vec<String> {
        self.lines.iter().map(|line| String::from_utf8_lossy(line.raw()).into_owned()).collect()
    }

    pub(crate) fn ended(&self) -> &TransportReport {
        self.end.as_ref().expect("a process that ran has an end")
    }

    pub(crate) fn verdict(&self) -> codex_protocol::Verdict {
        let mut summary = codex_protocol::TurnSummary::new();
        self.lines.iter().for_each(|line| summary.observe(line));
        codex_protocol::Verdict::decide(&summary, &self.ended().end)
    }
}
