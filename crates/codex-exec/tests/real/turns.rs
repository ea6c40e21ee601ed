//! Whole turns.

use codex_exec::{Sandbox, Target};
use codex_fixtures::{PINNED_CODEX_VERSION, Reply};
use codex_protocol::{ItemDetails, TransportEnd, Verdict};

use crate::support::Scene;

const PATCH: &str = "*** Begin Patch\n*** Add File: note.txt\n+written by the agent\n*** End Patch\n";

#[tokio::test]
async fn a_turn_with_a_command_a_patch_and_an_answer() {
    let replies =
        [Reply::new().exec("echo one"), Reply::new().patch(PATCH), Reply::new().message("all done")];
    let scene = Scene::new(replies);
    let ran = scene.run(scene.invocation("go").sandbox(Sandbox::WorkspaceWrite)).await;
    scene.server.assert_clean();
    assert!(ran.error.is_none(), "{:?}", ran.error);
    assert_eq!(ran.verdict(), Verdict::Completed);
    assert_eq!(ran.command_output(), "one\n");
    assert!(ran.summary.items().iter().any(|item| matches!(item.details, ItemDetails::FileChange(_))));
    assert_eq!(ran.summary.final_response(), Some("all done"));
    assert_eq!(std::fs::read_to_string(scene.work().join("note.txt")).unwrap(), "written by the agent\n");
    let end = ran.end.unwrap();
    assert_eq!((end.end, end.leftovers), (TransportEnd::exited(0), vec![]));
    assert_eq!(end.thread_id.as_ref(), ran.summary.thread_id());
    assert_eq!(scene.server.requests()[0].prompt(), Some("go"));
}

#[tokio::test]
async fn the_rollout_of_a_turn_is_found_and_read_from_where_the_turn_began() {
    let scene = Scene::new([Reply::new().message("one"), Reply::new().message("two")]);
    let first = scene.run(scene.invocation("go")).await;
    let thread = first.summary.thread_id().unwrap().clone();
    let rollout = first.end.unwrap().rollout.unwrap();
    assert_eq!(rollout.before_bytes(), 0);
    let after = rollout.after_bytes().unwrap();
    let second = scene.run(scene.invocation("on").target(Target::Resume(thread.clone()))).await;
    assert_eq!(second.summary.thread_id(), Some(&thread));
    let rollout = second.end.unwrap().rollout.unwrap();
    assert_eq!(rollout.before_bytes(), after);
    let read = rollout.load(1 << 20).await.unwrap().unwrap();
    let usage = read.turns().last().and_then(|turn| turn.usage).unwrap();
    assert_eq!(usage.input_tokens, 100, "of the second turn alone");
    assert_eq!(second.summary.usage().unwrap().input_tokens, 200, "the stream counts the thread");
}

#[tokio::test]
async fn a_thread_that_does_not_exist_is_told_with_codexs_reason() {
    let scene = Scene::new([]);
    let unknown = codex_protocol::ThreadId::parse("0199a213-81c0-7800-8aa1-bbab2a035a53").unwrap();
    let ran = scene.run(scene.invocation("go").target(Target::Resume(unknown))).await;
    let Some(codex_exec::TransportError::StartFailed { reasons, .. }) = &ran.error else {
        panic!("{:?}", ran.error)
    };
    assert!(reasons[0].contains("0199a213-81c0-7800-8aa1-bbab2a035a53"), "{reasons:?}");
    assert!(scene.server.requests().is_empty());
}

#[tokio::test]
async fn a_broken_config_is_told_with_codexs_reason() {
    let scene = Scene::new([]).user_config("model = [");
    let ran = scene.run(scene.invocation("go")).await;
    let Some(error @ codex_exec::TransportError::StartFailed { .. }) = &ran.error else {
        panic!("{:?}", ran.error)
    };
    assert!(error.to_string().contains("config.toml"), "{error}");
}

#[tokio::test]
async fn a_service_that_is_not_there_ends_the_turn() {
    let scene = Scene::new([]);
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let invocation = scene
        .invocation("go")
        .config("model_provider", "gone")
        .config("model_providers.gone.name", "gone")
        .config("model_providers.gone.base_url", format!("http://{nowhere}/v1"))
        .config("model_providers.gone.stream_max_retries", 1)
        .config("model_providers.gone.request_max_retries", 0);
    let ran = scene.run(invocation).await;
    assert!(matches!(ran.verdict(), Verdict::Failed(_)), "{:?}", ran.verdict());
}

#[tokio::test]
async fn the_pinned_version_is_read() {
    let program = codex_exec::Program::at(codex_fixtures::pinned_codex().unwrap()).unwrap();
    assert_eq!(program.version().await.unwrap().to_string(), PINNED_CODEX_VERSION);
}
