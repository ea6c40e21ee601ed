//! What a turn is told reaches the process layer, and what that reports reaches the result.

use std::sync::Arc;
use std::time::Duration;

use codex_exec::{CodexExec, ExecOptions, Program, StateDir, TransportError};
use codex_fixtures::{FakeCodex, FakeScript, Signal};
use codex_protocol::{Limit, TransportEnd, Verdict};
use codex_turn::{AutoRunEvent, Codex, StopReason, Thread, ThreadOptions, TurnError};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::support::{message, soon, started};

struct Scene {
    _folder: tempfile::TempDir,
    fake: FakeCodex,
    thread: Thread,
}

fn scene(script: FakeScript) -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let fake = FakeCodex::new(script);
    let options = ExecOptions::default()
        .state_dir(StateDir::at(folder.path().join("state")))
        .total_limit(Duration::from_mins(1));
    let exec = CodexExec::new(Program::at(fake.path()).unwrap()).options(options);
    let codex = Codex::builder().exec(Arc::new(exec)).codex_home(folder.path()).build().unwrap();
    let thread = codex.start_thread(ThreadOptions::new(folder.path()).skip_git_repo_check());
    Scene { _folder: folder, fake, thread }
}

#[tokio::test]
async fn the_total_limit_of_a_turn_comes_before_that_of_the_options() {
    let scene = scene(FakeScript::new().read_stdin().line(started()).line(message("half")).hang());
    let limit = Duration::from_millis(600);
    let error = scene.thread.run("hang").total_limit(limit).await.unwrap_err();
    let result = error.into_result().unwrap();
    assert_eq!(result.verdict, Verdict::timed_out(Limit::Total));
    let told = result.error.as_deref().unwrap();
    assert!(
        matches!(told, TransportError::TimedOut { limit: Limit::Total, after, .. } if *after == limit),
        "{told:?}"
    );
    assert_eq!(result.final_response(), Some("half"), "what was done by then is there");
    assert!(result.duration >= limit);
}

#[tokio::test]
async fn the_idle_limit_of_a_turn_reaches_the_process_layer() {
    let scene = scene(FakeScript::new().read_stdin().line(started()).hang());
    let error = scene.thread.run("hang").idle_limit(Duration::from_millis(300)).await.unwrap_err();
    assert_eq!(error.result().unwrap().verdict, Verdict::timed_out(Limit::Idle));
}

#[tokio::test]
async fn the_prompt_goes_by_standard_input_and_the_tail_of_standard_error_comes_back() {
    let lines = FakeScript::new().read_stdin().stderr("Error: why\n").line(started()).line(message("half"));
    let scene = scene(lines.exit(137));
    let result = scene.thread.run("the prompt").await.unwrap_err().into_result().unwrap();
    assert_eq!(result.verdict, Verdict::exited(137));
    assert_eq!(result.end.end, TransportEnd::exited(137));
    assert!(result.stderr_tail().text().contains("Error: why"));
    assert_eq!(scene.fake.calls()[0].stdin(), b"the prompt");
}

#[tokio::test]
async fn a_start_that_fails_says_why_and_leaves_the_thread_new() {
    let scene = scene(FakeScript::new().read_stdin().stderr("Error: no such profile\n").exit(1));
    let error = scene.thread.run("go").await.unwrap_err();
    let TurnError::Start(source) = &error else { panic!("{error:?}") };
    assert!(source.to_string().contains("no such profile"), "{source}");
    assert_eq!(scene.thread.id(), None);
}

#[tokio::test]
async fn a_turn_that_is_cancelled_before_it_starts_is_cancelled_and_starts_nothing() {
    let scene = scene(FakeScript::new());
    let token = CancellationToken::new();
    token.cancel();
    let error = scene.thread.run("go").cancel(token).await.unwrap_err();
    assert_eq!(error.result().unwrap().verdict, Verdict::Cancelled);
    assert!(scene.fake.calls().is_empty());
}

#[tokio::test]
async fn a_refused_invocation_starts_nothing() {
    let scene = scene(FakeScript::new());
    let error = scene.thread.run("   ").await.unwrap_err();
    assert!(matches!(&error, TurnError::Start(source) if matches!(**source, TransportError::Invocation(_))));
    assert!(scene.fake.calls().is_empty());
}

#[tokio::test]
async fn a_turn_that_is_closed_leaves_no_process_and_no_task() {
    let script =
        FakeScript::new().ignore(Signal::Interrupt).read_stdin().line(started()).line(message("half"));
    let scene = scene(script.hang());
    let mut stream = scene.thread.run("go").stream();
    stream.next_line().await.unwrap().unwrap();
    let result = soon(stream.close()).await.unwrap_err().into_result().unwrap();
    assert_eq!(result.verdict, Verdict::Cancelled);
    assert_eq!(result.final_response(), Some("half"), "what still came was read");
    assert!(scene.fake.living().is_empty());
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
    assert!(!matches!(scene.thread.run("again").stream().close().await, Err(TurnError::Busy { .. })));
}

#[tokio::test]
async fn a_turn_that_is_closed_before_its_first_poll_starts_nothing() {
    let scene = scene(FakeScript::new());
    let result = scene.thread.run("go").stream().close().await.unwrap_err().into_result().unwrap();
    assert_eq!((result.verdict.word(), result.began()), ("cancelled", false));
    assert!(scene.fake.calls().is_empty());
}

#[tokio::test]
async fn the_end_of_a_turn_comes_when_no_task_is_left() {
    let scene = scene(FakeScript::completed_turn("done"));
    scene.thread.run("go").await.unwrap();
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
}

#[tokio::test]
async fn a_run_that_is_closed_leaves_no_process_and_no_task() {
    let scene = scene(FakeScript::new().ignore(Signal::Interrupt).read_stdin().line(started()).hang());
    let mut run = scene.thread.run_auto("go").total_limit(Duration::from_mins(1)).stream();
    while !matches!(run.next_event().await.unwrap().unwrap(), AutoRunEvent::Line { .. }) {}
    let report = soon(run.close()).await.unwrap();
    assert!(matches!(report.stop, StopReason::Cancelled), "{:?}", report.stop);
    assert!(scene.fake.living().is_empty());
    // Only the timer of the limit is left, which was aborted with the run.
    tokio::task::yield_now().await;
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
}
