//! What each option of an invocation becomes on Codex's command line.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::time::Duration;

use codex_exec::{
    ApiKey, CodexEnvironment, CommandLine, ConfigValue, ConnectionRetries, GitRepoCheck, Invocation, Marker,
    McpServer, OutputSchema, ReviewTarget, Sandbox, SchemaFile, StartMarks, Target, ToolApproval,
};
use codex_protocol::ThreadId;

fn marks() -> StartMarks {
    StartMarks::new(Marker::parse("CODEX_TURNS_RUN_0123456789abcdef0123456789abcdef").unwrap())
}

fn thread() -> ThreadId {
    ThreadId::parse("0199a213-81c0-7800-8aa1-bbab2a035a53").unwrap()
}

fn ask() -> Invocation {
    Invocation::new("say hi")
}

/// One line per argument; flags that take the next argument stay with it.
fn shown(line: &CommandLine) -> String {
    let mut out = String::new();
    let mut args = line.args.iter().map(|arg| arg.to_str().unwrap());
    while let Some(arg) = args.next() {
        let value = if arg == "-c" { args.next().unwrap_or_default() } else { "" };
        writeln!(out, "{}", format!("{arg} {value}").trim_end()).unwrap();
    }
    let environment = &line.environment;
    writeln!(out, "---\nbase: {:?}\nremove: {:?}", environment.base, environment.remove).unwrap();
    for (name, value) in &environment.set {
        writeln!(out, "{}={}", name.to_str().unwrap(), value.to_str().unwrap()).unwrap();
    }
    writeln!(out, "---\ncwd: {:?}\nstdin: {:?}", line.cwd, line.stdin).unwrap();
    out
}

macro_rules! becomes {
    ($($test:ident: $invocation:expr;)+) => {
        $(#[test]
        fn $test() {
            insta::assert_snapshot!(stringify!($test), shown(&$invocation.command_line(&marks())));
        })+
    };
}

becomes! {
    a_prompt_alone: ask();
    a_prompt_that_looks_like_a_flag: Invocation::new("--help");
    resume: ask().target(Target::Resume(thread()));
    resume_last: ask().target(Target::ResumeLast);
    fork: ask().target(Target::Fork(thread()));
    review_uncommitted: Invocation::review(ReviewTarget::Uncommitted);
    review_base: Invocation::review(ReviewTarget::Base("-odd/branch".to_owned()));
    review_commit: Invocation::review(ReviewTarget::Commit("abc123".to_owned()));
    review_prompt: ask().target(Target::ReviewPrompt);
    model: ask().model("gpt-5.5");
    sandbox_read_only: ask().sandbox(Sandbox::ReadOnly);
    sandbox_workspace_write: ask().sandbox(Sandbox::WorkspaceWrite);
    sandbox_danger_full_access: ask().sandbox(Sandbox::DangerFullAccess);
    cwd: ask().cwd("/project/here");
    add_dir: ask().add_dir("/one").add_dir("/two words");
    image: ask().image("/one.png").image("/two words.png");
    output_schema_file: ask().output_schema(OutputSchema::File("/schema.json".into()));
    profile: ask().profile("careful");
    config: ask()
        .config("model_reasoning_effort", "high")
        .config("tools.update_plan.enabled", true)
        .config("sandbox_workspace_write.writable_roots", vec!["/a", "/b"])
        .config("mcp_servers", ConfigValue::table([("a.b", ConfigValue::table([("url", "http://h/")]))]))
        .config("typed", ConfigValue::Verbatim("by hand".to_owned()));
    enable_and_disable: ask().enable("goals").disable("plugins");
    connection_retries_unbounded: ask().connection_retries(ConnectionRetries::Unbounded);
    ephemeral: ask().ephemeral();
    ignore_user_config: ask().ignore_user_config();
    skip_git_repo_check: ask().skip_git_repo_check();
    environment_cleared: ask().environment(CodexEnvironment::clear().set("PATH", "/bin"));
    environment_of_some: ask().environment(CodexEnvironment::only(["PATH", "HOME"]).set("CI", "1").remove("LANG"));
    mcp_server_http: ask().mcp_server(
        McpServer::http("host", "http://127.0.0.1:4040/mcp")
            .bearer_token("HOST_TOKEN", "token-1")
            .approval(ToolApproval::Approve)
            .approved_tools(["sub", "add"])
            .calls_at_once()
            .tool_timeout(Duration::from_millis(1500))
            .startup_timeout(Duration::from_secs(5))
            .enabled_tools(["add"])
            .setting("http_headers", ConfigValue::table([("X-One", "1")])),
    );
    mcp_server_stdio: ask().mcp_server(
        McpServer::stdio("tools", "/bin/server", ["--verbose"]).env("A", "b").secret_env("KEY", "token-2").optional(),
    );
    codex_home: ask().codex_home("/home/of/codex");
    api_key: ask().api_key(ApiKey::new("sk-1"));
    base_url: ask().base_url("http://127.0.0.1:4040/v1");
    originator: ask().originator("codex-turns");
    everything_on_a_resumed_thread: ask()
        .target(Target::Resume(thread()))
        .model("gpt-5.5")
        .sandbox(Sandbox::WorkspaceWrite)
        .cwd("/work")
        .add_dir("/more")
        .image("/one.png")
        .output_schema(OutputSchema::File("/schema.json".into()))
        .profile("careful")
        .config("model_reasoning_effort", "high")
        .enable("goals")
        .ephemeral()
        .ignore_user_config()
        .git_repo_check(GitRepoCheck::Skip)
        .environment(CodexEnvironment::inherit().set("CODEX_API_KEY", "not this one").remove("CODEX_HOME"))
        .mcp_server(McpServer::http("host", "http://127.0.0.1:1/mcp").bearer_token("HOST_TOKEN", "token"))
        .codex_home("/home/of/codex")
        .api_key(ApiKey::new("sk-1"))
        .base_url("http://127.0.0.1:4040/v1")
        .originator("codex-turns");
}

