//! The agent's commands see the marker and none of our secrets, whatever the user's own policy is.

use codex_exec::{McpServer, Sandbox};
use codex_fixtures::Reply;
use rstest::rstest;

use crate::scene::Scene;

#[rstest]
#[case::by_default("")]
#[case::only_the_core("[shell_environment_policy]\ninherit = \"core\"\n")]
#[case::nothing_inherited("[shell_environment_policy]\ninherit = \"none\"\n")]
#[case::a_list_of_the_users("[shell_environment_policy]\nexclude = [\"MINE_*\"]\n")]
#[case::some_only("[shell_environment_policy]\ninclude_only = [\"PATH\", \"SHOWN\"]\n")]
#[tokio::test]
async fn no_policy_shows_a_secret_or_hides_both_marks(#[case] policy: &str) {
    let scene = Scene::new([Reply::new().exec("/usr/bin/env; /bin/sleep 0.3"), Reply::new().message("done")]);
    scene.user_config(policy);
    let server =
        McpServer::http("host", "http://127.0.0.1:9/mcp").bearer_token("HOST_TOKEN", "token-1").optional();
    let environment = codex_exec::CodexEnvironment::only(["PATH"])
        .set("HOME", scene.path("user"))
        .set("MINE_TO_HIDE", "mine-1")
        .set("SHOWN", "shown-1");
    let ran = scene.run(scene.ask("go").mcp_server(server).environment(environment)).await;
    let seen = scene.last_request().tool_outputs().pop().unwrap();

    for secret in ["sk-scripted", "token-1"] {
        assert!(!seen.contains(secret), "{secret}: {seen}");
    }
    let marker = seen.lines().find(|line| line.starts_with("CODEX_TURNS_RUN_"));
    assert!(seen.contains(&format!("CODEX_THREAD_ID={}", ran.thread())), "{seen}");
    // A list of all that may be seen leaves the thread's id as the only mark.
    assert_eq!(marker.is_some_and(|line| line.ends_with("=1")), !policy.contains("include_only"), "{seen}");
    // The user's own policy is in force.
    let users = |variable: &str| seen.lines().any(|line| line == variable);
    assert_eq!(users("MINE_TO_HIDE=mine-1"), policy.is_empty(), "{seen}");
    assert_eq!(users("SHOWN=shown-1"), !policy.contains("inherit ="), "{seen}");
}

#[tokio::test]
async fn a_sandboxed_command_sees_no_secret_either() {
    let scene = Scene::new([Reply::new().exec("/usr/bin/env; /bin/sleep 0.3"), Reply::new().message("done")]);
    scene.run(scene.ask("go").sandbox(Sandbox::ReadOnly)).await;
    let seen = scene.last_request().tool_outputs().pop().unwrap();
    assert!(seen.contains("CODEX_TURNS_RUN_") && !seen.contains("sk-scripted"), "{seen}");
}
