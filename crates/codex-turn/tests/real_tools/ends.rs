//! Calls whose turn is cancelled or dropped, and what the agent sees of the way to the tools.

use codex_fixtures::Reply;
use codex_protocol::{ItemDetails, Verdict};
use codex_turn::{Sandbox, ToolOutcome, TurnError};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::endless::{endless, set};
use crate::scene::{Scene, Seen, UNKNOWN_MODEL, add, answer, call, soon};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_cancelled_during_a_call_drops_the_tool_and_nothing_listens_afterwards() {
    let scene = Scene::new([call("wait", json!({})), answer("too late")]);
    let (tools, begun, dropped) = endless();
    let (seen, token) = (Seen::default(), CancellationToken::new());
    let thread = scene.thread(Sandbox::ReadOnly, UNKNOWN_MODEL);
    let turn = thread.run("wait").tools(tools).observe(seen.clone()).cancel(token.clone());
    let running = tokio::spawn(turn.into_future());
    soon(begun.notified()).await;
    token.cancel();
    let Err(TurnError::NotCompleted(result)) = soon(running).await.unwrap() else {
        panic!("it is cancelled")
    };
    assert_eq!(result.verdict, Verdict::Cancelled);
    soon(dropped.cancelled()).await;
    let outcomes: Vec<_> = seen.ended().into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(outcomes, [ToolOutcome::Cancelled]);
    assert!(result.leftovers().is_empty());
    scene.assert_gone(1).await;
    assert_eq!(scene.server.requests().len(), 1, "the model is not asked again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_dropped_during_a_call_drops_the_tool_and_nothing_listens_afterwards() {
    let scene = Scene::new([call("wait", json!({})), answer("too late")]);
    let (tools, begun, dropped) = endless();
    let mut lines = scene.thread(Sandbox::ReadOnly, UNKNOWN_MODEL).run("wait").tools(tools).stream();
    let reading = async { while lines.next_line().await.is_some() {} };
    tokio::select! {
        () = reading => panic!("the turn goes on"),
        () = soon(begun.notified()) => {}
    }
    drop(lines);
    soon(dropped.cancelled()).await;
    scene.assert_gone(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_commands_of_the_agent_do_not_see_the_token() {
    let script = "env | grep TOOL_TOKEN; echo \"length ${#CODEX_TURNS_TOOL_TOKEN}\"";
    let scene = Scene::new([
        Reply::new().exec(script).mcp("host", "add", json!({ "a": 1, "b": 2 })),
        answer("it is not there"),
    ]);
    let thread = scene.thread(Sandbox::WorkspaceWrite, UNKNOWN_MODEL);
    let result = thread.run("look").tools(set(add())).await.unwrap();
    let ran = result.items().iter().find_map(|item| {
        let ItemDetails::CommandExecution(command) = &item.details else { return None };
        Some(command.aggregated_output.clone())
    });
    assert_eq!(ran.as_deref(), Some("CODEX_TURNS_TOOL_TOKEN=\nlength 0\n"));
    scene.assert_gone(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_is_not_asked_for_the_way_to_the_tools() {
    let scene = Scene::new([call("add", json!({ "a": 20, "b": 22 })), answer("the sum is ${SUM}")]);
    // Nobody is there, so whatever goes to the proxy fails.
    let environment =
        scene.environment().set("HTTP_PROXY", "http://127.0.0.1:9").remove("NO_PROXY").remove("no_proxy");
    let thread = scene.thread(Sandbox::ReadOnly, UNKNOWN_MODEL);
    let turn = thread.run("add").tools(set(add()));
    let result = turn.with(move |invocation| invocation.environment(environment.clone())).await.unwrap();
    assert_eq!(result.final_response(), Some("the sum is 42"));
}