#[test]
fn an_inline_schema_is_named_by_its_file() {
    let schema = serde_json::json!({"type": "object"});
    let invocation = ask().output_schema(OutputSchema::Inline(schema));
    let file = SchemaFile::for_invocation(&invocation).unwrap().unwrap();
    let line = invocation.command_line(&marks().schema_file(&file));
    let expected = format!("--output-schema={}", file.path().display());
    assert!(line.args.iter().any(|arg| arg.to_str() == Some(&expected)), "{line:?}");
}

#[test]
fn relative_paths_are_made_absolute_when_they_are_given() {
    let invocation = ask().cwd("here").add_dir("x").image("y.png");
    let parts = invocation.parts();
    let here = std::env::current_dir().unwrap();
    assert_eq!(parts.cwd, Some(here.join("here")));
    assert_eq!((&parts.add_dirs, &parts.images), (&vec![here.join("x")], &vec![here.join("y.png")]));
}

#[test]
fn a_child_gets_what_the_plan_says() {
    let environment = CodexEnvironment::only(["PATH", "SECRET"]).set("CI", "1").remove("SECRET");
    let invocation = ask().environment(environment).api_key(ApiKey::new("sk-1"));
    let process = [("PATH", "/bin"), ("LANG", "C"), ("SECRET", "s"), ("CODEX_API_KEY", "old"), ("CI", "0")];
    let process = process.map(|(name, value)| (name.into(), value.into()));
    let child = invocation.command_line(&marks()).environment.apply(process);
    let expected = [
        ("CI", "1"),
        ("CODEX_API_KEY", "sk-1"),
        ("CODEX_TURNS_RUN_0123456789abcdef0123456789abcdef", "1"),
        ("PATH", "/bin"),
    ];
    assert_eq!(child, expected.map(|(name, value)| (name.into(), value.into())));
}

