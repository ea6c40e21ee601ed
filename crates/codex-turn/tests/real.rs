//! Turns of the real Codex, which a scripted model server drives: needs `cargo xtask codex`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use codex_exec::{ApiKey, CodexEnvironment, ExecOptions, Program, StateDir};
use codex_fixtures::{
    ModelServer, Reply, Script, Tokens, pinned_codex, processes_with_environment, wait_until,
};
use codex_protocol::{ItemDetails, UsageSource, Verdict};
use codex_turn::{Codex, ReadRollout, Sandbox, Thread, ThreadOptions, TurnError, TurnStream};
use futures_util::TryStreamExt;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

/// A repository, a Codex home and a model that answers as scripted.
struct Scene {
    server: ModelServer,
    folder: tempfile::TempDir,
    codex: Codex,
}

impl Scene {
    fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let program = pinned_codex().unwrap_or_else(|missing| panic!("{missing}"));
        let server = ModelServer::start(Script::new(replies)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "user", "work", "other"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let codex = Codex::builder()
            .program(Program::at(program).unwrap())
            .options(ExecOptions::default().state_dir(StateDir::at(folder.path().join("state"))))
            .codex_home(folder.path().join("home"))
            .api_key(ApiKey::new("scripted-key"))
            .base_url(server.base_url())
            .environment(environment(folder.path()))
            .with(|invocation| invocation.disable("plugins").total_limit(Duration::from_mins(1)))
            .build()
            .unwrap();
        Self { server, folder, codex }
    }

    fn work(&self) -> &Path {
        self.folder.path()
    }

    fn options(&self) -> ThreadOptions {
        ThreadOptions::new(self.work().join("work")).model("gpt-5.5").skip_git_repo_check()
    }

    fn thread(&self, sandbox: Sandbox) -> Thread {
        self.codex.start_thread(self.options().sandbox(sandbox))
    }

    /// A thread whose processes carry a variable of this name, and no others do.
    fn marked_thread(&self, test: &str) -> (String, Thread) {
        let mark = format!("CODEX_TURN_TEST_{test}_{}", std::process::id());
        let environment = environment(self.work()).set(&mark, "1");
        let options = self.options().sandbox(Sandbox::DangerFullAccess).environment(environment);
        (mark, self.codex.start_thread(options))
    }

    fn read(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.work().join(file)).ok()
    }
}

/// The agent's shells are login shells: without a home of their own they would run this user's profile.
fn environment(folder: &Path) -> CodexEnvironment {
    CodexEnvironment::inherit().set("HOME", folder.join("user"))
}

/// A message that costs this much.
fn answer(text: &str, input: u64) -> Reply {
    Reply::new().message(text).usage(Tokens::new(input, 10))
}

