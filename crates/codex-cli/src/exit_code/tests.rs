//! Every error and every verdict leads to the exit code that is documented for it.

use codex_exec::samples;
use codex_protocol::Limit;
use rstest::rstest;

use super::*;
use crate::failure::CliError;

#[rstest]
#[case(Verdict::Completed, 0)]
#[case(Verdict::failed("no"), 1)]
#[case(Verdict::failed("unexpected status 401 Unauthorized"), 1)]
#[case(Verdict::Truncated, 4)]
#[case(Verdict::killed(9), 4)]
#[case(Verdict::exited(101), 4)]
#[case(Verdict::timed_out(Limit::Total), 5)]
#[case(Verdict::timed_out(Limit::Idle), 5)]
#[case(Verdict::out_of_budget("tokens"), 5)]
#[case(Verdict::Interrupted, 130)]
#[case(Verdict::Cancelled, 130)]
fn a_verdict_has_its_code(#[case] verdict: Verdict, #[case] code: u8) {
    assert_eq!(Code::of_verdict(&verdict, None).number(), code);
}

#[rstest]
#[case(Interrupt::CtrlC, 130)]
#[case(Interrupt::Terminate, 143)]
#[case(Interrupt::HangUp, 143)]
fn a_signal_decides_only_where_the_turn_did_not(#[case] interrupt: Interrupt, #[case] code: u8) {
    let with = |verdict| Code::of_verdict(&verdict, Some(interrupt)).number();
    assert_eq!(with(Verdict::Cancelled), code);
    assert_eq!(with(Verdict::Interrupted), code);
    assert_eq!(with(Verdict::Completed), 0);
    assert_eq!(with(Verdict::failed("no")), 1);
    assert_eq!(with(Verdict::Truncated), 4);
}

#[test]
fn a_start_that_fails_has_its_code() {
    for (name, error) in samples::transport_errors() {
        let code = match name {
            "TransportError::Invocation" => 2,
            "TransportError::Broken" | "TransportError::SupervisorGone" => 4,
            "TransportError::TimedOut" => 5,
            "TransportError::Cancelled" => 130,
            _ => 3,
        };
        assert_eq!(Code::of_transport(&error, None).number(), code, "{name}");
        assert_eq!(Code::of_turn(&TurnError::Start(error.into()), None).number(), code, "{name}");
    }
}

#[test]
fn an_invocation_that_is_refused_is_wrong_usage() {
    for (name, error) in samples::invocation_errors() {
        assert_eq!(Code::of_transport(&TransportError::Invocation(error), None).number(), 2, "{name}");
    }
}

#[test]
fn without_a_program_nothing_starts() {
    for (name, error) in samples::program_errors() {
        assert_eq!(Code::of_program(&error).number(), 3, "{name}");
        assert_eq!(Code::of_codex(&CodexError::Program(error)).number(), 3, "{name}");
    }
}

#[test]
fn a_ledger_that_fails_has_its_code() {
    for (name, error) in codex_ledger::samples::ledger_errors() {
        let code = if matches!(name, "LedgerError::Claim" | "LedgerError::Busy") { 75 } else { 6 };
        assert_eq!(Code::of_ledger(&error).number(), code, "{name}");
        assert_eq!(CliError::Ledger(error).code(None).number(), code, "{name}");
    }
}

#[test]
fn what_the_turn_layer_refuses_did_not_start() {
    let refused = ["TurnError::Busy", "TurnError::InsideRuntime", "TurnError::Runtime"];
    for (name, error) in codex_turn::samples::turn_errors() {
        assert!(!refused.contains(&name) || Code::of_turn(&error, None).number() == 3, "{name}");
    }
    assert_eq!(Code::of_codex(&CodexError::TwoTransports).number(), 3);
}