#[rstest::rstest]
#[case::no_proxy(&[], &[])]
#[case::a_proxy(&[("HTTP_PROXY", "http://p")], &[("HTTP_PROXY", "http://p"), ("NO_PROXY", "127.0.0.1,::1")])]
#[case::a_proxy_for_all(&[("all_proxy", "http://p")], &[("NO_PROXY", "127.0.0.1,::1"), ("all_proxy", "http://p")])]
#[case::a_list(
    &[("http_proxy", "http://p"), ("no_proxy", "intern")],
    &[("http_proxy", "http://p"), ("no_proxy", "intern,127.0.0.1,::1")]
)]
#[case::everything_is_passed_by(
    &[("HTTP_PROXY", "http://p"), ("NO_PROXY", "*")],
    &[("HTTP_PROXY", "http://p"), ("NO_PROXY", "*")]
)]
fn a_server_that_is_reached_without_a_proxy_is_added_to_the_list(
    #[case] process: &[(&str, &str)],
    #[case] expected: &[(&str, &str)],
) {
    let invocation = ask()
        .mcp_server(McpServer::http("host", "http://127.0.0.1:4040/mcp").without_proxy())
        .mcp_server(McpServer::http("other", "http://[::1]:4040/mcp").without_proxy())
        .mcp_server(McpServer::http("far", "http://example.org/mcp"));
    let process = process.iter().map(|(name, value)| (name.into(), value.into()));
    let mut child = invocation.command_line(&marks()).environment.apply(process);
    child.retain(|(name, _)| name.to_ascii_lowercase().to_string_lossy().ends_with("_proxy"));
    let expected: Vec<_> = expected.iter().map(|(name, value)| (name.into(), value.into())).collect();
    assert_eq!(child, expected);
}

#[test]
fn a_secret_is_in_the_environment_alone() {
    const SECRETS: [&str; 3] = ["sk-do-not-show", "token-do-not-show", "key-do-not-show"];
    let invocation = ask()
        .api_key(ApiKey::new(SECRETS[0]))
        .mcp_server(McpServer::http("host", "http://127.0.0.1:1/mcp").bearer_token("HOST_TOKEN", SECRETS[1]))
        .mcp_server(McpServer::stdio("own", "server", ["-v"]).secret_env("SERVER_KEY", SECRETS[2]))
        .environment(CodexEnvironment::inherit().set("PASSWORD", "value-do-not-show"));
    let line = invocation.command_line(&marks());

    let args: Vec<_> = line.args.iter().map(|arg| arg.to_str().unwrap()).collect();
    let printed =
        [format!("{invocation:?}"), format!("{invocation:#?}"), format!("{line:?}"), args.join("\n")];
    for text in &printed {
        assert!(!text.contains("do-not-show"), "{text}");
    }
    for (name, secret) in ["CODEX_API_KEY", "HOST_TOKEN", "SERVER_KEY"].into_iter().zip(SECRETS) {
        assert!(line.environment.set.contains(&(name.into(), secret.into())), "codex gets {name}");
        let hidden = format!("shell_environment_policy.set.{name}=\"\"");
        assert!(args.contains(&&*hidden), "the agent's commands do not get {name}: {args:?}");
    }
}

#[test]
fn a_prompt_is_in_no_argument_and_no_debug_output() {
    let invocation = Invocation::new("the secret plan").target(Target::Fork(thread()));
    let line = invocation.command_line(&marks());
    assert!(!format!("{invocation:?} {line:?}").contains("secret plan"));
    assert_eq!(line.stdin, "the secret plan");
    assert_eq!(line.args.last().unwrap(), "-");
}

#[test]
fn the_users_list_of_hidden_variables_is_never_replaced() {
    let invocation = ask().api_key(ApiKey::new("sk-1")).config("shell_environment_policy.inherit", "core");
    let line = invocation.command_line(&marks());
    assert!(!line.args.iter().any(|arg| arg.to_str().unwrap().contains("exclude")), "{line:?}");
}

#[test]
fn our_settings_come_after_the_callers() {
    let policy = ConfigValue::table([("set", ConfigValue::table([("A", "1")]))]);
    let line =
        ask().config("shell_environment_policy", policy).api_key(ApiKey::new("sk-1")).command_line(&marks());
    let keys: Vec<_> = line.args.iter().map(|arg| arg.to_str().unwrap().split('=').next().unwrap()).collect();
    let place = |key: &str| keys.iter().position(|one| *one == key).unwrap();
    assert!(place("shell_environment_policy") < place("shell_environment_policy.set.CODEX_API_KEY"));
}

#[test]
fn no_two_starts_have_one_marker() {
    let mut markers: Vec<_> = (0..1000).map(|_| Marker::new().variable_name().to_owned()).collect();
    markers.sort();
    markers.dedup();
    assert_eq!(markers.len(), 1000);
    assert!(markers.iter().all(|name| name.len() == Marker::PREFIX.len() + 32), "{}", markers[0]);
    assert_eq!(Marker::parse("CODEX_TURNS_RUN_0123"), None);
    assert_eq!(Marker::parse("PATH"), None);
}
