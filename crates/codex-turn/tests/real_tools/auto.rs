//! An auto-run whose agent calls tools, step by step.

use std::future::pending;
use std::time::Duration;

use codex_turn::{AutoRunEvent, NoArguments, Sandbox, ToolEvent, ToolSet, tool};
use serde_json::json;

use crate::scene::{Add, Scene, UNKNOWN_MODEL, answer, call};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tool_call_with_success_failure_and_time_out() {
    let scene = Scene::new([
        call("add", json!({ "a": 20, "b": 22 })),
        answer("the sum is ${SUM}"),
        call("fail", json!({})),
        call("never", json!({})),
        answer("two of three failed"),
    ]);
    let tools = ToolSet::builder()
        .tool(tool("add", "Adds.", |Add { a, b }: Add| async move { format!("sum={}", a + b) }))
        .tool(tool("fail", "Fails.", |_: NoArguments| async { Err::<(), _>("there is no paper") }))
        .tool(tool("never", "Never answers.", |_: NoArguments| pending::<()>()))
        .time_limit(Duration::from_secs(2))
        .build()
        .unwrap();
    let thread = scene.thread(Sandbox::ReadOnly, UNKNOWN_MODEL);
    let run = thread.run_auto("try all").tools(tools);
    let mut events = run
        .policy(codex_turn::FixedPrompts::new(["now those that fail"]))
        .total_limit(Duration::from_mins(2))
        .stream();
    let (mut steps, mut calls) = (Vec::new(), Vec::new());
    while let Some(event) = events.next_event().await {
        steps.push(match event.unwrap() {
            AutoRunEvent::StepStarted { step, kind, prompt, .. } => {
                format!("step {step} ({kind:?}): {prompt}")
            }
            AutoRunEvent::Line { line, .. } => {
                let event = line.event().unwrap();
                let item = event.item().map_or(String::new(), |(_, item)| format!(" {}", item.name()));
                format!("  {}{item}", event.name())
            }
            // Calls are told of at other times than lines, and in their own order.
            AutoRunEvent::Tool { event, .. } => {
                calls.push(told(&event));
                continue;
            }
            AutoRunEvent::StepEnded { step, .. } => {
                let turn = step.turn.as_ref().unwrap();
                let ended = format!("ended: {}, {} failures", turn.verdict, turn.failures().len());
                std::iter::once(ended).chain(calls.drain(..)).collect::<Vec<_>>().join("\n")
            }
            AutoRunEvent::Stopped { reason, .. } => format!("stopped: {reason}"),
            other @ (AutoRunEvent::CheckStarted { .. }
            | AutoRunEvent::CheckEnded { .. }
            | AutoRunEvent::RetryScheduled { .. }
            | _) => format!("{other:?}"),
        });
    }
    insta::assert_snapshot!(steps.join("\n"));
    let report = events.finish().await.unwrap();
    assert_eq!(report.final_response(), Some("two of three failed"));
    // Each turn has an endpoint of its own.
    scene.assert_gone(2).await;
    scene.server.assert_clean();
}

fn told(event: &ToolEvent) -> String {
    let call = event.call();
    match event {
        ToolEvent::Ended { outcome, result_bytes, .. } => {
            format!("  call {}: {} ended: {outcome:?}, {result_bytes} bytes", call.number, call.tool)
        }
        ToolEvent::Started { .. } | _ => {
            format!("  call {}: {} started with {}", call.number, call.tool, call.arguments)
        }
    }
}
