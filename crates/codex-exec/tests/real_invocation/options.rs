//! Each option has its effect.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use codex_exec::{
    CodexEnvironment, ConfigValue, ConnectionRetries, GitRepoCheck, McpServer, OutputSchema, Sandbox,
    ToolApproval, TransportError,
};
use codex_fixtures::Reply;
use rstest::rstest;
use serde_json::json;

use crate::scene::Scene;

/// One white pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\
    \0\0\0\nIDATx\xdac\xf8\x0f\0\x01\x01\x01\0\x1c\xb0\x8c\x99\
    \0\0\0\0IEND\xaeB`\x82";

#[tokio::test]
async fn the_prompt_arrives_as_it_is() {
    let scene = Scene::answering(1);
    let prompt = "--help resume \u{1f600}\n\0\"'$(id)\r\n";
    scene.run(scene.ask(prompt)).await;
    assert_eq!(scene.last_request().prompt(), Some(prompt));
}

#[tokio::test]
async fn what_belongs_to_the_request_is_in_it() {
    let scene = Scene::answering(1);
    scene.user_config("model = \"not-this-one\"\n");
    let schema = json!({"type": "object", "properties": {}, "required": [], "additionalProperties": false});
    let instructions = "line one\n\"two\"\\ \u{7f}\t# \u{e4}\u{1f600}";
    let invocation = scene
        .ask("look")
        .image(scene.file("a picture.png", PNG))
        .output_schema(OutputSchema::Inline(schema.clone()))
        .config("developer_instructions", instructions)
        .originator("codex-turns-test");
    scene.run(invocation).await;
    let request = scene.last_request();
    assert_eq!(request.model(), "gpt-5.5");
    assert_eq!(request.body["text"]["format"]["schema"], schema);
    assert_eq!(request.headers["originator"], "codex-turns-test");
    assert_eq!(request.headers["authorization"], "Bearer sk-scripted");
    let body = request.body.to_string();
    assert!(body.contains("data:image/png;base64,"), "the picture is missing");
    assert!(
        body.contains(json!(instructions).to_string().trim_matches('"')),
        "{instructions:?} is missing: {body}"
    );
}

#[tokio::test]
async fn every_kind_of_value_is_read_as_itself() {
    let scene = Scene::new([
        Reply::new().exec(r#"printf '%s|%s|%s' "$PLAIN" "$NUMBER_LIKE" "$ODD""#),
        Reply::new().message("done"),
    ]);
    let odd = "a\"b\\c\td\u{1}#'\u{e4}";
    let set = ConfigValue::table([("PLAIN", "plain"), ("NUMBER_LIKE", "123"), ("ODD", odd)]);
    let invocation = scene
        .ask("go")
        .config("shell_environment_policy.set", set)
        .config("sandbox_workspace_write.writable_roots", vec!["/tmp"])
        .config("sandbox_workspace_write.network_access", false)
        .config("model_context_window", 200_000)
        .config("mcp_servers.unused.url", "http://127.0.0.1:9/mcp")
        .config("mcp_servers.unused.enabled", false)
        .config("mcp_servers.unused.tool_timeout_sec", 1.5)
        .config("model_verbosity", ConfigValue::Verbatim("low".to_owned()));
    scene.run(invocation).await;
    let output = scene.last_request().tool_outputs().pop().unwrap();
    assert!(output.contains(&format!("plain|123|{odd}")), "{output:?}");
    assert_eq!(scene.last_request().body["text"]["verbosity"], "low");
}

#[tokio::test]
async fn all_other_options_are_taken() {
    let scene = Scene::answering(1);
    scene.user_config("this is not toml");
    scene.file("home/careful.config.toml", "");
    let schema = scene.file("schema.json", r#"{"type":"object"}"#);
    let invocation = scene
        .ask("go")
        .add_dir(scene.path("outside"))
        .image(scene.file("one.png", PNG))
        .image(scene.file("-two.png", PNG))
        .output_schema(OutputSchema::File(schema))
        .enable("goals")
        .connection_retries(ConnectionRetries::Unbounded)
        .ignore_user_config()
        .ephemeral()
        .environment(CodexEnvironment::clear())
        .skip_git_repo_check()
        .cwd(scene.path("outside"));
    let ran = scene.run(invocation).await;
    assert!(!scene.path("home/sessions").exists(), "an ephemeral thread is not kept: {}", ran.thread());
}

#[tokio::test]
async fn a_profile_is_layered_over_the_configuration() {
    let scene = Scene::answering(1);
    scene.user_config("model_verbosity = \"high\"\n");
    scene.file("home/careful.config.toml", "model_verbosity = \"low\"\n");
    scene.run(scene.ask("go").profile("careful")).await;
    assert_eq!(scene.last_request().body["text"]["verbosity"], "low");
}

#[rstest]
#[case::read_only(Sandbox::ReadOnly, "here none other none")]
#[case::workspace_write(Sandbox::WorkspaceWrite, "here ok other ok")]
#[case::full_access(Sandbox::DangerFullAccess, "here ok other ok")]
#[tokio::test]
async fn the_sandbox_and_the_folders_are_those_that_were_asked_for(
    #[case] sandbox: Sandbox,
    #[case] expected: &str,
) {
    // Without the pause Codex takes a refused write for a denial and shows nothing of the command.
    let command = "for d in here:. other:../outside; do n=${d%%:*}; \
                   touch ${d#*:}/new 2>/dev/null && w=ok || w=none; printf '%s %s ' $n $w; done; sleep 0.3";
    let scene = Scene::new([Reply::new().exec(command), Reply::new().message("done")]);
    // The temporary folder, in which the scene lies, is writable unless it is said to be none.
    let invocation = scene
        .ask("go")
        .sandbox(sandbox)
        .add_dir(scene.path("outside"))
        .config("sandbox_workspace_write.exclude_slash_tmp", true)
        .config("sandbox_workspace_write.exclude_tmpdir_env_var", true);
    scene.run(invocation).await;
    let output = scene.last_request().tool_outputs().pop().unwrap();
    assert!(output.contains(expected), "{output:?}; this test needs user namespaces for the sandbox");
}

#[tokio::test]
async fn a_required_server_gets_its_settings_and_its_secret() {
    let scene = Scene::answering(1);
    let seen = scene.path("seen");
    let script = format!("env > '{}'; exit 1", seen.display());
    let server = McpServer::stdio("own", "/bin/sh", ["-c", &script])
        .env("PLAIN", "open")
        .secret_env("SERVER_KEY", "key-1")
        .approval(ToolApproval::Approve)
        .tool_timeout(Duration::from_millis(1500))
        .startup_timeout(Duration::from_secs(5))
        .enabled_tools(["one"]);
    let failed = scene.try_run(scene.ask("go").mcp_server(server.clone())).await;
    assert!(
        matches!(failed, Err(TransportError::StartFailed { .. })),
        "a required server that does not start"
    );
    let environment = fs::read_to_string(&seen).unwrap();
    for line in ["PLAIN=open", "SERVER_KEY=key-1"] {
        assert!(environment.lines().any(|one| one == line), "{line}: {environment}");
    }
    scene.run(scene.ask("go").mcp_server(server.optional())).await;
}

#[tokio::test]
async fn codex_agrees_about_what_a_repository_is() {
    let scene = Scene::answering(12);
    fs::create_dir_all(scene.path("repo/below")).unwrap();
    fs::create_dir_all(scene.path("empty/.git")).unwrap();
    fs::create_dir_all(scene.path("worktree")).unwrap();
    scene.file("worktree/.git", "gitdir: ../repo/.git\n");
    symlink(scene.path("repo/below"), scene.path("outside/link")).unwrap();
    for folder in ["repo", "repo/below", "worktree", "outside/link", "outside", "empty"] {
        let invocation = scene.ask("go").cwd(scene.path(folder));
        assert_eq!(invocation.check().is_ok(), scene.codex_takes(&invocation), "{folder}");
        scene.run(invocation.git_repo_check(GitRepoCheck::Skip)).await;
    }
}
