//! A run that is stopped while a check is asked: the check is told, and waited for within bounds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use codex_exec::EventStream;
use codex_turn::{AutoRun, AutoRunReport, Check, CheckContext, CheckError, CheckOutcome, StopReason};
use tokio::time::Instant;

use crate::support::{thread, turn_lines};

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
