//! A run that is stopped, or closed, while a turn runs or a check is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use codex_exec::EventStream;
use codex_turn::{
    AutoRun, AutoRunEvent, AutoRunReport, AutoRunStream, Check, CheckContext, CheckError, CheckOutcome,
    StopReason,
};
use tokio::time::Instant;

use crate::support::{hanging_thread, started, thread, turn_lines};

/// Needs this long to put its things away when it is told to, and ends by itself only then.
struct Slow {
    puts_away: Duration,
    is_tidy: Arc<AtomicBool>,
}

#[async_trait]
impl Check for Slow {
    fn name(&self) -> String {
        "slow".to_owned()
    }

    async fn check(&self, context: &CheckContext<'_>) -> Result<CheckOutcome, CheckError> {
        context.surroundings.cancel.cancelled().await;
        tokio::time::sleep(self.puts_away).await;
        self.is_tidy.store(true, Ordering::Relaxed);
        Ok(CheckOutcome::Passed)
    }
}

/// A run whose time is over while its check is asked; whether the check came to its end, and how long all took.
async fn stopped(puts_away: Duration) -> (AutoRunReport, bool, Duration) {
    let is_tidy = Arc::new(AtomicBool::new(false));
    let check = Slow { puts_away, is_tidy: Arc::clone(&is_tidy) };
    let begun = Instant::now();
    let run = thread([EventStream::from_lines(turn_lines("done", 1))]).run_auto("do it").until(check);
    let report = run.total_limit(Duration::from_secs(5)).await.unwrap();
    (report, is_tidy.load(Ordering::Relaxed), begun.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_check_that_is_told_has_time_to_end() {
    let (report, is_tidy, took) = stopped(Duration::from_secs(3)).await;
    assert!(matches!(report.stop, StopReason::Time { .. }), "what it says is not heard: {:?}", report.stop);
    assert!(report.steps[0].checks.is_empty());
    assert_eq!((is_tidy, took.as_secs()), (true, 8));
}

#[tokio::test(start_paused = true)]
async fn a_check_that_does_not_end_is_dropped() {
    let (report, is_tidy, took) = stopped(Duration::from_mins(10)).await;
    assert!(matches!(report.stop, StopReason::Time { .. }), "{:?}", report.stop);
    assert_eq!((is_tidy, took.as_secs()), (false, 5 + AutoRun::CHECK_GRACE.as_secs()));
}

/// Polls a run until an event has come that this is said of.
async fn until(run: &mut AutoRunStream, has_come: impl Fn(&AutoRunEvent) -> bool) {
    while !has_come(&run.next_event().await.unwrap().unwrap()) {}
}

#[tokio::test]
async fn a_run_that_is_closed_in_mid_turn_has_the_turn() {
    let mut run =
        hanging_thread([started(), r#"{"type":"turn.started"}"#.to_owned()]).run_auto("do it").stream();
    until(&mut run, |event| matches!(event, AutoRunEvent::Line { .. })).await;
    let report = run.close().await.unwrap();
    assert!(matches!(report.stop, StopReason::Cancelled), "{:?}", report.stop);
    assert_eq!(report.steps[0].verdict().unwrap().word(), "cancelled");
    assert_eq!(report.steps[0].turn.as_ref().unwrap().summary.lines(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_closed_while_a_check_is_asked_drops_the_check() {
    let is_tidy = Arc::new(AtomicBool::new(false));
    let check = Slow { puts_away: Duration::from_secs(3), is_tidy: Arc::clone(&is_tidy) };
    let run = thread([EventStream::from_lines(turn_lines("done", 1))]).run_auto("do it").until(check);
    let mut run = run.stream();
    until(&mut run, |event| matches!(event, AutoRunEvent::CheckStarted { .. })).await;
    let begun = Instant::now();
    let report = run.close().await.unwrap();
    assert!(matches!(report.stop, StopReason::Cancelled), "{:?}", report.stop);
    assert_eq!((report.steps.len(), begun.elapsed()), (1, Duration::ZERO));
    assert!(!is_tidy.load(Ordering::Relaxed));
}

#[tokio::test]
async fn a_run_that_is_closed_before_its_first_poll_begins_nothing() {
    let report = hanging_thread([]).run_auto("do it").stream().close().await.unwrap();
    assert!(matches!(report.stop, StopReason::Cancelled) && report.steps.is_empty());
}