async fn first_item(stream: &mut TurnStream) {
    while stream.summary().items().is_empty() {
        stream.try_next().await.unwrap().expect("an item comes before the end");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_runs_a_command_patches_a_file_and_answers() {
    let patch = "*** Begin Patch\n*** Add File: new.txt\n+written by a patch\n*** End Patch";
    let scene = Scene::new([
        Reply::new().exec("echo one > ran.txt && echo said"),
        Reply::new().patch(patch),
        answer("both done", 70),
    ]);
    let result = scene.thread(Sandbox::DangerFullAccess).run("do both").await.unwrap();

    assert_eq!(result.verdict, Verdict::Completed);
    assert_eq!(result.final_response(), Some("both done"));
    let kinds: Vec<&str> = result.items().iter().map(|item| item.details.name()).collect();
    assert_eq!(kinds, ["command_execution", "file_change", "agent_message"]);
    let ItemDetails::CommandExecution(command) = &result.items()[0].details else { panic!("a command") };
    let lines: Vec<_> = result.lines.iter().map(|line| String::from_utf8_lossy(line.raw())).collect();
    let ran = (command.exit_code, command.aggregated_output.as_str());
    assert_eq!(ran, (Some(0), "said\n"), "{lines:#?}");
    assert_eq!(scene.read("work/ran.txt").as_deref(), Some("one\n"));
    assert_eq!(scene.read("work/new.txt").as_deref(), Some("written by a patch\n"));
    assert_eq!((result.summary.undecodable(), result.summary.unknown(), result.leftovers().len()), (0, 0, 0));
    scene.server.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resumed_turn_keeps_sandbox_model_and_folders() {
    let scene = Scene::new([
        answer("ready", 1),
        Reply::new().exec("echo here > again.txt; echo there > ../other/again.txt"),
        answer("done", 1),
    ]);
    let options = scene.options().sandbox(Sandbox::WorkspaceWrite).add_dir(scene.work().join("other"));
    let options = options.config("sandbox_workspace_write.exclude_slash_tmp", true);
    let options = options.config("sandbox_workspace_write.exclude_tmpdir_env_var", true);
    let first = scene.codex.start_thread(options.clone());
    first.run("get ready").await.unwrap();

    // Another handle, as after a restart of the program: all that is known is the id.
    let resumed = scene.codex.resume_thread(first.id().unwrap(), options);
    let result = resumed.run("write").await.unwrap();
    assert_eq!(result.thread_id, first.id());
    let told = "this test needs user namespaces for Codex's sandbox";
    assert_eq!(scene.read("work/again.txt").as_deref(), Some("here\n"), "{told}: {:?}", result.items());
    assert_eq!(scene.read("other/again.txt").as_deref(), Some("there\n"), "{told}: {:?}", result.items());
    assert!(result.notices().is_empty(), "no warning of another model: {:?}", result.notices());
    let models: Vec<_> = scene.server.requests().iter().map(|request| request.model().to_owned()).collect();
    assert_eq!(models, ["gpt-5.5"; 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_turn_of_a_resumed_thread_is_accounted_for_itself() {
    let scene = Scene::new([
        Reply::new().exec("true").usage(Tokens::new(100, 10)),
        answer("one", 200),
        answer("two", 1000),
        answer("three", 7),
    ]);
    let thread = scene.thread(Sandbox::DangerFullAccess);
    let mut seen = Vec::new();
    for prompt in ["first", "second"] {
        seen.push(thread.run(prompt).await.unwrap().usage);
    }
    // A handle that has seen none of it has to ask the rollout.
    let other = scene.codex.resume_thread(thread.id().unwrap(), scene.options());
    seen.push(other.run("third").await.unwrap().usage);

    let numbers: Vec<_> = seen
        .iter()
        .map(|usage| {
            (usage.turn.unwrap().input_tokens, usage.thread.unwrap().input_tokens, usage.source.unwrap())
        })
        .collect();
    let (stream, rollout) = (UsageSource::Stream, UsageSource::Rollout);
    assert_eq!(numbers, [(300, 300, stream), (1000, 1300, stream), (7, 1307, rollout)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_of_somebody_else_in_between_is_not_mistaken_for_ours() {
    let scene = Scene::new([answer("one", 100), answer("theirs", 5000), answer("two", 30)]);
    let ours = scene.thread(Sandbox::ReadOnly);
    ours.run("first").await.unwrap();
    let theirs = scene.codex.resume_thread(ours.id().unwrap(), scene.options());
    theirs.run("in between").await.unwrap();
    let second = ours.run("second").await.unwrap();
    assert_eq!(second.usage.turn.unwrap().input_tokens, 30);
    assert_eq!(second.usage.thread.unwrap().input_tokens, 5130);
    assert_eq!(second.usage.source, Some(UsageSource::Rollout));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_has_the_shape_that_was_asked_for() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Answer {
        files: u32,
    }
    let scene = Scene::new([answer(r#"{"files":3}"#, 1)]);
    let schema = serde_json::json!({
        "type": "object",
        "properties": { "files": { "type": "integer" } },
        "required": ["files"],
        "additionalProperties": false,
    });
    let thread = scene.thread(Sandbox::ReadOnly);
    let result = thread.run("how many?").output_schema(schema.clone()).await.unwrap();
    assert_eq!(result.json::<Answer>().unwrap(), Answer { files: 3 });
    let request = &scene.server.requests()[0];
    assert_eq!(request.body["text"]["format"]["schema"], schema);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_turns_at_once_on_one_thread_are_one_too_many() {
    let scene = Scene::new([answer("ready", 1), Reply::new().message("slow").hold()]);
    let thread = scene.thread(Sandbox::ReadOnly);
    thread.run("get ready").await.unwrap();
    let id = thread.id().unwrap();

    let running = tokio::spawn(thread.run("wait").into_future());
    let server = &scene.server;
    assert!(tokio::task::block_in_place(|| server.wait_for_requests(2, Duration::from_secs(20))));
    let same_handle = thread.run("me too").await.unwrap_err();
    assert!(
        matches!(&same_handle, TurnError::Busy { thread: Some(busy), .. } if *busy == id),
        "{same_handle:?}"
    );
    let other_handle =
        scene.codex.resume_thread(id.clone(), scene.options()).run("me too").await.unwrap_err();
    assert!(
        matches!(&other_handle, TurnError::Busy { thread: Some(busy), .. } if *busy == id),
        "{other_handle:?}"
    );

    server.release();
    assert_eq!(running.await.unwrap().unwrap().final_response(), Some("slow"));
    assert_eq!(server.requests().len(), 2, "the refused turns asked nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_turn_ends_soon_keeps_its_work_and_can_be_resumed() {
    let scene = Scene::new([Reply::new().exec("echo begun; sleep 600"), answer("went on", 1)]);
    let (mark, thread) = scene.marked_thread("cancelled");
    let token = CancellationToken::new();
    let mut stream = thread.run("sleep").cancel(token.clone()).read_rollout(ReadRollout::Always).stream();
    first_item(&mut stream).await;
    token.cancel();

    let result = stream.finish().await.unwrap_err().into_result().unwrap();
    assert_eq!(result.verdict, Verdict::Cancelled);
    assert_eq!(result.items().len(), 1);
    assert_eq!(result.rollout.as_ref().unwrap().calls().len(), 1, "the call in flight is on record");
    assert_eq!(processes_with_environment(&mark), Vec::<u32>::new(), "nothing of it is left");

    let resumed = thread.run("go on").await.unwrap();
    assert_eq!(resumed.thread_id, result.thread_id);
    assert_eq!(resumed.usage.turn.unwrap().input_tokens, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_that_is_dropped_leaves_nothing_behind() {
    let scene = Scene::new([Reply::new().exec("sleep 600")]);
    let (mark, thread) = scene.marked_thread("dropped");
    let mut stream = thread.run_streamed("sleep");
    first_item(&mut stream).await;
    assert!(!processes_with_environment(&mark).is_empty(), "the command runs");
    drop(stream);
    let gone = || processes_with_environment(&mark).is_empty();
    assert!(tokio::task::block_in_place(|| wait_until(Duration::from_secs(10), gone)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_leave_no_event_are_seen_when_asked_for() {
    let patch = "*** Begin Patch\n*** Update File: missing.txt\n@@\n-a\n+b\n*** End Patch";
    let scene = Scene::new([Reply::new().patch(patch), answer("could not", 1)]);
    let thread = scene.thread(Sandbox::DangerFullAccess);
    let result = thread.run("patch it").read_rollout(ReadRollout::Always).await.unwrap();
    assert_eq!(result.items().len(), 1, "the stream has the answer alone: {:?}", result.items());
    let unseen: Vec<_> = result.unseen_calls().unwrap().iter().map(|call| call.name.clone()).collect();
    assert_eq!(unseen, ["apply_patch"]);
}

#[test]
fn a_turn_runs_without_a_runtime_of_the_callers() {
    let scene = Scene::new([answer("done", 1)]);
    let result = scene.thread(Sandbox::ReadOnly).run("do it").blocking().unwrap();
    assert_eq!(result.final_response(), Some("done"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_turn_says_why() {
    let body = r#"{"error":{"message":"Invalid schema","type":"invalid_request_error"}}"#;
    let scene = Scene::new([Reply::status(400).body(body)]);
    let error = scene.thread(Sandbox::ReadOnly).run("do it").await.unwrap_err();
    assert!(error.to_string().contains("Invalid schema"), "{error}");
    assert_eq!(error.result().unwrap().verdict.word(), "failed");
    assert_eq!(error.result().unwrap().usage.turn, None);
}
