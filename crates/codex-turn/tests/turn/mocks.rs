//! The seams can be mocked, boxed and shared.
#![cfg(feature = "mock")]

use std::sync::Arc;

use codex_exec::EventStream;
use codex_turn::{
    Check, CheckOutcome, Codex, ContinuePolicy, FixedPrompts, IntoCheck, MockCheck, MockContinuePolicy,
    MockObserveTurn, MockRunTurn, Next, RunTurn, StopReason, Thread,
};

use crate::support::{options, turn_lines};

#[tokio::test]
async fn a_mock_stands_for_any_transport() {
    let mut turns = MockRunTurn::new();
    turns
        .expect_run_turn()
        .withf(|request| request.invocation.parts().prompt() == "do it")
        .times(1)
        .returning(|_| Box::new(EventStream::from_lines(turn_lines("done", 1))));
    let codex = Codex::builder().transport(Arc::new(turns)).build().unwrap();
    let result = codex.start_thread(options()).run("do it").await.unwrap();
    assert_eq!(result.final_response(), Some("done"));
}

#[tokio::test]
async fn a_mock_stands_for_the_transport_of_a_run() {
    let mut turns = MockRunTurn::new();
    turns.expect_run_turn().times(2).returning(|_| Box::new(EventStream::from_lines(turn_lines("done", 1))));
    let codex = Codex::builder().transport(Arc::new(turns)).build().unwrap();
    let run = codex.start_thread(options()).run_auto("one").policy(FixedPrompts::new(["two"]));
    assert_eq!(run.await.unwrap().steps.len(), 2);
}

/// A thread whose turns all complete.
fn thread() -> Thread {
    let mut turns = MockRunTurn::new();
    turns.expect_run_turn().returning(|_| Box::new(EventStream::from_lines(turn_lines("done", 1))));
    let turns: Arc<dyn RunTurn> = Arc::new(turns);
    Codex::builder().transport(turns).build().unwrap().start_thread(options())
}

/// Passes at the second question.
fn check() -> MockCheck {
    let mut check = MockCheck::new();
    check.expect_name().return_const("twice".to_owned());
    let mut answers = vec![CheckOutcome::Passed, CheckOutcome::failed("once")];
    check.expect_check().times(2).returning(move |context| {
        assert_eq!(context.turn.final_response(), Some("done"));
        Ok(answers.pop().unwrap())
    });
    check
}

/// Asks for one more turn.
fn policy() -> MockContinuePolicy {
    let mut policy = MockContinuePolicy::new();
    let asks = |progress: &codex_turn::Progress<'_>| Next::turn(format!("after {}", progress.checks[0].name));
    policy.expect_decide().times(1).returning(asks);
    policy
}

async fn satisfied(check: impl IntoCheck, policy: impl ContinuePolicy + 'static) {
    let report = thread().run_auto("one").until(check).policy(policy).await.unwrap();
    assert!(matches!(report.stop, StopReason::Satisfied), "{:?}", report.stop);
    assert_eq!(report.steps[1].prompt, "after twice");
}

#[tokio::test]
async fn checks_and_policies_are_used_as_they_are_boxed_and_shared() {
    satisfied(check(), policy()).await;
    satisfied(Box::new(check()) as Box<dyn Check>, Box::new(policy()) as Box<dyn ContinuePolicy>).await;
    satisfied(Arc::new(check()) as Arc<dyn Check>, Arc::new(policy()) as Arc<dyn ContinuePolicy>).await;
}

#[tokio::test]
async fn a_mock_observes_a_turn() {
    let mut observer = MockObserveTurn::new();
    observer
        .expect_on_start()
        .withf(|invocation, thread| invocation.parts().prompt() == "one" && thread.is_none())
        .times(1)
        .return_const(());
    observer.expect_on_line().times(4).return_const(());
    observer
        .expect_on_end()
        .withf(|result, error| result.verdict.is_completed() && error.is_none())
        .times(1)
        .return_const(());
    thread().run("one").observe(observer).await.unwrap();
}

#[cfg(feature = "tools")]
#[tokio::test]
async fn tools_are_used_as_they_are_boxed_and_shared() {
    use codex_turn::{HostTool, MockHostTool, ToolCall, ToolContext, ToolOutput, ToolSet};
    use serde_json::json;

    fn add() -> MockHostTool {
        let mut tool = MockHostTool::new();
        tool.expect_name().return_const("add".to_owned());
        tool.expect_description().return_const("Adds.".to_owned());
        tool.expect_schema().returning(|| json!({ "type": "object" }));
        tool.expect_call().returning(|arguments, _| Ok(ToolOutput::text(arguments["a"].to_string())));
        tool
    }

    async fn answers(tool: impl HostTool + 'static) {
        let context = ToolContext::new(ToolCall::new("host", "add", json!({})));
        assert_eq!(tool.call(json!({ "a": 7 }), context).await, Ok(ToolOutput::text("7")));
        assert_eq!(ToolSet::builder().tool(tool).build().unwrap().names(), ["add"]);
    }

    answers(add()).await;
    answers(Box::new(add()) as Box<dyn HostTool>).await;
    answers(Arc::new(add()) as Arc<dyn HostTool>).await;
}
