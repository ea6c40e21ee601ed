//! How a turn ends: `Ok` for a completed one alone, and no work lost with any other.

use codex_exec::{EventStream, TransportError, TransportReport};
use codex_protocol::{ExitKind, StopCause, ThreadId, Verdict};
use codex_turn::{ResponseError, Turn, TurnError};
use futures_util::{StreamExt, TryStreamExt};
use rstest::rstest;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::support::{
    THREAD, completed, failed, hanging_thread, message, options, soon, started, thread, turn_lines,
};

#[tokio::test]
async fn a_completed_turn_is_ok_and_typed() {
    let result = thread([EventStream::from_lines(turn_lines("done", 10))]).run("do it").await.unwrap();
    assert_eq!(result.verdict, Verdict::Completed);
    assert_eq!(result.final_response(), Some("done"));
    assert_eq!(result.thread_id.as_ref().unwrap().as_str(), THREAD);
    assert_eq!((result.items().len(), result.lines.len(), result.notices().len()), (1, 4, 0));
    assert!(result.error.is_none() && result.leftovers().is_empty());
}

#[rstest]
#[case::failed(vec![failed("boom")], ExitKind::Code(1), "failed", "the turn failed: boom")]
#[case::no_terminal_line(vec![], ExitKind::Code(0), "truncated", "the turn did not complete: truncated")]
#[case::killed(vec![], ExitKind::Signal(9), "killed", "the turn did not complete: killed by signal 9")]
#[case::exited(vec![], ExitKind::Code(137), "exited", "the turn did not complete: exited with code 137")]
#[case::bad_exit_after_the_end(
    vec![completed(1, 1)], ExitKind::Code(101), "exited", "the turn did not complete: exited with code 101"
)]
#[tokio::test]
async fn every_other_end_is_an_error_with_the_work(
    #[case] last: Vec<String>,
    #[case] exit: ExitKind,
    #[case] word: &str,
    #[case] text: &str,
) {
    let lines: Vec<String> = [started(), message("half")].into_iter().chain(last).collect();
    let stream = || EventStream::from_parts(lines.clone(), TransportReport::new(exit));
    let error = thread([stream()]).run("do it").await.unwrap_err();
    assert_eq!(error.to_string(), text);
    let result = error.into_result().unwrap();
    assert_eq!(result.verdict.word(), word);
    assert_eq!(result.final_response(), Some("half"));
    assert_eq!(result.lines.len(), lines.len());

    // As a stream it just ends: what went wrong with the turn is no error of the stream.
    let mut streamed = thread([stream()]).run_streamed("do it");
    let count = streamed.by_ref().map(Result::unwrap).count().await;
    assert_eq!(count, lines.len());
    assert!(streamed.next().await.is_none());
    assert_eq!(streamed.finish().await.unwrap_err().to_string(), text);
}

/// The whole turn may be there before it can be stopped: it is still the answer of another thread.
#[tokio::test]
async fn a_completed_turn_of_another_thread_is_no_success() {
    let other = ThreadId::parse("019b7c2a-2222-7000-8000-000000000002").unwrap();
    let mismatch = TransportError::thread_mismatch(other, ThreadId::parse(THREAD).unwrap());
    let lines = turn_lines("not for you", 10);
    let stream =
        EventStream::from_failing_parts(lines.clone(), mismatch, TransportReport::new(ExitKind::Code(0)));
    let mut streamed = thread([stream]).run_streamed("do it");
    for _ in &lines {
        streamed.next().await.unwrap().unwrap();
    }
    let item = streamed.next().await.unwrap().unwrap_err();
    assert!(matches!(item, TurnError::Start(_)), "{item:?}");
    assert!(matches!(streamed.finish().await, Err(TurnError::Start(_))));
}

#[tokio::test]
async fn a_cancelled_turn_keeps_its_work() {
    let token = CancellationToken::new();
    let mut stream = hanging_thread([started(), message("half")]).run("do it").cancel(token.clone()).stream();
    stream.try_next().await.unwrap().unwrap();
    token.cancel();
    stream.try_next().await.unwrap().unwrap();

    let error = soon(stream.try_next()).await.unwrap_err();
    assert_eq!(error.to_string(), "the turn did not complete: cancelled");
    assert!(matches!(std::error::Error::source(&error), Some(source) if source.is::<TransportError>()));
    assert_eq!(error.result().unwrap().final_response(), Some("half"));
    assert!(stream.next().await.is_none(), "the error is the last item");
    assert!(stream.next().await.is_none(), "and the end stays the end");
    assert_eq!(stream.summary().lines(), 2);

    let again = stream.finish().await.unwrap_err().into_result().unwrap();
    assert_eq!((again.verdict, again.lines.len()), (Verdict::Cancelled, 2));
}

