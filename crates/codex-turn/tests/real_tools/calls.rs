//! Calls that come to an end: one, many, and those that go wrong.

use std::collections::BTreeSet;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use codex_fixtures::{Item, Reply, codex_release};
use codex_protocol::{McpStatus, Verdict};
use codex_turn::{NoArguments, Sandbox, ToolOutcome, ToolOutput, ToolSet, TurnError, tool};
use serde_json::json;
use tokio::sync::Barrier;

use crate::endless::set;
use crate::scene::{KNOWN_MODEL, Scene, Seen, UNKNOWN_MODEL, add, answer, call, calls, texts};

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tools_of_a_thread_serve_each_turn_of_it_streamed_too() {
    let replies = (0..2).flat_map(|n| [call("add", json!({ "a": n, "b": 42 })), answer("${SUM}")]);
    let scene = Scene::new(replies);
    let long = ToolSet::builder().tool(add()).time_limit(Duration::MAX).build().unwrap();
    let thread = scene.thread_with(Sandbox::ReadOnly, UNKNOWN_MODEL, |options| options.tools(long.clone()));
    let mut stream = thread.run_streamed("add");
    while let Some(line) = stream.next_line().await {
        line.unwrap();
    }
    assert_eq!(stream.finish().await.unwrap().final_response(), Some("42"));
    let result = thread.run("add again").await.unwrap();
    assert_eq!((result.final_response(), calls(&result).len()), (Some("43"), 1));
    scene.assert_gone(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_set_that_has_the_name_of_a_server_of_the_user_is_refused_by_name() {
    let scene = Scene::new([]);
    scene.configure("[mcp_servers.host]\ncommand = \"/bin/false\"\n");
    let thread = scene.thread(Sandbox::ReadOnly, UNKNOWN_MODEL);
    let Err(TurnError::Start(cause)) = thread.run("add").tools(set(add())).await else {
        panic!("Codex does not start")
    };
    assert!(format!("{cause:?}").contains("mcp_servers.host"), "{cause:?}");
    scene.assert_gone(1).await;
}

#[rstest::rstest]
#[case::switched_off("enabled = false")]
#[case::with_other_tools("enabled_tools = [\"other\"]")]
#[case::without_this_tool("disabled_tools = [\"add\"]")]
#[case::asking("tools.add.approval_mode = \"prompt\"")]
#[case::optional("required = false")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_user_has_said_of_a_server_of_this_name_hides_no_tool(#[case] said: &str) {
    let scene = Scene::new([call("add", json!({ "a": 20, "b": 22 })), answer("the sum is ${SUM}")]);
    scene.configure(&format!("[mcp_servers.host]\nurl = \"http://127.0.0.1:9/mcp\"\n{said}\n"));
    let thread = scene.thread(Sandbox::ReadOnly, UNKNOWN_MODEL);
    let result = thread.run("add").tools(set(add())).await.unwrap();
    assert_eq!(result.final_response(), Some("the sum is 42"));
    scene.assert_gone(1).await;
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn older_releases_that_are_installed_call_a_closure_in_a_sandbox_too(
    #[values("0.142.0", "0.120.0", "0.80.0")] release: &str,
) {
    // `cargo xtask codex --version` installs them; nobody has to.
    let Ok(program) = codex_release(release) else { return };
    let replies = [call("add", json!({ "a": 20, "b": 22 })), answer("the sum is ${SUM}")];
    let scene = Scene::of_release(&program, release, replies);
    let seen = Seen::default();
    let thread = scene.thread(Sandbox::ReadOnly, UNKNOWN_MODEL);
    let result = thread.run("add").tools(set(add())).observe(seen.clone()).await.unwrap();
    assert_eq!(result.final_response(), Some("the sum is 42"));
    let (items, ended) = (calls(&result), seen.ended());
    assert_eq!((items.len(), ended.len()), (1, 1));
    assert!(ended[0].0.is_item(items[0]), "{:?} is {:?}", ended[0].0, items[0]);
    scene.assert_gone(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_has_to_search_is_told_what_there_is_unless_it_is_not_to_be() {
    let scene = Scene::new([answer("one"), answer("two")]);
    let thread = scene.thread(Sandbox::ReadOnly, KNOWN_MODEL);
    let silent = ToolSet::builder().tool(add()).without_hint().build().unwrap();
    let told = "- mcp__host: Functions of the program that runs this turn: `add`.";
    for (tools, is_told) in [(silent, false), (set(add()), true)] {
        thread.run("hello").tools(tools).await.unwrap();
        let request = scene.server.requests().pop().unwrap();
        assert!(!request.tools().contains(&"mcp__host"), "{:?}", request.tools());
        assert_eq!(request.body.to_string().contains(told), is_told, "{}", request.body);
    }
    scene.assert_gone(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_calls_run_at_once_and_each_is_told_from_the_others() {
    let eight = (0..8).fold(Reply::new(), |reply, _| reply.mcp("host", "meet", json!({ "who": "all" })));
    let scene = Scene::new([eight, answer("all were there")]);
    let all = Arc::new(Barrier::new(8));
    // Each waits for the others, so none answers unless all run.
    let meet = tool("meet", "Meets the others.", move |_: NoArguments| {
        let all = Arc::clone(&all);
        async move {
            all.wait().await;
        }
    });
    let seen = Seen::default();
    let thread = scene.thread(Sandbox::ReadOnly, UNKNOWN_MODEL);
    let result = thread.run("meet").tools(set(meet)).observe(seen.clone()).await.unwrap();

    let items = calls(&result);
    assert_eq!(items.len(), 8);
    assert!(items.iter().all(|item| item.status == McpStatus::Completed), "{items:?}");
    let ended = seen.ended();
    assert!(ended.iter().all(|(_, outcome)| *outcome == ToolOutcome::Ok), "{ended:?}");
    // They agree in everything but their number, by which each is one item and no other.
    let numbers: BTreeSet<_> = ended.iter().map(|(call, _)| call.number).collect();
    assert_eq!(numbers, (1..=8).collect());
    for (call, _) in &ended {
        assert_eq!(items.iter().filter(|item| call.is_item(item)).count(), 1);
    }
    scene.server.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_wrong_in_a_tool_reaches_the_model_and_the_turn_goes_on() {
    let tools = ["fail", "panic", "never", "much"];
    let replies = tools.map(|tool| call(tool, json!({})));
    let scene = Scene::new(replies.into_iter().chain([answer("so it is")]));
    let set = ToolSet::builder()
        .tool(tool("fail", "Fails.", |_: NoArguments| async { Err::<(), _>("there is no paper") }))
        .tool(tool("panic", "Panics.", |_: NoArguments| async { assert_eq!(1, 2, "the numbers are wrong") }))
        .tool(tool("never", "Never answers.", |_: NoArguments| pending::<()>()))
        .tool(tool("much", "Answers with 100 MB.", |_: NoArguments| async { "x".repeat(100_000_000) }))
        .time_limit(Duration::from_secs(2))
        .build()
        .unwrap();
    let seen = Seen::default();
    let thread = scene.thread(Sandbox::WorkspaceWrite, UNKNOWN_MODEL);
    let result = thread.run("try all").tools(set).observe(seen.clone()).await.unwrap();

    assert_eq!(result.final_response(), Some("so it is"));
    let words: Vec<_> =
        seen.ended().iter().map(|(call, outcome)| (call.tool.clone(), outcome.word())).collect();
    let expected = [("fail", "failed"), ("panic", "panicked"), ("never", "timed_out"), ("much", "ok")];
    assert_eq!(words, expected.map(|(tool, word)| (tool.to_owned(), word)));
    let items = calls(&result);
    let failed = [McpStatus::Failed, McpStatus::Failed, McpStatus::Failed, McpStatus::Completed];
    assert_eq!(items.iter().map(|item| item.status.clone()).collect::<Vec<_>>(), failed);
    assert_eq!(texts(items[0]), ["there is no paper"]);
    assert!(texts(items[1])[0].contains("the numbers are wrong"), "{:?}", texts(items[1]));
    assert_eq!(texts(items[2]), ["the tool did not answer within 2s, and was stopped"]);
    for (item, (call, _)) in items.iter().zip(&seen.ended()) {
        assert!(call.is_item(item), "{call:?} is {item:?}");
    }
    // What the model was told: Codex cuts long outputs itself, and keeps their end.
    let outputs = scene.server.requests().pop().unwrap().tool_outputs();
    assert!(outputs[0].contains("there is no paper") && outputs[2].contains("did not answer"), "{outputs:?}");
    assert!(outputs[3].len() < 1_100_000, "{}", outputs[3].len());
    // The three that failed are what went wrong within a turn that completed.
    assert_eq!(result.failures().len(), 3);
    scene.server.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn data_and_pictures_reach_the_model() {
    let scene = Scene::new([call("data", json!({})), call("draw", json!({})), answer("seen")]);
    let pixel = b"\
        \x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde\x00\x00\x00\x0cIDA\
        Tx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82";
    let tools = ToolSet::builder()
        .tool(tool("data", "Gives data.", |_: NoArguments| async { json!({ "answer": 42 }) }))
        .tool(tool("draw", "Draws.", move |_: NoArguments| async move {
            ToolOutput::text("a dot").image(*pixel, "image/png")
        }))
        .build()
        .unwrap();
    let result = scene.thread(Sandbox::ReadOnly, UNKNOWN_MODEL).run("look").tools(tools).await.unwrap();
    let items = calls(&result);
    let answered = |index: usize| items[index].result.as_ref().unwrap();
    assert_eq!(answered(0).structured_content, Some(json!({ "answer": 42 })));
    assert_eq!(answered(1).content[1]["type"], "image");
    let last = scene.server.requests().pop().unwrap();
    let outputs = last.tool_outputs();
    assert!(outputs[0].contains(r#""answer":42"#), "{outputs:?}");
    assert!(last.body.to_string().contains("data:image/png;base64,"), "{outputs:?}");
    scene.server.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sets_of_one_turn_are_told_apart_by_their_names() {
    let scene = Scene::new([
        Reply::new().mcp("host", "add", json!({ "a": 1, "b": 2 })).mcp(
            "shop",
            "add",
            json!({ "a": 3, "b": 4 }),
        ),
        answer("both"),
    ]);
    let shop = ToolSet::builder().server_name("shop").tool(add()).build().unwrap();
    let seen = Seen::default();
    let thread = scene.thread(Sandbox::ReadOnly, UNKNOWN_MODEL);
    let result = thread.run("add").tools(set(add())).tools(shop).observe(seen.clone()).await.unwrap();
    let answers: BTreeSet<_> =
        calls(&result).iter().map(|item| (item.server.clone(), texts(item).concat())).collect();
    let expected = [("host", "sum=3"), ("shop", "sum=7")].map(|(set, sum)| (set.to_owned(), sum.to_owned()));
    assert_eq!(answers, BTreeSet::from(expected));
    let servers: BTreeSet<_> = seen.ended().into_iter().map(|(call, _)| call.server).collect();
    assert_eq!(servers, BTreeSet::from(["host".to_owned(), "shop".to_owned()]));
    scene.assert_gone(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sets_of_one_name_are_refused_before_codex_starts() {
    let scene = Scene::new([]);
    let thread = scene.thread(Sandbox::ReadOnly, UNKNOWN_MODEL);
    let error = thread.run("add").tools(set(add())).tools(set(add())).await.unwrap_err();
    let TurnError::Start(cause) = &error else { panic!("{error:?}") };
    assert!(format!("{cause:?}").contains("McpServerTwice"), "{cause:?}");
    scene.assert_gone(2).await;
}
