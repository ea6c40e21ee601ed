//! Tests of [`Verdict::decide`](super::Verdict::decide), a row per kind of end.

use rstest::rstest;

use super::*;
use crate::event_line::EventLine;

const COMPLETED: &str = r#"{"type":"turn.completed","usage":null}"#;
const FAILED: &str = r#"{"type":"turn.failed","error":{"message":"no"}}"#;
const NONE: &str = r#"{"type":"turn.started"}"#;

fn decide(line: &str, end: ProcessEnd) -> Verdict {
    let mut summary = TurnSummary::new();
    summary.observe(&EventLine::new(1, line.as_bytes()));
    Verdict::decide(&summary, &end)
}

#[rstest]
#[case::well(ProcessEnd::exited(0), Verdict::Completed)]
#[case::badly(ProcessEnd::exited(101), Verdict::Exited { code: 101 })]
#[case::killed(ProcessEnd::killed(9), Verdict::Killed { signal: 9 })]
#[case::settled(ProcessEnd::killed(9).stopped_by(StopCause::SettleLimit), Verdict::Completed)]
#[case::cancelled_too_late(ProcessEnd::exited(1).stopped_by(StopCause::Cancelled), Verdict::Completed)]
#[case::limited_too_late(ProcessEnd::exited(1).stopped_by(StopCause::TotalLimit), Verdict::Completed)]
#[case::nobody_reads(ProcessEnd::killed(2).stopped_by(StopCause::ConsumerGone), Verdict::Completed)]
#[case::unkillable(ProcessEnd::still_alive().stopped_by(StopCause::SettleLimit), Verdict::Completed)]
#[case::never_ended(ProcessEnd::still_alive(), Verdict::Truncated)]
fn a_completed_turn_needs_an_acceptable_end(#[case] end: ProcessEnd, #[case] expected: Verdict) {
    assert_eq!(decide(COMPLETED, end), expected);
}

#[rstest]
#[case::as_usual(ProcessEnd::exited(1))]
#[case::with_code_0(ProcessEnd::exited(0))]
#[case::killed(ProcessEnd::killed(9))]
#[case::cancelled(ProcessEnd::exited(1).stopped_by(StopCause::Cancelled))]
#[case::unkillable(ProcessEnd::still_alive().stopped_by(StopCause::SettleLimit))]
fn a_failed_turn_failed_whatever_the_end(#[case] end: ProcessEnd) {
    let expected = Verdict::Failed { kind: FailureKind::Other, status: None, message: "no".to_owned() };
    assert_eq!(decide(FAILED, end), expected);
}

#[rstest]
#[case::exit_0_is_no_success(ProcessEnd::exited(0), Verdict::Truncated)]
#[case::code(ProcessEnd::exited(1), Verdict::Exited { code: 1 })]
#[case::signal(ProcessEnd::killed(15), Verdict::Killed { signal: 15 })]
#[case::alive(ProcessEnd::still_alive(), Verdict::Truncated)]
#[case::cancelled(ProcessEnd::exited(1).stopped_by(StopCause::Cancelled), Verdict::Cancelled)]
#[case::old_release_exits_0(ProcessEnd::exited(0).stopped_by(StopCause::Cancelled), Verdict::Cancelled)]
#[case::nobody_reads(ProcessEnd::killed(2).stopped_by(StopCause::ConsumerGone), Verdict::Cancelled)]
#[case::total(
    ProcessEnd::killed(9).stopped_by(StopCause::TotalLimit),
    Verdict::TimedOut { limit: Limit::Total },
)]
#[case::idle(
    ProcessEnd::still_alive().stopped_by(StopCause::IdleLimit),
    Verdict::TimedOut { limit: Limit::Idle },
)]
#[case::budget(ProcessEnd::exited(1).stopped_by(StopCause::Budget), Verdict::Budget { name: None })]
#[case::silent(ProcessEnd::killed(9).stopped_by(StopCause::SettleLimit), Verdict::Truncated)]
fn without_a_last_word_the_process_decides(#[case] end: ProcessEnd, #[case] expected: Verdict) {
    assert_eq!(decide(NONE, end), expected);
}

#[rstest]
#[case(Verdict::Completed, r#"{"verdict":"completed"}"#, "completed")]
#[case(
    Verdict::failed("exceeded retry limit, last status: 429 Too Many Requests"),
    concat!(
        r#"{"verdict":"failed","kind":{"name":"rateLimit"},"status":429,"#,
        r#""message":"exceeded retry limit, last status: 429 Too Many Requests"}"#,
    ),
    "failed: exceeded retry limit, last status: 429 Too Many Requests",
)]
#[case(Verdict::Cancelled, r#"{"verdict":"cancelled"}"#, "cancelled")]
#[case(
    Verdict::TimedOut { limit: Limit::Total },
    r#"{"verdict":"timedOut","limit":"total"}"#,
    "timed out (total limit)",
)]
#[case(
    Verdict::TimedOut { limit: Limit::Idle },
    r#"{"verdict":"timedOut","limit":"idle"}"#,
    "timed out (idle limit)",
)]
#[case(Verdict::Budget { name: None }, r#"{"verdict":"budget"}"#, "out of budget")]
#[case(
    Verdict::Budget { name: Some("tokens".to_owned()) },
    r#"{"verdict":"budget","name":"tokens"}"#,
    "out of budget (tokens)",
)]
#[case(Verdict::Truncated, r#"{"verdict":"truncated"}"#, "truncated")]
#[case(Verdict::Killed { signal: 9 }, r#"{"verdict":"killed","signal":9}"#, "killed by signal 9")]
#[case(Verdict::Exited { code: 3 }, r#"{"verdict":"exited","code":3}"#, "exited with code 3")]
fn a_verdict_is_written_for_programs_and_for_people(
    #[case] verdict: Verdict,
    #[case] json: &str,
    #[case] display: &str,
) {
    let written = serde_json::to_string(&verdict).unwrap();
    assert_eq!(written, json);
    assert!(written.starts_with(&format!(r#"{{"verdict":"{}""#, verdict.word())));
    assert_eq!(verdict.to_string(), display);
    assert_eq!(verdict.is_completed(), verdict == Verdict::Completed);
}
