//! Calls that come to an end, of which the model hears.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use codex_turn::{NoArguments, ToolContext, ToolOutcome, ToolOutput, ToolSet, tool};
use serde_json::json;
use tokio::sync::{Barrier, Semaphore};

use crate::client::text;
use crate::endless::set;
use crate::served::{Served, soon};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Word {
    word: String,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_tool_answers_is_answered() {
    let tools = ToolSet::builder()
        .tool(tool("say", "Says it.", |Word { word }: Word| async move { word }))
        .tool(tool("data", "Gives data.", |_: NoArguments| async { json!({ "n": 7 }) }))
        .tool(tool("draw", "Draws.", |_: NoArguments| async {
            ToolOutput::text("a dot").image(vec![1, 2, 3], "image/png")
        }))
        .build()
        .unwrap();
    let served = Served::start(tools).await;
    let said = served.client.call(1, "say", json!({ "word": "hello" })).await;
    assert_eq!(text(&said), ("hello", false));
    assert_eq!(said["_meta"], json!({ "codex-turns/call": 1 }));
    let data = served.client.call(2, "data", json!({})).await;
    assert_eq!((text(&data), &data["structuredContent"]), (("{\"n\":7}", false), &json!({ "n": 7 })));
    let drawn = served.client.call(3, "draw", json!({})).await;
    assert_eq!(drawn["content"][1], json!({ "type": "image", "data": "AQID", "mimeType": "image/png" }));
    let none = served.client.request(4, "tools/call", json!({ "name": "none" })).await;
    assert_eq!(none["error"]["message"], "there is no tool \"none\"");
    let (result, seen) = served.finish().await;
    result.unwrap();
    assert_eq!(
        seen.words(),
        [
            "say 1 started",
            "say 1 ok, 5 bytes, 0 left out",
            "data 2 started",
            "data 2 ok, 7 bytes, 0 left out",
            "draw 3 started",
            "draw 3 ok, 9 bytes, 0 left out",
            "turn completed",
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_wrong_in_a_tool_is_told_as_a_failure() {
    let tools = ToolSet::builder()
        .tool(tool("fail", "Fails.", |_: NoArguments| async { Err::<(), _>("there is no paper") }))
        .tool(tool("panic", "Panics.", |Word { word }: Word| async move {
            assert_eq!(word, "calm", "it is not calm");
        }))
        .tool(tool("never", "Never answers.", |_: NoArguments| pending::<()>()))
        .tool(tool("much", "Answers with 100 MB.", |_: NoArguments| async { "x".repeat(100_000_000) }))
        .time_limit(Duration::from_secs(2))
        .result_limit_bytes(1000)
        .build()
        .unwrap();
    let served = Served::start(tools).await;
    let failed = served.client.call(1, "fail", json!({})).await;
    assert_eq!(text(&failed), ("there is no paper", true));
    let panicked = served.client.call(2, "panic", json!({ "word": "wild" })).await;
    let (message, is_error) = text(&panicked);
    assert!(message.starts_with("the tool panicked: ") && message.contains("it is not calm"), "{message}");
    assert!(is_error);
    let unfit = served.client.call(3, "panic", json!({ "words": 2 })).await;
    let sentence = "the arguments do not fit the schema of the tool: missing field `word`";
    assert_eq!(text(&unfit), (sentence, true));
    let late = served.client.call(4, "never", json!({})).await;
    assert_eq!(text(&late), ("the tool did not answer within 2s, and was stopped", true));
    let (result, seen) = served.finish().await;
    result.unwrap();
    let ends: Vec<_> = seen.words().into_iter().filter(|word| !word.ends_with("started")).collect();
    assert!(
        ends[0].starts_with("fail 1 failed, 17 bytes") && ends[1].starts_with("panic 2 panicked"),
        "{ends:?}"
    );
    assert!(ends[2].starts_with("panic 3 failed") && ends[3].starts_with("never 4 timed_out"), "{ends:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_100_mb_the_first_bytes_are_answered() {
    let much = tool("much", "Answers with 100 MB.", |_: NoArguments| async { "x".repeat(100_000_000) });
    let tools = ToolSet::builder().tool(much).result_limit_bytes(1000).build().unwrap();
    let served = Served::start(tools).await;
    let much = served.client.call(1, "much", json!({})).await;
    assert_eq!(text(&much), (&*"x".repeat(1000), false));
    let note = "[the result was too large: 99999000 of 100000000 bytes are left out]";
    assert_eq!(much["content"][1]["text"], note);
    let (_, seen) = served.finish().await;
    assert_eq!(seen.words()[1], "much 1 ok, 1000 bytes, 99999000 left out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_failure_of_100_mb_the_first_bytes_are_answered_and_told() {
    let fail =
        tool("fail", "Fails at length.", |_: NoArguments| async { Err::<(), _>("é".repeat(50_000_000)) });
    let panic = tool("panic", "Panics at length.", |_: NoArguments| async {
        let long = "x".repeat(2000);
        assert!(long.is_empty(), "{long}");
    });
    let tools = ToolSet::builder().tool(fail).tool(panic).result_limit_bytes(1001).build().unwrap();
    let served = Served::start(tools).await;
    let failed = served.client.call(1, "fail", json!({})).await;
    assert_eq!(text(&failed), (&*"é".repeat(500), true));
    let note = "[the result was too large: 99999000 of 100000000 bytes are left out]";
    assert_eq!(failed["content"][1]["text"], note);
    served.client.call(2, "panic", json!({})).await;
    let (_, seen) = served.finish().await;
    let told = [ToolOutcome::Failed("é".repeat(500)), ToolOutcome::Panicked("x".repeat(1001))];
    assert_eq!(seen.outcomes(), told);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_longest_time_is_one_that_can_be_told() {
    let ping = tool("ping", "Answers.", |_: NoArguments| async { "pong" });
    let tools = ToolSet::builder().tool(ping).time_limit(Duration::MAX).build().unwrap();
    let served = Served::start(tools).await;
    assert_eq!(text(&served.client.call(1, "ping", json!({})).await), ("pong", false));
    served.finish().await.0.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_run_at_once_and_not_more_than_may() {
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (gate, counts) = (Arc::new(Semaphore::new(0)), (Arc::clone(&running), Arc::clone(&most)));
    let opened = Arc::clone(&gate);
    let work = tool("work", "Works.", move |_: NoArguments| {
        let (gate, (running, most)) = (Arc::clone(&gate), counts.clone());
        async move {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            gate.acquire().await.unwrap().forget();
            running.fetch_sub(1, Ordering::SeqCst);
        }
    });
    let tools = ToolSet::builder().tool(work).max_concurrent_calls(3).build().unwrap();
    let served = Served::start(tools).await;
    let calls: Vec<_> = (1..=8)
        .map(|id| {
            let client = served.client.clone();
            tokio::spawn(async move { client.call(id, "work", json!({})).await })
        })
        .collect();
    // All have arrived, and three of them run.
    soon(async {
        while served.seen.words().len() < 8 || running.load(Ordering::SeqCst) < 3 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
    opened.add_permits(8);
    for call in calls {
        assert_eq!(text(&soon(call).await.unwrap()), ("done", false));
    }
    assert_eq!(most.load(Ordering::SeqCst), 3);
    served.finish().await.0.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_wait_for_each_other_run_at_once() {
    let all = Arc::new(Barrier::new(8));
    let meet = tool("meet", "Meets.", move |_: NoArguments| {
        let all = Arc::clone(&all);
        async move {
            all.wait().await;
        }
    });
    let served = Served::start(set(meet)).await;
    let calls = (1..=8).map(|id| served.client.call(id, "meet", json!({})).into_future());
    for met in soon(futures_util::future::join_all(calls)).await {
        assert_eq!(text(&met), ("done", false));
    }
    served.finish().await.0.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_tool_that_blocks_its_thread_does_not_hold_its_call() {
    let (release, blocked) = std::sync::mpsc::sync_channel::<()>(0);
    let blocked = Arc::new(std::sync::Mutex::new(blocked));
    let block = tool("block", "Blocks.", move |_: NoArguments| {
        let blocked = Arc::clone(&blocked);
        async move { blocked.lock().unwrap().recv().unwrap_or_default() }
    });
    let tools = ToolSet::builder().tool(block).time_limit(Duration::from_millis(100)).build().unwrap();
    let served = Served::start(tools).await;
    let late = soon(served.client.call(1, "block", json!({}))).await;
    assert_eq!(text(&late), ("the tool did not answer within 100ms, and was stopped", true));
    served.finish().await.0.unwrap();
    drop(release);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closure_learns_which_call_it_is_and_that_it_is_cancelled() {
    let (sender, mut cancelled) = tokio::sync::mpsc::channel(1);
    let wait = tool("wait", "Waits.", move |_: NoArguments, context: ToolContext| {
        let sender = sender.clone();
        async move {
            // Work elsewhere, which goes on when this future is dropped.
            tokio::spawn(async move {
                context.cancel.cancelled().await;
                sender.send(context.call.number).await
            });
            pending::<()>().await;
        }
    });
    let count = tool("count", "Counts.", |_: NoArguments, context: ToolContext| async move {
        context.call.number.to_string()
    });
    let tools = ToolSet::builder().tool(count).tool(wait).time_limit(Duration::from_secs(1)).build().unwrap();
    let served = Served::start(tools).await;
    for number in ["1", "2"] {
        assert_eq!(text(&served.client.call(1, "count", json!({})).await), (number, false));
    }
    let late = served.client.call(3, "wait", json!({})).await;
    assert!(text(&late).1);
    assert_eq!(soon(cancelled.recv()).await, Some(3));
    served.finish().await.0.unwrap();
}
