//! Cancelling, limits and drops.

use std::time::Duration;

use codex_exec::TransportError;
use codex_fixtures::{FakeScript, Signal};
use codex_protocol::{ExitKind, Limit, StopCause, TransportEnd, Verdict};

use crate::support::{COMPLETED, LONG, STARTED, Scene, TURN, eventually, rest};

const SHORT: Duration = Duration::from_millis(100);

fn begun() -> FakeScript {
    FakeScript::new().read_stdin().line(STARTED).line(TURN).reach("begun")
}

/// What Codex does when it is interrupted.
fn polite(script: FakeScript) -> FakeScript {
    script.on_signal(Signal::Interrupt, FakeScript::new().exit(1))
}

#[tokio::test]
async fn a_cancelled_turn_says_so_last_and_leaves_nothing() {
    let scene = Scene::new(polite(begun()).hang());
    let mut stream = scene.stream();
    stream.next_line().await.unwrap().unwrap();
    assert!(eventually(|| scene.fake.reached("begun")).await);
    scene.cancel.cancel();
    let ran = rest(stream).await;
    assert!(matches!(ran.error, Some(TransportError::Cancelled)), "{:?}", ran.error);
    assert_eq!(ran.ended().end, TransportEnd::exited(1).stopped_by(StopCause::Cancelled));
    assert_eq!(ran.verdict(), Verdict::Cancelled);
    assert_eq!(scene.fake.calls()[0].count_of(Signal::Interrupt), 1);
    assert!(scene.fake.living().is_empty());
    assert_eq!(scene.notes(), [""; 0]);
}

#[tokio::test]
async fn a_cancel_before_the_start_starts_nothing() {
    let scene = Scene::new(begun());
    scene.cancel.cancel();
    let ran = scene.run().await;
    assert!(matches!(ran.error, Some(TransportError::Cancelled)));
    assert!(ran.end.is_none() && scene.fake.calls().is_empty());
}

#[tokio::test]
async fn the_ask_is_repeated_until_it_is_heard() {
    let script = begun().on_nth_signal(Signal::Interrupt, 3, FakeScript::new().exit(1)).hang();
    let scene = Scene::new(script).options(|options| options.ask_interval(Duration::from_millis(20)));
    let mut stream = scene.stream();
    stream.next_line().await.unwrap().unwrap();
    assert!(eventually(|| scene.fake.reached("begun")).await);
    scene.cancel.cancel();
    let ran = rest(stream).await;
    assert_eq!(ran.ended().end.exit(), Some(ExitKind::Code(1)));
    assert!(scene.fake.calls()[0].count_of(Signal::Interrupt) >= 3);
}

#[tokio::test]
async fn a_polite_codex_is_only_interrupted_when_the_stream_is_dropped() {
    let scene = Scene::new(polite(begun()).hang()).options(|options| options.drop_grace(LONG * 2));
    let mut stream = scene.stream();
    stream.next_line().await.unwrap().unwrap();
    assert!(eventually(|| scene.fake.reached("begun")).await);
    drop(stream);
    assert!(eventually(|| scene.fake.living().is_empty()).await);
    assert!(scene.fake.calls()[0].count_of(Signal::Interrupt) >= 1);
}

#[rstest::rstest]
#[case::total(true)]
#[case::idle(false)]
#[tokio::test]
async fn a_limit_ends_the_turn_and_is_named(#[case] total: bool) {
    let scene = Scene::new(polite(begun()).hang())
        .options(|options| if total { options.total_limit(SHORT) } else { options.idle_limit(SHORT) });
    let ran = scene.run().await;
    let expected = if total { Limit::Total } else { Limit::Idle };
    let Some(TransportError::TimedOut { limit, after, .. }) = ran.error else { panic!("{:?}", ran.error) };
    assert_eq!((limit, after), (expected, SHORT));
    assert_eq!(ran.verdict(), Verdict::timed_out(expected));
    assert!(scene.fake.living().is_empty());
}

#[tokio::test]
async fn an_invocation_may_have_limits_of_its_own() {
    let scene = Scene::new(polite(begun()).hang());
    let ran = rest(scene.stream_of(scene.invocation("hello").total_limit(SHORT))).await;
    assert!(matches!(ran.error, Some(TransportError::TimedOut { limit: Limit::Total, .. })));
}

