//! Tests of [`Verdict::decide`](super::Verdict::decide), a row per kind of end.

use rstest::rstest;

use super::*;
use crate::event_line::EventLine;

const COMPLETED: &str = r#"{"type":"turn.completed","usage":null}"#;
const FAILED: &str = r#"{"type":"turn.failed","error":{"message":"no"}}"#;
const NONE: &str = r#"{"type":"turn.started"}"#;

fn decide(line: &str, end: TransportEnd) -> Verdict {
    let mut summary = TurnSummary::new();
    summary.observe(&EventLine::new(1, line.as_bytes()));
    Verdict::decide(&summary, &end)
}

fn server_ended(exit: ExitKind) -> TransportEnd {
    TransportEnd::new(ProcessFate::ServerEnded(exit))
}

#[rstest]
#[case::well(TransportEnd::exited(0), Verdict::Completed)]
#[case::badly(TransportEnd::exited(101), Verdict::Exited { code: 101 })]
#[case::killed(TransportEnd::killed(9), Verdict::Killed { signal: 9 })]
#[case::settled(TransportEnd::killed(9).stopped_by(StopCause::SettleLimit), Verdict::Completed)]
#[case::cancelled_too_late(TransportEnd::exited(1).stopped_by(StopCause::Cancelled), Verdict::Completed)]
#[case::limited_too_late(TransportEnd::exited(1).stopped_by(StopCause::TotalLimit), Verdict::Completed)]
#[case::nobody_reads(TransportEnd::killed(2).stopped_by(StopCause::ConsumerGone), Verdict::Completed)]
#[case::unkillable(TransportEnd::unreaped().stopped_by(StopCause::SettleLimit), Verdict::Completed)]
#[case::never_ended(TransportEnd::unreaped(), Verdict::Truncated)]
#[case::not_known(TransportEnd::new(ProcessFate::Unknown), Verdict::Truncated)]
#[case::server_goes_on(TransportEnd::new(ProcessFate::Serving), Verdict::Completed)]
#[case::server_exits(server_ended(ExitKind::Code(1)), Verdict::Completed)]
#[case::server_is_killed(server_ended(ExitKind::Signal(9)), Verdict::Completed)]
#[case::interrupted_too_late(
    TransportEnd::new(ProcessFate::Serving).stopped_by(StopCause::Interrupted),
    Verdict::Completed,
)]
fn a_completed_turn_needs_an_acceptable_end(#[case] end: TransportEnd, #[case] expected: Verdict) {
    assert_eq!(decide(COMPLETED, end), expected);
}

#[rstest]
#[case::as_usual(TransportEnd::exited(1))]
#[case::with_code_0(TransportEnd::exited(0))]
#[case::killed(TransportEnd::killed(9))]
#[case::cancelled(TransportEnd::exited(1).stopped_by(StopCause::Cancelled))]
#[case::unkillable(TransportEnd::unreaped().stopped_by(StopCause::SettleLimit))]
#[case::server_goes_on(TransportEnd::new(ProcessFate::Serving))]
#[case::server_is_killed(server_ended(ExitKind::Signal(9)))]
#[case::interrupted(TransportEnd::new(ProcessFate::Serving).stopped_by(StopCause::Interrupted))]
fn a_failed_turn_failed_whatever_the_end(#[case] end: TransportEnd) {
    assert_eq!(decide(FAILED, end), Verdict::failed("no"));
}

#[rstest]
#[case::exit_0_is_no_success(TransportEnd::exited(0), Verdict::Truncated)]
#[case::code(TransportEnd::exited(1), Verdict::Exited { code: 1 })]
#[case::signal(TransportEnd::killed(15), Verdict::Killed { signal: 15 })]
#[case::alive(TransportEnd::unreaped(), Verdict::Truncated)]
#[case::cancelled(TransportEnd::exited(1).stopped_by(StopCause::Cancelled), Verdict::Cancelled)]
#[case::old_release_exits_0(TransportEnd::exited(0).stopped_by(StopCause::Cancelled), Verdict::Cancelled)]
#[case::nobody_reads(TransportEnd::killed(2).stopped_by(StopCause::ConsumerGone), Verdict::Cancelled)]
#[case::total(
    TransportEnd::killed(9).stopped_by(StopCause::TotalLimit),
    Verdict::TimedOut { limit: Limit::Total },
)]
#[case::idle(
    TransportEnd::unreaped().stopped_by(StopCause::IdleLimit),
    Verdict::TimedOut { limit: Limit::Idle },
)]
#[case::budget(TransportEnd::exited(1).stopped_by(StopCause::Budget), Verdict::Budget { name: None })]
#[case::silent(TransportEnd::killed(9).stopped_by(StopCause::SettleLimit), Verdict::Truncated)]
#[case::server_goes_on(TransportEnd::new(ProcessFate::Serving), Verdict::Truncated)]
#[case::server_ends_well(server_ended(ExitKind::Code(0)), Verdict::Truncated)]
#[case::server_exits(server_ended(ExitKind::Code(3)), Verdict::Exited { code: 3 })]
#[case::server_is_killed(server_ended(ExitKind::Signal(9)), Verdict::Killed { signal: 9 })]
#[case::not_known(TransportEnd::new(ProcessFate::Unknown), Verdict::Truncated)]
#[case::interrupted(
    TransportEnd::new(ProcessFate::Serving).stopped_by(StopCause::Interrupted),
    Verdict::Interrupted,
)]
#[case::stopped_and_then_the_server_died(
    server_ended(ExitKind::Signal(9)).stopped_by(StopCause::Cancelled),
    Verdict::Cancelled,
)]
fn without_a_last_word_the_process_decides(#[case] end: TransportEnd, #[case] expected: Verdict) {
    assert_eq!(decide(NONE, end), expected);
}

#[rstest]
#[case::by_us(Some(StopCause::Interrupted), Verdict::Interrupted)]
#[case::by_another(None, Verdict::Interrupted)]
#[case::unended(Some(StopCause::SettleLimit), Verdict::Interrupted)]
#[case::cancelled(Some(StopCause::Cancelled), Verdict::Cancelled)]
#[case::nobody_reads(Some(StopCause::ConsumerGone), Verdict::Cancelled)]
#[case::total(Some(StopCause::TotalLimit), Verdict::TimedOut { limit: Limit::Total })]
#[case::idle(Some(StopCause::IdleLimit), Verdict::TimedOut { limit: Limit::Idle })]
#[case::budget(Some(StopCause::Budget), Verdict::Budget { name: None })]
fn an_interrupted_turn_is_what_the_cause_was(#[case] stop: Option<StopCause>, #[case] expected: Verdict) {
    let fates = [
        ProcessFate::Serving,
        ProcessFate::ServerEnded(ExitKind::Signal(9)),
        ProcessFate::Ended(ExitKind::Code(1)),
        ProcessFate::Unreaped,
        ProcessFate::Unknown,
    ];
    for process in fates {
        let end = TransportEnd { process, stop };
        assert_eq!(Verdict::of(Some(&Terminal::Interrupted), &end), expected, "{process:?}");
    }
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
#[case(Verdict::Interrupted, r#"{"verdict":"interrupted"}"#, "interrupted")]
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
