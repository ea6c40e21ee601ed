//! Who may call, and what is taken from whom.

use std::sync::Arc;
use std::time::Duration;

use codex_exec::{Marker, StartMarks};
use codex_turn::{NoArguments, tool};
use rstest::rstest;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::endless::set;
use crate::served::{Served, client, turn};

fn ping() -> codex_turn::ToolSet {
    set(tool("ping", "Answers.", |_: NoArguments| async { "pong" }))
}

#[rstest]
#[case::as_codex_asks("", None, 200)]
#[case::without_a_token("authorization", None, 401)]
#[case::with_another_token("authorization", Some("Bearer 00000000000000000000000000000000"), 401)]
#[case::with_another_scheme("authorization", Some("Basic TOKEN"), 401)]
#[case::with_the_token_and_more("authorization", Some("Bearer TOKEN0"), 401)]
#[case::for_another_host("host", Some("example.org"), 403)]
#[case::for_another_host_with_this_port("host", Some("example.org:PORT"), 403)]
#[case::for_this_host_by_its_name("host", Some("localhost:PORT"), 403)]
#[case::for_no_host("host", None, 403)]
#[case::from_another_page("origin", Some("https://example.org"), 403)]
#[case::from_a_page_of_this_port("origin", Some("http://127.0.0.1:PORT"), 403)]
#[case::from_a_page_without_a_name("origin", Some("null"), 403)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_who_has_the_token_and_asks_this_host_is_answered(
    #[case] changed: &'static str,
    #[case] to: Option<&str>,
    #[case] status: u16,
) {
    let served = Served::start(ping()).await;
    let mut headers = served.client.headers();
    headers.retain(|(name, _)| *name != changed);
    if let Some(to) = to {
        let port = served.client.address.port().to_string();
        headers.push((changed, to.replace("PORT", &port).replace("TOKEN", &served.client.token)));
    }
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }).to_string();
    assert_eq!(served.client.send("/mcp", &headers, list.as_bytes()).await.status, status);
    let refused_elsewhere = if status == 200 { 404 } else { status };
    assert_eq!(served.client.send("/", &headers, list.as_bytes()).await.status, refused_elsewhere);
    served.finish().await.0.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_headers_where_one_counts_are_refused() {
    let served = Served::start(ping()).await;
    for (name, status) in [("host", 403), ("authorization", 401)] {
        let mut headers = served.client.headers();
        headers.push((name, "another".to_owned()));
        assert_eq!(served.client.send("/mcp", &headers, b"{}").await.status, status, "{name}");
    }
    served.finish().await.0.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_is_too_large_is_refused() {
    let served = Served::start(ping()).await;
    let call = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "ping", "arguments": { "much": "x".repeat(5 * 1024 * 1024) } },
    });
    assert_eq!(served.client.post(&call).await.status, 413);
    assert_eq!(served.finish().await.1.words(), ["turn completed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_turn_has_a_port_and_a_token_of_its_own() {
    let (one, other) = (Served::start(ping()).await, Served::start(ping()).await);
    assert_ne!(one.client.address, other.client.address);
    assert_ne!(one.client.token, other.client.token);
    assert_eq!(one.client.token.len(), 64);
    let mut stranger = other.client.clone();
    stranger.token.clone_from(&one.client.token);
    assert_eq!(stranger.post(&json!({})).await.status, 401);
    one.finish().await.0.unwrap();
    other.finish().await.0.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tools_are_listed_as_they_describe_themselves() {
    let described = tool("ping", "Answers.", |_: NoArguments| async { "pong" })
        .annotations(codex_turn::ToolAnnotations::read_only());
    let served = Served::start(set(described)).await;
    let listed = served.client.request(1, "tools/list", json!({})).await;
    let tool = &listed["result"]["tools"][0];
    assert_eq!(
        (&tool["name"], &tool["description"], &tool["annotations"], &tool["inputSchema"]["type"]),
        (&json!("ping"), &json!("Answers."), &json!({ "readOnlyHint": true }), &json!("object"))
    );
    served.finish().await.0.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codex_is_told_where_the_tools_are_and_its_commands_are_not() {
    let (turn, asked, finish) = turn(ping());
    let running = tokio::spawn(turn.into_future());
    let invocation = asked.await.unwrap();
    let client = client(&invocation);
    let line = invocation.command_line(&StartMarks::new(Marker::new()));
    let told = line.args.iter().map(|arg| arg.to_string_lossy().into_owned());
    let told: Vec<_> = told.filter(|arg| arg.contains("mcp_servers") || arg.contains("TOKEN")).collect();
    insta::assert_snapshot!(told.join("\n").replace(&client.address.to_string(), "ADDRESS"), @r#"
    mcp_servers.host.url="http://ADDRESS/mcp"
    mcp_servers.host.bearer_token_env_var="CODEX_TURNS_TOOL_TOKEN"
    mcp_servers.host.default_tools_approval_mode="approve"
    mcp_servers.host.tools.ping.approval_mode="approve"
    mcp_servers.host.required=true
    mcp_servers.host.enabled=true
    mcp_servers.host.supports_parallel_tool_calls=true
    mcp_servers.host.tool_timeout_sec=65.0
    mcp_servers.host.enabled_tools=["ping"]
    mcp_servers.host.disabled_tools=[]
    shell_environment_policy.set.CODEX_TURNS_TOOL_TOKEN=""
    "#);
    assert!(!line.args.iter().any(|arg| arg.to_string_lossy().contains(&client.token)));
    finish.cancel();
    running.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_connections_of_others_keep_nobody_out() {
    let (begun, has_begun) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, wait) = (Arc::clone(&has_begun), Arc::clone(&begun));
    let waits = tool("waits", "Waits.", move |_: NoArguments| {
        let (tell, wait) = (Arc::clone(&tell), Arc::clone(&wait));
        async move {
            tell.notify_one();
            wait.notified().await;
            "waited"
        }
    });
    let served = Served::start(set(waits)).await;
    let client = served.client.clone();
    let calling = tokio::spawn(async move { client.call(2, "waits", json!({})).await });
    has_begun.notified().await;

    // More than there may be, some of which have begun to say something.
    let mut idle = Vec::new();
    for number in 0..400 {
        let mut stream = TcpStream::connect(served.client.address).await.unwrap();
        if number % 2 == 0 {
            stream.write_all(b"POST /mcp HTTP/1.1\r\nhost: ").await.unwrap();
        }
        idle.push(stream);
    }
    let list = json!({ "jsonrpc": "2.0", "id": 3, "method": "tools/list" });
    // The headers of an idle connection may take longer than this.
    let answer = tokio::time::timeout(Duration::from_secs(8), served.client.post(&list)).await;
    assert_eq!(answer.expect("nobody is kept out").status, 200);
    begun.notify_one();
    let called = calling.await.unwrap();
    assert!(called.to_string().contains("waited"), "a call that runs goes on: {called}");
    for mut stream in idle {
        let _reset = stream.read_to_end(&mut Vec::new()).await;
    }
    served.finish().await.0.unwrap();
}
