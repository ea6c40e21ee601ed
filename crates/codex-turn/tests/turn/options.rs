//! Every turn of a thread restates every option: Codex remembers none.

use codex_exec::{EventStream, GitRepoCheck, Invocation, Marker, Sandbox, StartMarks, Target};
use codex_protocol::ThreadId;
use codex_turn::{Codex, Thread, ThreadOptions};
use std::sync::Arc;
use std::time::Duration;

use crate::support::{FakeExec, THREAD, codex, options, turn_lines};

fn streams(count: usize) -> Vec<EventStream> {
    (0..count).map(|_| EventStream::from_lines(turn_lines("done", 1))).collect()
}

/// The folder and the arguments of an invocation, one per line, with a marker that does not change.
fn arguments(invocation: &Invocation) -> String {
    let marker = Marker::parse("CODEX_TURNS_RUN_00000000000000000000000000000000").unwrap();
    let line = invocation.command_line(&StartMarks::new(marker));
    let words: Vec<_> = line.args.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    format!("in {}\n{}", line.cwd.unwrap().display(), words.join("\n")).replace("\n-c\n", "\n-c ")
}

async fn two_turns(thread: &Thread, exec: &FakeExec) -> [Invocation; 2] {
    thread.run("one").await.unwrap();
    thread.run("two").await.unwrap();
    exec.asked().try_into().expect("two turns")
}

#[tokio::test]
async fn a_resumed_turn_restates_them_all() {
    let exec = FakeExec::new(streams(2));
    let codex = Codex::builder().exec(Arc::clone(&exec) as Arc<dyn codex_exec::Exec>);
    let codex =
        codex.codex_home("/home/codex").base_url("http://127.0.0.1:9/v1").config("a", 1).build().unwrap();
    let options = ThreadOptions::new("/work")
        .sandbox(Sandbox::WorkspaceWrite)
        .model("gpt-5.5")
        .add_dir("/more")
        .profile("careful")
        .config("b.c", "text")
        .skip_git_repo_check()
        .with(|invocation| invocation.disable("plugins"));
    let [first, second] = two_turns(&codex.start_thread(options), &exec).await;
    insta::assert_snapshot!("first_turn", arguments(&first));
    insta::assert_snapshot!("resumed_turn", arguments(&second));
    assert_eq!(second.parts().codex_home, first.parts().codex_home);
}

/// Whatever is set and whatever is not: the second turn differs from the first in prompt and thread alone.
#[tokio::test]
async fn any_choice_of_options_is_restated() {
    type Choice = fn(ThreadOptions) -> ThreadOptions;
    let choices: [Choice; 8] = [
        |options| options.sandbox(Sandbox::WorkspaceWrite),
        |options| options.sandbox(Sandbox::DangerFullAccess),
        |options| options.model("gpt-5.5"),
        |options| options.add_dir("/more"),
        |options| options.profile("careful"),
        |options| options.config("key", true),
        |options| options.skip_git_repo_check(),
        |options| options.with(Invocation::ignore_user_config),
    ];
    for chosen in 0..1_u32 << choices.len() {
        let all = choices.iter().enumerate().filter(|(place, _)| chosen >> place & 1 == 1);
        let options = all.fold(options(), |options, (_, choice)| choice(options));
        let exec = FakeExec::new(streams(2));
        let [first, second] = two_turns(&codex(&exec).start_thread(options), &exec).await;
        assert_eq!(second.parts().prompt(), "two");
        assert_eq!(second.parts().target, Target::Resume(ThreadId::parse(THREAD).unwrap()));
        assert_eq!(
            format!("{:?}", second.parts()),
            format!("{:?}", first.clone().target(second.parts().target.clone()).parts()),
        );
    }
}

#[tokio::test]
async fn what_a_turn_is_told_holds_for_that_turn() {
    let exec = FakeExec::new(streams(2));
    let thread = codex(&exec).start_thread(options().model("gpt-5.5"));
    let limit = Duration::from_secs(7);
    thread
        .run("one")
        .image("/picture.png")
        .output_schema(serde_json::json!({"type": "object"}))
        .total_limit(limit)
        .idle_limit(limit)
        .with(|invocation| invocation.model("other"))
        .await
        .unwrap();
    thread.run("two").await.unwrap();
    let [first, second]: [Invocation; 2] = exec.asked().try_into().unwrap();
    let (first, second) = (first.parts(), second.parts());
    assert_eq!((first.images.len(), second.images.len()), (1, 0));
    assert!(first.output_schema.is_some() && second.output_schema.is_none());
    assert_eq!((first.total_limit, first.idle_limit), (Some(limit), Some(limit)));
    assert_eq!((second.total_limit, second.idle_limit), (None, None));
    assert_eq!((first.model.as_deref(), second.model.as_deref()), (Some("other"), Some("gpt-5.5")));
}

#[tokio::test]
async fn a_thread_is_found_by_age_or_made_by_copy_and_then_resumed_by_id() {
    type Open = fn(&Codex, ThreadId) -> Thread;
    let id = ThreadId::parse("019b7c2a-2222-7000-8000-000000000002").unwrap();
    let came_back = Target::Resume(ThreadId::parse(THREAD).unwrap());
    let cases: [(Open, Target); 2] = [
        (|codex, _| codex.resume_last(options()), Target::ResumeLast),
        (|codex, id| codex.fork_thread(id, options()), Target::Fork(id.clone())),
    ];
    for (open, target) in cases {
        let exec = FakeExec::new(streams(2));
        let thread = open(&codex(&exec), id.clone());
        let targets = two_turns(&thread, &exec).await.map(|turn| turn.parts().target.clone());
        assert_eq!(targets, [target, came_back.clone()]);
        assert_eq!(thread.id().unwrap().as_str(), THREAD);
    }
}

#[tokio::test]
async fn a_handle_keeps_its_thread_when_codex_names_another() {
    let id = ThreadId::parse("019b7c2a-2222-7000-8000-000000000002").unwrap();
    let exec = FakeExec::new(streams(2));
    let thread = codex(&exec).resume_thread(id.clone(), options());
    let targets = two_turns(&thread, &exec).await.map(|turn| turn.parts().target.clone());
    assert_eq!(targets, [Target::Resume(id.clone()), Target::Resume(id.clone())]);
    assert_eq!(thread.id(), Some(id));
}

#[tokio::test]
async fn a_turn_shows_what_would_be_asked() {
    let exec = FakeExec::new(streams(1));
    let thread = codex(&exec).start_thread(options().skip_git_repo_check());
    let turn = thread.run("secret words");
    let asked = turn.invocation().unwrap();
    assert_eq!(asked.parts().git_repo_check, GitRepoCheck::Skip);
    assert_eq!(asked.parts().prompt(), "secret words");
    assert!(!format!("{turn:?}").contains("secret words"), "the prompt is in no debug output");
}

#[test]
fn bounds_for_a_program_that_is_not_used_are_refused() {
    let exec = FakeExec::new([]);
    let builder = Codex::builder().exec(exec).options(codex_exec::ExecOptions::default());
    let error = builder.build().unwrap_err().to_string();
    assert_eq!(
        error,
        "a program or its options were given together with another transport: give one of them"
    );
}
