//! What the errors of this crate say: all of them, in one snapshot.

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use codex_exec::{CommandError, EventStream, ProgramError, TransportError};
use codex_fixtures::{ErrorTexts, error_texts};
use codex_protocol::DecodePolicy;

use crate::{
    AutoRunError, BudgetEnd, BudgetKind, CheckError, CodexError, ResponseError, StopReason, Turn, TurnError,
};

fn denied() -> io::Error {
    io::Error::other("permission denied")
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
    let (busy, undecodable) = (TurnError::Busy { thread: None }, of(&[started, "oops"]).await);
    texts.add("TurnError::NotCompleted", &failed);
    error_texts!(
        texts,
        TurnError {
            NotCompleted: truncated,
            Start: TurnError::Start(Arc::new(TransportError::NoRuntime)),
            Busy: busy,
            Undecodable: undecodable,
            Json: TurnError::Json(ResponseError::Missing),
            Tools: TurnError::Tools(Arc::new(denied())),
            InsideRuntime: TurnError::InsideRuntime,
            Runtime: TurnError::Runtime(Arc::new(denied())),
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
        CodexError { Program: CodexError::Program(no_program()), TwoTransports: CodexError::TwoTransports }
    );
    error_texts!(
        texts,
        AutoRunError {
            ZeroLimit: AutoRunError::ZeroLimit { limit: "turns" },
            NoModel: AutoRunError::NoModel,
            NoPrice: AutoRunError::NoPrice { model: "gpt-5.5".to_owned() },
            Check: AutoRunError::Check { name: "cargo test".to_owned(), source: CheckError::Empty },
            InsideRuntime: AutoRunError::InsideRuntime,
            Runtime: AutoRunError::Runtime(Arc::new(denied())),
        }
    );
    error_texts!(
        texts,
        CheckError {
            NoProgram: CheckError::NoProgram { program: "carg".to_owned() },
            Command: CheckError::Command(Arc::new(CommandError::directory("/gone"))),
            Pointer: CheckError::Pointer { pointer: "done".to_owned() },
            Empty: CheckError::Empty,
            Other: CheckError::Other { message: "the build server does not answer".to_owned() },
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

fn no_program() -> ProgramError {
    let samples = codex_exec::samples::program_errors().into_iter();
    let mut missing = samples.filter(|(name, _)| *name == "ProgramError::NotFound");
    missing.next().expect("there is a sample of each").1
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
            Failed: StopReason::Failed { reason: "codex did not start".to_owned() },
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
