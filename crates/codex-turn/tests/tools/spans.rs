//! Host tools, and what serves them, run in the span of their turn.

use std::fmt;
use std::sync::{Arc, Mutex};

use codex_turn::{NoArguments, ToolContext, tool};
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::{Event, Instrument as _, Span, Subscriber, info, info_span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use crate::client::text;
use crate::endless::set;
use crate::served::Served;

fn name_of_span() -> String {
    Span::current().metadata().map_or_else(|| "none".to_owned(), |span| span.name().to_owned())
}

#[tokio::test]
async fn a_tool_runs_in_the_span_of_the_turn() {
    let _here = tracing::subscriber::set_default(tracing_subscriber::registry());
    let span = tool("span", "Names its span.", |_: NoArguments, _: ToolContext| async {
        tokio::task::yield_now().await;
        name_of_span()
    });
    let served = Served::start(set(span)).await;
    assert_eq!(text(&served.client.call(1, "span", json!({})).await), ("turn", false));
    assert_eq!(name_of_span(), "none", "the test is in none");
    served.finish().await.0.unwrap();
}

/// What was logged: its target, its message, and the spans around it from the innermost to the outermost.
#[derive(Clone)]
struct Logged {
    target: &'static str,
    message: String,
    spans: Vec<(&'static str, u64)>,
}

/// Keeps all that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Logged>>>);

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut message = Message(String::new());
        event.record(&mut message);
        let around = context.event_scope(event).into_iter().flatten();
        let spans = around.map(|span| (span.name(), span.id().into_u64())).collect();
        let target = event.metadata().target();
        self.0.lock().unwrap().push(Logged { target, message: message.0, spans });
    }
}

impl Log {
    /// The spans around the one event with this message.
    fn around(&self, message: &str) -> Vec<(&'static str, u64)> {
        let mut found = self.0.lock().unwrap().clone();
        found.retain(|logged| logged.message == message);
        assert_eq!(found.len(), 1, "{message:?} is logged once");
        found.remove(0).spans
    }

    /// The turns within whose spans this target logged something.
    fn turns(&self, target: &str) -> Vec<u64> {
        let logged = self.0.lock().unwrap();
        let theirs = logged.iter().filter(|logged| logged.target.starts_with(target));
        let mut turns: Vec<_> = theirs
            .filter_map(|logged| logged.spans.last())
            .filter(|span| span.0 == "turn")
            .map(|span| span.1)
            .collect();
        turns.sort_unstable();
        turns.dedup();
        turns
    }
}

#[tokio::test]
async fn what_a_tool_and_its_server_log_is_within_the_turn_that_they_run_for() {
    let log = Log::default();
    let _here = tracing::subscriber::set_default(tracing_subscriber::registry().with(log.clone()));
    let note = |begun: &'static str, ended: &'static str| {
        set(tool("note", "Logs.", move |_: NoArguments, _: ToolContext| async move {
            info!("{begun}");
            async {
                tokio::task::yield_now().await;
                info!("{ended}");
            }
            .instrument(info_span!("inner"))
            .await;
        }))
    };
    // Two at once: the one turn is not taken for the other.
    let one = Served::start(note("one begins", "one ends")).await;
    let other = Served::start(note("other begins", "other ends")).await;
    tokio::join!(other.client.call(1, "note", json!({})), one.client.call(1, "note", json!({})));
    info!("outside");
    one.finish().await.0.unwrap();
    other.finish().await.0.unwrap();

    let turns = ["one", "other"].map(|which| {
        let [turn @ ("turn", id)] = log.around(&format!("{which} begins"))[..] else {
            panic!("in a turn alone")
        };
        let [("inner", _), outer] = log.around(&format!("{which} ends"))[..] else {
            panic!("in its own span")
        };
        assert_eq!(outer, turn, "the span of a tool is within that of its turn");
        id
    });
    assert_ne!(turns[0], turns[1]);
    assert_eq!(log.around("outside"), [], "the test is in none");
    // A connection is answered in a task of the server; opening a session logs something there.
    let mut turns = turns.to_vec();
    turns.sort_unstable();
    assert_eq!(log.turns("rmcp"), turns);
}
