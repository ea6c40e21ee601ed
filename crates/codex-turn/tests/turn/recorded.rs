//! A recorded stream means the same on every way into a turn.

use codex_exec::{CodexExec, EventStream, ExecOptions, Program, StateDir, TransportReport};
use codex_fixtures::{FakeCodex, FakeScript, RecordedStream, streams};
use codex_protocol::{EventLine, ExitKind, ProcessFate, TransportEnd, TurnSummary, Verdict};
use codex_turn::{Codex, Next, Progress, ThreadOptions, Turn, TurnError, TurnResult};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::support::thread;

fn lines(stream: &RecordedStream) -> Vec<Vec<u8>> {
    let bytes = stream.bytes();
    bytes.strip_suffix(b"\n").unwrap_or(&bytes).split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

fn exit(stream: &RecordedStream) -> ExitKind {
    match stream.meta.signal {
        Some(signal) => ExitKind::Signal(signal),
        None => ExitKind::Code(stream.meta.exit_code.expect("a code or a signal")),
    }
}

fn view(summary: &TurnSummary, verdict: &Verdict) -> Value {
    json!({ "summary": summary, "verdict": verdict })
}

fn view_of(outcome: Result<TurnResult, TurnError>) -> Value {
    let result = outcome.unwrap_or_else(|error| {
        let text = format!("{error:?}");
        error.into_result().unwrap_or_else(|| panic!("{text}"))
    });
    view(&result.summary, &result.verdict)
}

fn by_the_fold_alone(stream: &RecordedStream) -> Value {
    let mut summary = TurnSummary::new();
    for (number, line) in (1..).zip(lines(stream)) {
        summary.observe(&EventLine::new(number, line));
    }
    let verdict = Verdict::decide(&summary, &TransportEnd::new(ProcessFate::Ended(exit(stream))));
    view(&summary, &verdict)
}

async fn by_a_turn_over_its_lines(stream: &RecordedStream) -> Value {
    let lines = EventStream::from_parts(lines(stream), TransportReport::new(exit(stream)));
    view_of(Turn::over(lines).await)
}

async fn by_a_process_that_prints_it(stream: &RecordedStream, folder: &std::path::Path) -> Value {
    let script = FakeScript::new().read_stdin().emit(stream.bytes());
    let code = stream.meta.exit_code.expect("looked at before");
    let fake = FakeCodex::new(script.exit(u8::try_from(code).unwrap()));
    let options = ExecOptions::default().state_dir(StateDir::at(folder.join("state")));
    let exec = CodexExec::new(Program::at(fake.path()).unwrap()).options(options);
    let codex = Codex::builder().exec(Arc::new(exec)).codex_home(folder).build().unwrap();
    view_of(codex.start_thread(ThreadOptions::new(folder).skip_git_repo_check()).run("the prompt").await)
}

#[tokio::test]
async fn a_turn_over_recorded_lines_says_what_the_fold_says() {
    let streams: Vec<_> = streams().into_iter().filter(|stream| !stream.bytes().is_empty()).collect();
    assert!(streams.len() > 5, "there are recorded streams");
    for stream in streams {
        let expected = by_the_fold_alone(&stream);
        assert_eq!(by_a_turn_over_its_lines(&stream).await, expected, "{}", stream.path.display());
    }
}

#[tokio::test]
async fn a_process_that_prints_a_recorded_stream_says_what_the_fold_says() {
    let folder = tempfile::tempdir().unwrap();
    let printable = |stream: &RecordedStream| stream.meta.exit_code.is_some() && !stream.bytes().is_empty();
    let streams: Vec<_> = streams().into_iter().filter(printable).collect();
    assert!(streams.len() > 5, "there are recorded streams");
    for stream in streams {
        let expected = by_the_fold_alone(&stream);
        let printed = by_a_process_that_prints_it(&stream, folder.path()).await;
        assert_eq!(printed, expected, "{}", stream.path.display());
    }
}

#[tokio::test]
async fn a_policy_goes_on_after_a_recorded_turn_that_completed_with_failures() {
    let recorded = |scenario: &str| {
        let mut all = streams().into_iter().filter(|stream| stream.codex_version == "0.169.0");
        let stream = all.find(|stream| stream.scenario == scenario).unwrap();
        EventStream::from_parts(lines(&stream), TransportReport::new(exit(&stream)))
    };
    let thread = thread([recorded("mcp_is_error"), recorded("command_fail"), recorded("message_only")]);
    let policy = |progress: &Progress<'_>| match &progress.turn.failures()[..] {
        [] => Next::stop("nothing failed"),
        failures => Next::turn(format!("put right: {}", failures[0])),
    };
    let report = thread.run_auto("go").policy(policy).await.unwrap();
    let asked: Vec<_> = report.steps.iter().map(|step| step.prompt.as_str()).collect();
    let expected = [
        "go",
        "put right: host.is_error answered with an error",
        "put right: \"/bin/bash -lc 'echo bad; exit 3'\" exited with code 3",
    ];
    assert_eq!(asked, expected);
    assert!(report.steps.iter().all(|step| step.verdict().unwrap().is_completed()));
}

#[tokio::test]
async fn recorded_turns_that_completed_list_what_failed_in_them() {
    let mut seen = Vec::new();
    for stream in streams() {
        if stream.codex_version != "0.169.0" {
            continue;
        }
        let lines = EventStream::from_parts(lines(&stream), TransportReport::new(exit(&stream)));
        let Ok(result) = Turn::over(lines).await else { continue };
        seen.extend(result.failures().iter().map(|failure| format!("{}: {failure}", stream.scenario)));
    }
    insta::assert_snapshot!(seen.join("\n"));
}
