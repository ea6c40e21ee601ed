//! An auto-run as JSON: one object for each event, and one for the report.

use std::time::Duration;

use codex_exec::EventStream;
use codex_turn::{AutoRunEvent, AutoRunReport, Budget, Predicate, RetryPolicy, UnknownUsage};
use serde_json::{Map, Value, json};

use crate::support::{completed, failed, hanging_thread, message, started, thread, turn_lines};

/// A web search has its id twice, which no map of keys can hold.
const TWICE: &str =
    r#"{"type":"item.completed","item":{"id":"item_1", "type":"web_search","id":"ws_1","query":"x"}}"#;

/// A line that is no JSON, a turn that breaks and is tried again, a check that fails and then passes.
fn run() -> codex_turn::AutoRun {
    let limited = failed("Rate limit reached. Please try again in 2s.");
    let mut first = turn_lines("no", 10);
    first.splice(2..2, ["not json".to_owned(), TWICE.to_owned()]);
    let turns = [
        EventStream::from_lines([started(), limited]),
        EventStream::from_lines(first),
        EventStream::from_lines([started(), message("yes"), completed(30, 10)]),
    ];
    thread(turns)
        .run_auto("do it")
        .until(Predicate::new("the answer is yes", |turn| turn.final_response() == Some("yes")))
        .retry(RetryPolicy::default().attempts(1))
        .budget(Budget::tokens(1_000))
        .unknown_usage(UnknownUsage::Ignore)
}

async fn told(run: codex_turn::AutoRun) -> (Vec<String>, AutoRunReport) {
    let mut events = run.stream();
    let mut told = Vec::new();
    while let Some(event) = events.next_event().await {
        told.push(serde_json::to_string::<AutoRunEvent>(&event.unwrap()).unwrap());
    }
    (told, events.finish().await.unwrap())
}

/// Without how long it took.
fn timeless(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for name in ["durationMs", "elapsedMs"] {
                if let Some(time) = fields.get_mut(name) {
                    assert!(time.is_u64(), "{name} is {time}");
                    *time = Value::from("TIME");
                }
            }
            fields.values_mut().for_each(timeless);
        }
        Value::Array(values) => values.iter_mut().for_each(timeless),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn parsed(text: &str) -> Value {
    let mut value = serde_json::from_str(text).unwrap();
    timeless(&mut value);
    value
}

#[tokio::test(start_paused = true)]
async fn every_event_is_one_object() {
    let (told, _) = told(run()).await;
    let told: Vec<_> = told.iter().map(|event| parsed(event).to_string()).collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn what_codex_printed_is_in_there_byte_for_byte() {
    let (told, _) = told(run()).await;
    assert!(told.iter().any(|event| event.contains(&format!(r#""line":{TWICE}"#))), "{told:#?}");
}

#[tokio::test(start_paused = true)]
async fn the_report_is_one_object_with_all_its_turns() {
    let (_, report) = told(run()).await;
    let mut report = parsed(&serde_json::to_string(&report).unwrap());
    for step in report["steps"].as_array_mut().unwrap() {
        let turn = step["turn"].as_object_mut().unwrap();
        assert!(turn.remove("summary").unwrap().is_object(), "{turn:?}");
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).unwrap());
}

#[tokio::test]
async fn tokens_are_counted_where_every_turn_is_known() {
    let turns = [EventStream::from_lines(turn_lines("yes", 10))];
    let (_, report) = told(thread(turns).run_auto("do it")).await;
    let spent = serde_json::to_value(report.spent).unwrap();
    assert_eq!(
        spent,
        json!({ "turns": 1, "tokens": 15, "moneyMicros": null, "unknownTurns": 0, "knownTokens": 15 })
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_stopped_run_says_stands_beside_the_word() {
    let turns = || [EventStream::from_lines(turn_lines("no", 10))];
    let never = || Predicate::new("never", |_| false);
    let runs = [
        thread(turns()).run_auto("a").until(never()).max_turns(1),
        thread(turns()).run_auto("a").until(never()).budget(Budget::tokens(5)),
        thread(turns()).run_auto("a").until(never()).stop_without_progress(1),
        hanging_thread([started()]).run_auto("a").total_limit(Duration::from_secs(5)),
        thread([EventStream::from_lines([started(), failed("no idea")])]).run_auto("a"),
    ];
    let mut stops = Vec::new();
    for run in runs {
        let report = serde_json::to_value(run.await.unwrap()).unwrap();
        let stop: Map<_, _> = report
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| {
                !["steps", "spent", "threadId", "finalResponse", "durationMs"].contains(&name.as_str())
            })
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        stops.push(Value::from(stop).to_string());
    }
    insta::assert_snapshot!(stops.join("\n"));
}
