//! Calls that come to an end: one, many, and those that go wrong.

use codex_fixtures::{Item, Reply};
use codex_protocol::{McpStatus, Verdict};
use codex_turn::{Sandbox, ToolOutcome};
use serde_json::json;

use crate::scene::{KNOWN_MODEL, Scene, Seen, UNKNOWN_MODEL, add, answer, call, calls, set, texts};

#[rstest::rstest]
#[case::read_only(Sandbox::ReadOnly, UNKNOWN_MODEL)]
#[case::workspace_write(Sandbox::WorkspaceWrite, UNKNOWN_MODEL)]
#[case::a_model_that_searches(Sandbox::ReadOnly, KNOWN_MODEL)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codex_calls_a_closure_and_uses_what_it_answers(#[case] sandbox: Sandbox, #[case] model: &str) {
    let search = json!({
        "type": "tool_search_call", "execution": "client", "status": "completed",
        "arguments": { "query": "add", "limit": 3 },
    });
    let mut replies = vec![call("add", json!({ "a": 20, "b": 22 })), answer("the sum is ${SUM}")];
    if model == KNOWN_MODEL {
        replies.insert(0, Reply::new().item(Item::Raw(search)));
    }
    let scene = Scene::new(replies);
    let seen = Seen::default();
    let result =
        scene.thread(sandbox, model).run("add").tools(set(add())).observe(seen.clone()).await.unwrap();

    assert_eq!(result.verdict, Verdict::Completed);
    assert_eq!(result.final_response(), Some("the sum is 42"));
    let items = calls(&result);
    assert_eq!(
        (items.len(), &items[0].status, texts(items[0])),
        (1, &McpStatus::Completed, vec!["sum=42".to_owned()])
    );
    let ended = seen.ended();
    assert_eq!(ended.len(), 1);
    assert_eq!((&*ended[0].0.tool, ended[0].0.number, &ended[0].1), ("add", 1, &ToolOutcome::Ok));
    assert_eq!(ended[0].0.thread_id, result.thread_id);
    assert!(ended[0].0.is_item(items[0]));
    scene.assert_gone(1).await;
    scene.server.assert_clean();
}
