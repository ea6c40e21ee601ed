//! Calls as the stream of an auto-run hands them out.

use std::time::Duration;

use codex_turn::{AutoRunEvent, NoArguments, ToolSet, tool};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::served::{client, fill_the_queue, gone, soon, thread};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Word {
    word: String,
}

/// What a run says as JSON, without the times.
fn said(event: &AutoRunEvent) -> Value {
    let mut said = serde_json::to_value(event).unwrap();
    if let Some(duration) = said.get_mut("durationMs") {
        assert!(duration.is_u64());
        *duration = json!("a while");
    }
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_hands_out_what_happens_to_calls_before_their_step_ends() {
    let tools = ToolSet::builder()
        .tool(tool("fail", "Fails.", |Word { word }: Word| async move { Err::<(), _>(format!("no {word}")) }))
        .tool(tool("panic", "Panics.", |Word { word }: Word| async move {
            assert_eq!(word, "calm", "it is not calm");
        }))
        .tool(tool("never", "Never answers.", |_: NoArguments| std::future::pending::<()>()))
        .build()
        .unwrap();
    let (thread, asked, finish) = thread(tools);
    let calls = tokio::spawn(async move {
        let mut client = client(&asked.await.unwrap());
        client.open().await;
        client.call(1, "fail", json!({ "word": "paper" })).await;
        client.call(2, "panic", json!({ "word": "wild" })).await;
        let call =
            json!({ "jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": { "name": "never" } });
        client.post(&call).await
    });
    let mut events = thread.run_auto("go").stream();
    let mut all = Vec::new();
    while let Some(event) = soon(events.next()).await {
        let event = said(&event.unwrap());
        if event["call"]["tool"] == "never" {
            finish.cancel();
        }
        all.push(event);
    }
    calls.abort();
    let kinds: Vec<_> = all.iter().map(|event| event["type"].as_str().unwrap()).collect();
    let (before, after) = kinds.split_at(kinds.iter().position(|kind| *kind == "step_ended").unwrap());
    assert_eq!(before.iter().filter(|kind| **kind == "tool").count(), 6, "{kinds:?}");
    assert!(!after.contains(&"tool"), "{kinds:?}");
    let told: Vec<_> = all.iter().filter(|event| event["type"] == "tool").map(Value::to_string).collect();
    insta::assert_snapshot!(told.join("\n"));
    assert!(events.finish().await.unwrap().steps[0].is_completed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_consumer_stands_still_loses_no_call_and_bounds_their_queue() {
    let answer = tool("ping", "Answers.", |_: NoArguments| async { "pong" });
    let tools = ToolSet::builder().tool(answer).time_limit(Duration::from_secs(2)).build().unwrap();
    let (thread, asked, finish) = thread(tools);
    let mut events = thread.run_auto("go").stream();
    assert!(matches!(events.next().await, Some(Ok(AutoRunEvent::StepStarted { .. }))));
    // Polled once more, so that the turn runs, and then no more.
    assert!(futures_util::poll!(events.next()).is_pending());
    let mut client = client(&asked.await.unwrap());
    client.open().await;
    fill_the_queue(&mut client).await;
    finish.cancel();
    let rest: Vec<_> = soon(events.map(Result::unwrap).collect()).await;
    let calls = rest.iter().filter(|event| matches!(event, AutoRunEvent::Tool { step: 1, .. }));
    assert_eq!(calls.count(), 1024);
    gone(&client).await;
}
