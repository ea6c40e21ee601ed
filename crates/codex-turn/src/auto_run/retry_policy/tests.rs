//! Which failures are tried again and after how long, as tables.

use rstest::rstest;

use super::*;

const NOW: Retries = Retries { of_turn: 0, of_run: 0 };

/// The wait in milliseconds with the whole share of the jitter; `None`: it is not tried again.
fn waits(policy: &RetryPolicy, verdict: &Verdict, before: Retries) -> Option<u128> {
    match policy.decide(verdict, before, 1.0) {
        Retry::After { wait } => Some(wait.as_millis()),
        Retry::Stop { .. } => None,
    }
}

#[rstest]
#[case::named_reset(Verdict::failed("Rate limit reached. Please try again in 1.5s."), Some(1500))]
#[case::reset_beyond_the_cap(
    Verdict::failed("Rate limit reached. Please try again in 7200s."),
    Some(900_000)
)]
#[case::rate_limit(Verdict::failed("exceeded retry limit, last status: 429 Too Many Requests"), Some(1000))]
#[case::stream_lost(Verdict::failed("stream disconnected before completion: eof"), Some(1000))]
#[case::overloaded(
    Verdict::failed("Selected model is at capacity. Please try a different model."),
    Some(1000)
)]
#[case::killed(Verdict::killed(9), Some(1000))]
#[case::truncated(Verdict::Truncated, Some(1000))]
#[case::auth(Verdict::failed("unexpected status 401 Unauthorized: no"), None)]
#[case::usage_limit(Verdict::failed("Quota exceeded. Check your plan and billing details."), None)]
#[case::context_window(Verdict::failed("Codex ran out of room in the model's context window."), None)]
#[case::invalid_request(Verdict::failed(r#"{"error":{"type":"invalid_request_error","message":"x"}}"#), None)]
#[case::other(Verdict::failed("something new"), None)]
#[case::interrupted(Verdict::Interrupted, None)]
#[case::cancelled(Verdict::Cancelled, None)]
#[case::exited(Verdict::exited(3), None)]
fn each_kind_of_failure_has_its_answer(#[case] verdict: Verdict, #[case] wait: Option<u128>) {
    assert_eq!(waits(&RetryPolicy::default(), &verdict, NOW), wait, "{verdict:?}");
}

#[rstest]
#[case(NOW, Some(1000))]
#[case(Retries { of_turn: 1, of_run: 1 }, Some(2000))]
#[case(Retries { of_turn: 5, of_run: 5 }, Some(32_000))]
#[case(Retries { of_turn: 6, of_run: 6 }, Some(60_000))]
#[case(Retries { of_turn: 99, of_run: 99 }, Some(60_000))]
#[case(Retries { of_turn: 100, of_run: 100 }, None)]
#[case(Retries { of_turn: 0, of_run: 150 }, None)]
fn waits_double_up_to_the_cap_and_end(#[case] before: Retries, #[case] wait: Option<u128>) {
    let policy = RetryPolicy::default().attempts(100).total(150);
    assert_eq!(waits(&policy, &Verdict::killed(9), before), wait);
}

#[test]
fn the_jitter_is_full() {
    let policy = RetryPolicy::default();
    for share in [0.0, 0.25, 1.0, 7.0, -1.0, f64::NAN] {
        let Retry::After { wait } = policy.decide(&Verdict::Truncated, Retries::new(1, 1), share) else {
            panic!("it is tried again")
        };
        let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
        assert_eq!(wait, Duration::from_secs(2).mul_f64(share));
    }
}

#[test]
fn a_wait_without_a_cap_is_as_long_as_there_is_one() {
    let policy = RetryPolicy::default().attempts(u32::MAX).total(u32::MAX);
    let policy = policy.backoff(Duration::from_secs(1), Duration::MAX);
    for (before, seconds) in [(10, 1024), (63, 1 << 63), (1000, 1 << 63)] {
        let Retry::After { wait } = policy.decide(&Verdict::Truncated, Retries::new(before, before), 1.0)
        else {
            panic!("it is tried again")
        };
        assert_eq!(wait.as_secs(), seconds, "after {before}");
    }
}

#[test]
fn never_is_never() {
    assert_eq!(waits(&RetryPolicy::never(), &Verdict::Truncated, NOW), None);
}
