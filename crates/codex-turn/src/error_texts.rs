//! What the errors of this crate say: all of them, in one snapshot.

use std::fmt::Write as _;
use std::time::Duration;

use codex_exec::EventStream;
use codex_fixtures::{ErrorTexts, error_texts};
use codex_protocol::DecodePolicy;

use crate::{
    AutoRunError, BudgetEnd, BudgetKind, CheckError, CodexError, ResponseError, StopReason, Turn, TurnError,
    samples,
};

/// The first sample of this variant.
fn pick<E>(samples: Vec<(&'static str, E)>, variant: &str) -> E {
    let is_of = |name: &str| name.rsplit("::").next() == Some(variant);
    let found = samples.into_iter().find(|(name, _)| is_of(name));
    found.unwrap_or_else(|| panic!("{variant} has no sample")).1
}

/// The error of a turn that printed these lines.
async fn of(lines: &[&str]) -> TurnError {
    let turn = Turn::over(EventStream::from_lines(lines.iter().copied()));
    turn.decode_policy(DecodePolicy::Fail).await.expect_err("it did not complete")
}

#[tokio::test]
async fn every_error_is_a_sentence() {
    let mut texts = ErrorTexts::new();
    let started = r#"{"type":"turn.started"}"#;
    let failed =
        r#"{"type":"turn.failed","error":{"message":"Quota exceeded. Check your plan and billing details"}}"#;
    let (truncated, failed) = (of(&[started]).await, of(&[started, failed]).await);
    let undecodable = of(&[started, "oops"]).await;
    let turn = |variant| pick(samples::turn_errors(), variant);
    let auto_run = |variant| pick(samples::auto_run_errors(), variant);
    let check = |variant| pick(samples::check_errors(), variant);
    texts.add("TurnError::NotCompleted", &failed);
    error_texts!(
        texts,
        TurnError {
            NotCompleted: truncated,
            Start: turn("Start"),
            Busy: turn("Busy"),
            Undecodable: undecodable,
            Json: turn("Json"),
            Tools: turn("Tools"),
            InsideRuntime: turn("InsideRuntime"),
            Runtime: turn("Runtime"),
        }
    );
    let no_number = || serde_json::from_str::<u32>("\"seven\"").expect_err("it is a text");
    error_texts!(
        texts,
        ResponseError {
            Missing: ResponseError::Missing,
            Shape: ResponseError::shape("\"seven\"", no_number()),
        }
    );
    error_texts!(
        texts,
        CodexError {
            Program: CodexError::Program(pick(codex_exec::samples::program_errors(), "NotFound")),
            TwoTransports: CodexError::TwoTransports
        }
    );
    error_texts!(
        texts,
        AutoRunError {
            ZeroLimit: auto_run("ZeroLimit"),
            NoModel: auto_run("NoModel"),
            NoPrice: auto_run("NoPrice"),
            Check: auto_run("Check"),
            Lack: auto_run("Lack"),
            InsideRuntime: auto_run("InsideRuntime"),
            Runtime: auto_run("Runtime"),
        }
    );
    error_texts!(
        texts,
        CheckError {
            NoProgram: check("NoProgram"),
            Command: check("Command"),
            Pointer: check("Pointer"),
            Empty: check("Empty"),
            Other: check("Other"),
        }
    );
    insta::assert_snapshot!(texts);
}

/// Takes the texts of reasons, which are no errors.
#[derive(Default)]
struct Reasons(String);

impl Reasons {
    fn add(&mut self, name: &str, reason: &StopReason) {
        writeln!(self.0, "{name}\n  {reason}").expect("a string takes every text");
    }
}

#[test]
fn every_reason_to_stop_is_a_sentence() {
    let mut reasons = Reasons::default();
    let used_up = StopReason::Budget { budget: BudgetKind::Tokens, end: BudgetEnd::UsedUp };
    reasons.add("StopReason::Budget", &used_up);
    error_texts!(
        reasons,
        StopReason {
            Satisfied: StopReason::Satisfied,
            TurnLimit: StopReason::TurnLimit { turns: 8 },
            Budget: StopReason::Budget { budget: BudgetKind::Tokens, end: BudgetEnd::Unknown },
            NoProgress: StopReason::NoProgress { turns: 3 },
            Policy: StopReason::Policy { reason: "three passes".to_owned() },
            Cancelled: StopReason::Cancelled,
            Time: StopReason::Time { limit: Duration::from_secs(90) },
            Failed: StopReason::Failed { reason: "codex did not start (exit code 70): no home".to_owned() },
            Check: StopReason::Check { name: "carg test".to_owned(), error: CheckError::Empty },
        }
    );
    insta::assert_snapshot!(reasons.0);
}

#[cfg(feature = "tools")]
#[test]
fn every_error_of_a_set_of_tools_is_a_sentence() {
    use crate::ToolSetError;

    let mut texts = ErrorTexts::new();
    let name = || "one".to_owned();
    error_texts!(
        texts,
        ToolSetError {
            NoTools: ToolSetError::NoTools,
            Name: ToolSetError::Name { of: "a tool", name: "a-b".to_owned() },
            LongName: ToolSetError::LongName { name: name(), characters: 70 },
            NameTwice: ToolSetError::NameTwice { name: name() },
            SchemaNotObject: ToolSetError::SchemaNotObject { name: name() },
            ZeroLimit: ToolSetError::ZeroLimit { limit: "calls at once" },
        }
    );
    insta::assert_snapshot!(texts);
}
