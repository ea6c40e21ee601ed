//! How a start ends, and what is said about it.

use std::time::Duration;

use codex_exec::{Phase, RuntimeError, StateDir, Target, ThreadLock, TransportError};
use codex_fixtures::FakeScript;
use codex_protocol::{ExitKind, ThreadId, TransportEnd, Verdict};

use crate::support::{COMPLETED, LONG, STARTED, Scene, THREAD, TURN, rest};

fn begun() -> FakeScript {
    FakeScript::new().read_stdin().line(STARTED).line(TURN)
}

#[tokio::test]
async fn a_completed_turn_ends_with_none_and_exit_0() {
    let scene = Scene::new(FakeScript::completed_turn("done"));
    let ran = scene.run().await;
    assert!(ran.error.is_none(), "{:?}", ran.error);
    assert_eq!(ran.lines.iter().map(codex_protocol::EventLine::number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(ran.ended().end, TransportEnd::exited(0));
    assert_eq!(ran.ended().thread_id.as_ref().unwrap().to_string(), THREAD);
    assert_eq!(ran.verdict(), Verdict::Completed);
    assert_eq!(scene.fake.calls()[0].stdin_text(), "hello");
    assert_eq!(scene.notes(), [""; 0], "notes and locks are removed at the end");
}

#[tokio::test]
async fn nothing_starts_before_the_first_poll() {
    let scene = Scene::new(FakeScript::completed_turn("done"));
    let stream = scene.stream();
    assert_eq!(stream.phase(), Phase::Cold);
    drop(stream);
    assert!(scene.fake.calls().is_empty());
    assert!(!scene.scratch.path().join("state").exists());
}

#[test]
fn a_poll_outside_a_runtime_is_an_error() {
    let scene = Scene::new(FakeScript::completed_turn("done"));
    let mut stream = scene.stream();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let polled = futures_core::Stream::poll_next(std::pin::Pin::new(&mut stream), &mut context);
    assert!(matches!(
        polled,
        std::task::Poll::Ready(Some(Err(TransportError::Runtime(RuntimeError::Missing))))
    ));
    assert_eq!(stream.phase(), Phase::Done);
    assert!(scene.fake.calls().is_empty());
}

#[tokio::test]
async fn a_start_that_prints_nothing_is_told_with_its_reasons() {
    let script = FakeScript::new()
        .stderr("Reading prompt from stdin...\n2026-01-02T03:04:05.678901Z  WARN codex_core: noise\n")
        .stderr("Error: no rollout found for thread id 42\n")
        .exit(1);
    let ran = Scene::new(script).run().await;
    let Some(TransportError::StartFailed { exit, reasons, .. }) = &ran.error else {
        panic!("{:?}", ran.error)
    };
    assert_eq!(
        (*exit, &reasons[..]),
        (ExitKind::Code(1), &["no rollout found for thread id 42".to_owned()][..])
    );
    let text = ran.error.unwrap().to_string();
    assert_eq!(text, "codex did not start (exit code 1): no rollout found for thread id 42");
}

#[tokio::test]
async fn a_process_that_stays_after_its_turn_is_stopped_and_the_turn_counts() {
    let scene = Scene::new(begun().line(COMPLETED).hang())
        .options(|options| options.settle(Duration::from_millis(100)).grace(Duration::from_secs(5)));
    let ran = scene.run().await;
    assert!(ran.error.is_none());
    assert_eq!(ran.ended().end.stop, Some(codex_protocol::StopCause::SettleLimit));
    assert_eq!(ran.verdict(), Verdict::Completed);
}

#[tokio::test]
async fn a_thread_that_is_not_the_one_asked_for_is_stopped_and_named() {
    let scene = Scene::new(begun().hang());
    let asked = ThreadId::parse("0199a213-81c0-7800-8aa1-bbab2a035a54").unwrap();
    let invocation = scene.invocation("hello").target(Target::Resume(asked.clone()));
    let ran = rest(scene.stream_of(invocation)).await;
    let Some(TransportError::ThreadMismatch { asked: told, got, .. }) = ran.error else {
        panic!("{:?}", ran.error)
    };
    assert_eq!((told, got.to_string().as_str()), (asked, THREAD));
    assert!(scene.fake.living().is_empty());
}

#[tokio::test]
async fn a_second_turn_on_a_busy_thread_is_refused_before_it_starts() {
    let scene = Scene::new(begun().hang());
    let thread = ThreadId::parse(THREAD).unwrap();
    let resume = || scene.invocation("hello").target(Target::Resume(thread.clone()));
    let mut first = scene.stream_of(resume());
    first.next_line().await.unwrap().unwrap();
    let second = rest(scene.stream_of(resume())).await;
    assert!(matches!(second.error, Some(TransportError::ThreadBusy { .. })), "{:?}", second.error);
    assert_eq!(scene.fake.calls().len(), 1);
    scene.cancel.cancel();
    rest(first).await;
}

#[cfg(target_os = "linux")]
/// The thread, held as by another process.
fn held(scene: &Scene) -> (ThreadLock, ThreadId) {
    let thread = ThreadId::parse(THREAD).unwrap();
    let state = StateDir::at(scene.scratch.path().join("state"));
    (ThreadLock::acquire(&state, &thread).unwrap(), thread)
}

#[tokio::test]
async fn a_busy_thread_is_waited_for() {
    let scene = Scene::new(FakeScript::completed_turn("done"));
    let (lock, thread) = held(&scene);
    let invocation = scene.invocation("go").target(Target::Resume(thread)).thread_wait(LONG);
    let mut stream = scene.stream_of(invocation);
    let first = tokio::time::timeout(Duration::from_millis(100), stream.next_line()).await;
    assert!(first.is_err() && scene.fake.calls().is_empty(), "nothing starts while the thread is busy");
    drop(lock);
    assert_eq!(rest(stream).await.verdict(), Verdict::Completed);
}

#[rstest::rstest]
#[case::than_the_wait(false)]
#[case::than_it_is_wanted(true)]
#[tokio::test]
async fn a_busy_thread_is_not_waited_for_longer(#[case] cancelled: bool) {
    let scene = Scene::new(FakeScript::completed_turn("done"));
    let (_lock, thread) = held(&scene);
    let wait = if cancelled { LONG * 2 } else { Duration::from_millis(100) };
    let mut stream = scene.stream_of(scene.invocation("go").target(Target::Resume(thread)).thread_wait(wait));
    if cancelled {
        let first = tokio::time::timeout(Duration::from_millis(100), stream.next_line()).await;
        assert!(first.is_err());
        scene.cancel.cancel();
    }
    let error = rest(stream).await.error.unwrap();
    if cancelled {
        assert!(matches!(error, TransportError::Cancelled), "{error:?}");
    } else {
        let TransportError::ThreadBusy { holder: Some(holder), .. } = error else { panic!("{error:?}") };
        assert_eq!(holder.pid, std::process::id());
        assert!(holder.since.is_some());
    }
    assert!(scene.fake.calls().is_empty());
}

#[tokio::test]
async fn a_holder_of_the_pipe_does_not_hold_the_turn() {
    let holder =
        codex_fixtures::ChildProcess::new().own_session().holds_output().lives(Duration::from_secs(12));
    let scene = Scene::new(begun().spawn(holder).line(COMPLETED))
        .options(|options| options.survivors(codex_exec::Survivors::Leave));
    let ran = scene.run().await;
    assert_eq!(ran.verdict(), Verdict::Completed);
    assert_eq!(ran.ended().leftovers, scene.fake.children());
    assert_eq!(scene.fake.living(), scene.fake.children(), "the stream has ended while the holder lives");
}