/// Like Codex, the fake does not react to the signal while the pipe is full: somebody has to read.
#[rstest::rstest]
#[case::cancelled(false)]
#[case::total_limit(true)]
#[tokio::test]
async fn a_stalled_consumer_does_not_keep_codex_from_hearing(#[case] by_limit: bool) {
    let heard = FakeScript::new().wait_for_output().line(COMPLETED).exit(0);
    let script = begun().on_signal(Signal::Interrupt, heard).endless(r#"{"type":"error","message":"{n}"}"#);
    let scene = Scene::new(script)
        .options(|options| if by_limit { options.total_limit(SHORT * 5) } else { options }.queue_lines(4));
    let mut stream = scene.stream();
    stream.next_line().await.unwrap().unwrap();
    assert!(eventually(|| scene.fake.reached("begun")).await);
    if !by_limit {
        scene.cancel.cancel();
    }
    assert!(eventually(|| scene.fake.living().is_empty()).await, "it ends while nobody takes a line");
    let ran = rest(stream).await;
    assert!(ran.error.is_none(), "the turn ended by itself: {:?}", ran.error);
    assert_eq!(ran.verdict(), Verdict::Completed, "the line that was in the pipe decides");
}

/// Codex has ended by itself, its lines wait in the pipe, and nobody takes them: a cancel lets go of the thread all the same.
#[tokio::test]
async fn a_cancel_after_the_exit_reads_the_rest_without_a_consumer() {
    let script = begun().repeat(2000, r#"{"type":"error","message":"{n}"}"#).line(COMPLETED);
    let scene = Scene::new(script).options(|options| options.queue_lines(4).drain(LONG * 2));
    let mut stream = scene.stream();
    stream.next_line().await.unwrap().unwrap();
    // Reaped, not only dead: until then the cancel would still be an ask.
    let process = format!("/proc/{}", scene.fake.calls()[0].pid());
    let reaped = || scene.fake.living().is_empty() && !std::path::Path::new(&process).exists();
    assert!(eventually(reaped).await);
    assert_eq!(scene.notes().len(), 2, "nothing was let go: {:?}", scene.notes());
    scene.cancel.cancel();
    assert!(eventually(|| scene.notes().is_empty()).await);
    let ran = rest(stream).await;
    assert!(ran.error.is_none(), "{:?}", ran.error);
    assert_eq!((ran.lines.len(), ran.verdict()), (2002, Verdict::Completed));
    assert_eq!(ran.ended().end.exit(), Some(ExitKind::Code(0)));
}

#[tokio::test]
async fn what_does_not_fit_the_stop_buffer_is_counted_and_the_last_line_kept() {
    let heard =
        FakeScript::new().repeat(50_000, r#"{"type":"error","message":"{n}"}"#).line(COMPLETED).exit(0);
    let scene = Scene::new(begun().on_signal(Signal::Interrupt, heard).hang())
        .options(|options| options.stop_buffer_bytes(1000).queue_lines(4));
    let mut stream = scene.stream();
    stream.next_line().await.unwrap().unwrap();
    assert!(eventually(|| scene.fake.reached("begun")).await);
    scene.cancel.cancel();
    let ran = rest(stream).await;
    assert_eq!(ran.raw().last().map(String::as_str), Some(COMPLETED));
    let end = ran.ended();
    assert_eq!(end.dropped_lines + ran.lines.len() as u64 + 1, 50_000 + 3);
    assert!(end.dropped_bytes > 1_000_000);
}

/// An empty line has no bytes and still takes memory.
#[tokio::test]
async fn a_flood_of_empty_lines_fills_the_stop_buffer_too() {
    let heard = FakeScript::new().repeat(50_000, "").line(COMPLETED).exit(0);
    let scene = Scene::new(begun().on_signal(Signal::Interrupt, heard).hang())
        .options(|options| options.stop_buffer_bytes(1 << 16).queue_lines(4));
    let mut stream = scene.stream();
    stream.next_line().await.unwrap().unwrap();
    assert!(eventually(|| scene.fake.reached("begun")).await);
    scene.cancel.cancel();
    let ran = rest(stream).await;
    assert_eq!(ran.raw().last().map(String::as_str), Some(COMPLETED));
    assert!(ran.lines.len() < 10_000, "{} lines are kept", ran.lines.len());
}

#[rstest::rstest]
#[case::while_it_runs(FakeScript::new())]
#[case::after_the_turn(FakeScript::new().line(COMPLETED))]
#[tokio::test]
async fn a_closed_stream_has_left_nothing_not_even_a_task(#[case] rest_of_turn: FakeScript) {
    let deaf = FakeScript::new().ignore(Signal::Interrupt).read_stdin().line(STARTED).then(rest_of_turn);
    let scene = Scene::new(deaf.reach("begun").hang());
    let scene = scene.options(|options| options.grace(LONG * 2).settle(LONG * 2).drop_grace(SHORT));
    let mut stream = scene.stream();
    stream.next_line().await.unwrap().unwrap();
    assert!(eventually(|| scene.fake.reached("begun")).await);
    // Asked before and not heard; the close does not wait for the grace of that.
    scene.cancel.cancel();
    let end = tokio::time::timeout(LONG, stream.close()).await.unwrap().unwrap();
    assert_eq!(end.end, TransportEnd::killed(9).stopped_by(StopCause::Cancelled));
    assert_eq!(tokio::runtime::Handle::current().metrics().num_alive_tasks(), 0);
    assert!(scene.fake.living().is_empty());
    assert_eq!(scene.notes(), [""; 0]);
}

#[tokio::test]
async fn the_end_of_a_stream_comes_when_no_task_is_left() {
    let scene = Scene::new(FakeScript::completed_turn("done"));
    let ran = scene.run().await;
    assert_eq!(ran.verdict(), Verdict::Completed);
    assert_eq!(tokio::runtime::Handle::current().metrics().num_alive_tasks(), 0);
}

#[tokio::test]
async fn a_stream_that_is_stopped_soon_still_yields_its_lines() {
    let last = FakeScript::new().line(COMPLETED).exit(0);
    let scene = Scene::new(begun().on_signal(Signal::Interrupt, last).hang());
    let scene = scene.options(|options| options.drop_grace(LONG * 2));
    let mut stream = scene.stream();
    stream.next_line().await.unwrap().unwrap();
    assert!(eventually(|| scene.fake.reached("begun")).await);
    stream.stop_soon();
    let ran = rest(stream).await;
    assert_eq!(ran.raw(), [TURN, COMPLETED]);
    assert_eq!(ran.verdict(), Verdict::Completed);
    assert_eq!(ran.ended().end.stop, Some(StopCause::ConsumerGone));
}

#[tokio::test]
async fn a_stream_that_is_closed_before_its_first_poll_starts_nothing() {
    let scene = Scene::new(begun());
    assert!(scene.stream().close().await.is_none());
    assert!(scene.fake.calls().is_empty());
}
