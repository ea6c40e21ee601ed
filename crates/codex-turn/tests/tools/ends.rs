//! Calls and servers that end with their turn, or before their tool does.

use std::time::Duration;

use codex_turn::{NoArguments, ToolSet, TurnError, Verdict, tool};
use futures_util::StreamExt as _;
use serde_json::json;
use tokio::net::TcpStream;

use crate::client::text;
use crate::endless::{endless, set};
use crate::served::{Seen, Served, client, fill_the_queue, gone, soon, turn};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_turn_drops_the_tool_and_nothing_listens_afterwards() {
    let (tools, begun, dropped) = endless();
    let served = Served::start(tools).await;
    let client = served.client.clone();
    let calling = client.clone();
    let call = tokio::spawn(async move {
        calling
            .post(&json!({
                "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "wait" },
            }))
            .await
            .status
    });
    soon(begun.notified()).await;
    served.cancel.cancel();
    let Err(TurnError::NotCompleted(result)) = soon(served.turn).await.unwrap() else {
        panic!("it is cancelled")
    };
    assert_eq!(result.verdict, Verdict::Cancelled);
    soon(dropped.cancelled()).await;
    let words = served.seen.words();
    assert_eq!(words[0], "wait 1 started");
    assert!(words[1].starts_with("wait 1 cancelled"), "{words:?}");
    assert_eq!(words[2], "turn cancelled");
    gone(&client).await;
    call.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_that_ends_during_a_call_tells_of_its_end_first() {
    let (tools, begun, dropped) = endless();
    let served = Served::start(tools).await;
    let client = served.client.clone();
    let calling = client.clone();
    let call = tokio::spawn(async move { calling.call(1, "wait", json!({})).await });
    soon(begun.notified()).await;
    let (result, seen) = served.finish().await;
    assert!(result.unwrap().verdict.is_completed());
    soon(dropped.cancelled()).await;
    let words = seen.words();
    assert!(words[1].starts_with("wait 1 cancelled") && words[2] == "turn completed", "{words:?}");
    gone(&client).await;
    call.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_turn_drops_the_tool_and_nothing_listens_afterwards() {
    let (tools, begun, dropped) = endless();
    let (turn, asked, _finish) = turn(tools);
    let mut stream = turn.stream();
    let mut calling = None;
    let called = async {
        let mut client = client(&asked.await.unwrap());
        client.open().await;
        calling = Some(client.clone());
        tokio::spawn(async move {
            client
                .post(&json!({
                    "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "wait" },
                }))
                .await
                .status
        });
        begun.notified().await;
    };
    soon(async {
        tokio::select! {
            _ = stream.next() => panic!("the turn goes on"),
            () = called => {}
        }
    })
    .await;
    drop(stream);
    soon(dropped.cancelled()).await;
    gone(&calling.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_codex_gives_up_drops_the_tool_and_the_turn_goes_on() {
    let (tools, begun, dropped) = endless();
    let served = Served::start(tools).await;
    let calling = served.client.clone();
    let call = tokio::spawn(async move {
        calling
            .post(&json!({
                "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": "wait" },
            }))
            .await
            .status
    });
    soon(begun.notified()).await;
    served.client.notify("notifications/cancelled", json!({ "requestId": 7, "reason": "too slow" })).await;
    soon(dropped.cancelled()).await;
    call.abort();
    let listed = served.client.request(8, "tools/list", json!({})).await;
    assert_eq!(listed["result"]["tools"][0]["name"], "wait");
    let (result, seen) = served.finish().await;
    result.unwrap();
    assert!(seen.words()[1].starts_with("wait 1 cancelled"), "{:?}", seen.words());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_listens_before_the_first_poll() {
    let (tools, ..) = endless();
    let (turn, mut asked, _finish) = turn(tools);
    assert!(turn.invocation().unwrap().parts().mcp_servers.is_empty());
    let stream = turn.stream();
    assert!(asked.try_recv().is_err());
    drop(stream);
    assert!(asked.await.is_err(), "the transport was never asked");
}

#[test]
fn a_turn_may_run_blocking_and_its_tools_go_with_its_runtime() {
    let answer = tool("ping", "Answers.", |_: NoArguments| async { "pong" });
    let (turn, asked, finish) = turn(set(answer));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let caller = runtime.spawn(async move {
        let mut client = client(&asked.await.unwrap());
        client.open().await;
        let pong = client.call(1, "ping", json!({})).await;
        finish.cancel();
        (client.address, text(&pong).0.to_owned())
    });
    assert!(turn.blocking().unwrap().verdict.is_completed());
    let (address, pong) = runtime.block_on(caller).unwrap();
    assert_eq!(pong, "pong");
    assert!(runtime.block_on(TcpStream::connect(address)).is_err());
}

#[tokio::test]
async fn fifty_turns_leave_no_task_behind() {
    for _ in 0..50 {
        let served = Served::start(set(tool("ping", "Answers.", |_: NoArguments| async { "pong" }))).await;
        assert_eq!(text(&served.client.call(1, "ping", json!({})).await), ("pong", false));
        served.finish().await.0.unwrap();
        assert_eq!(tokio::runtime::Handle::current().metrics().num_alive_tasks(), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_that_stands_still_loses_no_event_and_bounds_the_queue() {
    let answer = tool("ping", "Answers.", |_: NoArguments| async { "pong" });
    let tools = ToolSet::builder().tool(answer).time_limit(Duration::from_secs(2)).build().unwrap();
    let (turn, asked, finish) = turn(tools);
    let seen = Seen::default();
    let mut stream = turn.observe(seen.clone()).stream();
    // Polled once, so that it runs, and then no more.
    assert!(futures_util::poll!(stream.next()).is_pending());
    let mut client = client(&asked.await.unwrap());
    client.open().await;
    fill_the_queue(&mut client).await;
    assert!(seen.words().is_empty());
    finish.cancel();
    while stream.next().await.is_some() {}
    let words = seen.words();
    assert_eq!(words.len(), 1024 + 1);
    assert_eq!(words.iter().filter(|word| word.contains(" ok, ")).count(), 512);
}
