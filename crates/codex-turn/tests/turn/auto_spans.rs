//! The spans of a run: one for it, one for each step, the turn within its step; never the prompt.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use codex_exec::EventStream;
use codex_turn::Predicate;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::{THREAD, thread, turn_lines};

#[derive(Default)]
struct Seen {
    /// The path of each span, and its fields but for durations.
    spans: BTreeMap<u64, (String, String)>,
    entered: Vec<u64>,
}

#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Seen>>);

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() != "duration_ms" {
            write!(self.0, " {}={value:?}", field.name()).unwrap();
        }
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.target().starts_with("codex_turn")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut seen = self.0.lock().unwrap();
        let parent = seen.entered.last().map_or(String::new(), |id| format!("{}/", seen.spans[id].0));
        let id = seen.spans.len() as u64 + 1;
        let mut fields = String::new();
        span.record(&mut Fields(&mut fields));
        seen.spans.insert(id, (format!("{parent}{}", span.metadata().name()), fields));
        Id::from_u64(id)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut seen = self.0.lock().unwrap();
        values.record(&mut Fields(&mut seen.spans.get_mut(&span.into_u64()).unwrap().1));
    }

    fn enter(&self, span: &Id) {
        self.0.lock().unwrap().entered.push(span.into_u64());
    }

    fn exit(&self, _: &Id) {
        self.0.lock().unwrap().entered.pop();
    }

    fn event(&self, _: &Event<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
}

#[tokio::test]
async fn a_run_has_a_span_with_one_for_each_step() {
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let turns = [turn_lines("no", 1), turn_lines("yes", 2)].map(EventStream::from_lines);
    let check = Predicate::new("the answer", |turn| turn.final_response() == Some("yes"));
    thread(turns).run_auto("the prompt").until(check).await.unwrap();
    let seen = recorder.0.lock().unwrap();
    let told: Vec<_> = seen.spans.values().map(|(path, fields)| format!("{path}{fields}")).collect();
    assert_eq!(told[0], format!(r#"auto_run thread_id={THREAD} turns=2 stop="satisfied""#));
    assert_eq!(told[1], r#"auto_run/step number=1 verdict="completed""#);
    assert!(told[2].starts_with("auto_run/step/turn "), "{}", told[2]);
    assert_eq!(told[3], r#"auto_run/step number=2 verdict="completed""#);
    assert_eq!(told.len(), 5);
    assert!(!told.concat().contains("the prompt"));
}