#[tokio::test]
async fn a_cancel_before_anything_ran_is_a_cancelled_turn_too() {
    let stream = EventStream::from_failing_parts(
        Vec::<String>::new(),
        TransportError::Cancelled,
        TransportReport::stopped(ExitKind::Signal(2), StopCause::Cancelled),
    );
    let error = thread([stream]).run("do it").await.unwrap_err();
    assert_eq!(error.result().unwrap().verdict, Verdict::Cancelled);
}

#[tokio::test]
async fn a_turn_that_had_ended_is_completed_whatever_stopped_the_process() {
    let end = TransportReport::stopped(ExitKind::Signal(9), StopCause::SettleLimit);
    let result = thread([EventStream::from_parts(turn_lines("done", 1), end)]).run("do it").await.unwrap();
    assert_eq!(result.end.end.stop, Some(StopCause::SettleLimit));
}

#[tokio::test]
async fn codex_that_did_not_start_is_its_own_error() {
    let failing = || {
        EventStream::from_failing_parts(
            Vec::<String>::new(),
            TransportError::SupervisorGone,
            TransportReport::new(ExitKind::Code(1)),
        )
    };
    let mut stream = thread([failing()]).run_streamed("do it");
    assert!(matches!(stream.next().await, Some(Err(TurnError::Start(_)))));
    assert!(stream.next().await.is_none());
    let error = stream.finish().await.unwrap_err();
    assert!(matches!(&error, TurnError::Start(source) if matches!(**source, TransportError::SupervisorGone)));
    assert!(error.result().is_none());
}

#[tokio::test]
async fn a_transport_that_breaks_in_the_middle_loses_nothing() {
    let end = TransportReport::new(ExitKind::Code(0));
    let lines = [started(), message("half")];
    let stream = EventStream::from_failing_parts(lines, TransportError::SupervisorGone, end);
    let error = thread([stream]).run("do it").await.unwrap_err();
    let result = error.result().unwrap();
    assert_eq!(result.final_response(), Some("half"));
    assert!(matches!(result.error.as_deref(), Some(TransportError::SupervisorGone)));
}

#[tokio::test]
async fn finish_after_a_break_gives_what_run_gives() {
    let run = thread([EventStream::from_lines(turn_lines("done", 7))]).run("do it").await.unwrap();
    for taken in 0..=5 {
        let mut stream = thread([EventStream::from_lines(turn_lines("done", 7))]).run_streamed("do it");
        for _ in 0..taken {
            stream.try_next().await.unwrap();
        }
        assert_eq!(stream.summary().lines(), taken.min(4));
        let finished = stream.finish().await.unwrap();
        assert_eq!((&finished.verdict, finished.usage), (&run.verdict, run.usage));
        assert_eq!(format!("{:?}", finished.summary), format!("{:?}", run.summary));
        assert_eq!(finished.lines.len(), run.lines.len());
    }
}

#[tokio::test]
async fn the_answer_is_read_as_the_type_that_was_asked_for() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Answer {
        files: u32,
    }
    let over = |answer: &str| Turn::over(EventStream::from_lines(turn_lines(answer, 1)));
    assert_eq!(over(r#"{"files":3}"#).await.unwrap().json::<Answer>().unwrap(), Answer { files: 3 });

    let error = over(r#"{"folders":3}"#).await.unwrap().json::<Answer>().unwrap_err();
    assert!(error.to_string().contains(r#"`{"folders":3}`"#), "{error}");
    assert!(matches!(error, ResponseError::Shape { line: 1, column: 13, .. }), "{error:?}");

    let silent = Turn::over(EventStream::from_lines([completed(1, 1)])).await.unwrap();
    assert!(matches!(silent.json::<Answer>(), Err(ResponseError::Missing)));
}

#[test]
fn blocking_needs_no_runtime() {
    let result = thread([EventStream::from_lines(turn_lines("done", 1))]).run("do it").blocking().unwrap();
    assert_eq!(result.final_response(), Some("done"));
}

#[tokio::test]
async fn blocking_inside_a_runtime_is_refused_and_runs_nothing() {
    let exec = crate::support::FakeExec::new([]);
    let thread = crate::support::codex(&exec).start_thread(options());
    assert!(matches!(thread.run("do it").blocking(), Err(TurnError::InsideRuntime)));
    assert!(exec.asked().is_empty());
}
