//! The span of a turn: settled with verdict and usage, without the prompt, also when it is dropped.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use codex_exec::EventStream;
use futures_util::TryStreamExt;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::{FakeExec, THREAD, codex, completed, hanging_thread, options, started, turn_lines};

type Fields = BTreeMap<String, String>;

/// Keeps the fields of every span named `turn`, and all text that it saw anywhere.
#[derive(Clone, Default)]
struct Recorder {
    spans: Arc<Mutex<BTreeMap<u64, Fields>>>,
    all: Arc<Mutex<String>>,
    last: Arc<AtomicU64>,
}

struct Visitor<'a> {
    fields: &'a mut Fields,
    all: &'a mut String,
}

impl Visit for Visitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        self.all.push_str(&text);
        self.fields.insert(field.name().to_owned(), text.trim_matches('"').to_owned());
    }
}

impl Recorder {
    fn note(&self, id: u64, record: impl FnOnce(&mut Visitor<'_>)) {
        let (mut spans, mut all) = (self.spans.lock().unwrap(), self.all.lock().unwrap());
        record(&mut Visitor { fields: spans.entry(id).or_default(), all: &mut all });
    }

    fn turn(&self) -> Fields {
        let mut turns = self.spans.lock().unwrap().clone();
        turns.retain(|_, fields| fields.contains_key("verdict"));
        let (_, mut fields) = turns.pop_first().expect("a settled turn");
        assert!(turns.is_empty(), "one turn, one span: {turns:?}");
        fields.remove("duration_ms").expect("a duration").parse::<u64>().unwrap();
        fields
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("codex_turn")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        self.note(id, |visitor| span.record(visitor));
        Id::from_u64(id)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.note(span.into_u64(), |visitor| values.record(visitor));
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::new();
        event.record(&mut Visitor { fields: &mut fields, all: &mut self.all.lock().unwrap() });
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn fields<const N: usize>(pairs: [(&str, &str); N]) -> Fields {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[tokio::test]
async fn it_says_what_the_turn_was_and_how_it_ended() {
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let exec = FakeExec::new([EventStream::from_lines(turn_lines("the answer", 70))]);
    codex(&exec).start_thread(options().model("gpt-5.5")).run("the prompt").await.unwrap();
    let expected = fields([
        ("model", "gpt-5.5"),
        ("thread_id", THREAD),
        ("verdict", "completed"),
        ("input_tokens", "70"),
        ("output_tokens", "5"),
        ("thread_input_tokens", "70"),
        ("thread_output_tokens", "5"),
    ]);
    assert_eq!(recorder.turn(), expected);
    let all = recorder.all.lock().unwrap();
    assert!(!all.contains("the prompt") && !all.contains("the answer"), "{all}");
}

#[tokio::test]
async fn it_is_settled_when_the_stream_is_dropped_half_way() {
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let mut stream = hanging_thread([started()]).run_streamed("the prompt");
    stream.try_next().await.unwrap();
    drop(stream);
    assert_eq!(recorder.turn(), fields([("thread_id", THREAD), ("verdict", "abandoned")]));
}

#[tokio::test]
async fn a_turn_that_is_dropped_after_its_terminal_line_is_what_that_line_says() {
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let mut stream = hanging_thread([started(), completed(3, 1)]).run_streamed("the prompt");
    stream.try_next().await.unwrap();
    stream.try_next().await.unwrap();
    drop(stream);
    let settled = recorder.turn();
    assert_eq!((&*settled["verdict"], &*settled["input_tokens"]), ("completed", "3"));
}

#[tokio::test]
async fn a_turn_that_is_never_polled_has_none() {
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    drop(hanging_thread([started()]).run_streamed("the prompt"));
    assert!(recorder.spans.lock().unwrap().is_empty());
}
