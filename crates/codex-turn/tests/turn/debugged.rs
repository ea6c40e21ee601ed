//! The `Debug` of a turn and of its run fits on a screen, however large the turn was.

use std::fmt::Debug;

use async_trait::async_trait;
use codex_exec::{EventStream, OutputTail, TransportError, TransportReport};
use codex_protocol::{DecodePolicy, ExitKind};
use codex_turn::{Check, CheckContext, CheckError, CheckOutcome, Turn, TurnError};

use crate::support::{completed, failed, message, started, thread};

const LARGE: usize = 100_000;
const MOST: usize = 4_000;

fn large(text: &str) -> String {
    text.repeat(LARGE / text.len())
}

fn command(number: usize) -> String {
    let output = large("one line ");
    format!(
        r#"{{"type":"item.completed","item":{{"id":"item_{number}","type":"command_execution","command":"make","aggregated_output":"{output}","exit_code":0,"status":"completed"}}}}"#
    )
}

struct Wordy;

#[async_trait]
impl Check for Wordy {
    fn name(&self) -> String {
        "wordy".to_owned()
    }

    async fn check(&self, _: &CheckContext<'_>) -> Result<CheckOutcome, CheckError> {
        Ok(CheckOutcome::failed(large("not yet ")))
    }
}

/// A turn of several megabytes that ends with this line.
fn lines(end: String) -> Vec<String> {
    let begin = [started(), message(&large("said ")), "no JSON".to_owned()];
    begin.into_iter().chain((1..20).map(command)).chain([end]).collect()
}

fn stream(end: String, exit: i32) -> EventStream {
    let report = TransportReport::new(ExitKind::Code(exit)).stderr(OutputTail::new(large("noise ")));
    EventStream::from_parts(lines(end), report)
}

#[track_caller]
fn assert_fits(shown: &impl Debug, words: &[&str]) {
    let text = format!("{shown:?}");
    let length = text.chars().count();
    assert!(length <= MOST, "{length} characters: {}", text.chars().take(MOST).collect::<String>());
    for word in words {
        assert!(text.contains(word), "{word} is not shown: {text}");
    }
}

#[tokio::test]
async fn a_large_result_fits_on_a_screen() {
    let result = Turn::over(stream(completed(1, 1), 0)).await.unwrap();
    assert!(result.lines.iter().map(|line| line.raw().len()).sum::<usize>() > 1_000_000);
    assert_fits(&result, &["Completed", "items: 20", "lines: 23", "said said", "noise"]);
    assert_fits(&result.summary, &["items: 20", "make"]);
    assert_fits(&result.lines[1], &["number: 2", "said said"]);
}

#[tokio::test]
async fn a_large_error_fits_on_a_screen() {
    let end = || failed(&large("Quota exceeded "));
    let error = Turn::over(stream(end(), 1)).await.unwrap_err();
    assert_fits(&error, &["NotCompleted", "UsageLimit", "Quota exceeded", "items: 20"]);
    let error = Turn::over(stream(end(), 1)).decode_policy(DecodePolicy::Fail).await.unwrap_err();
    assert_fits(&error, &["Undecodable", "no JSON", "UsageLimit"]);

    let stderr = OutputTail::new(format!("Error: {}", large("no\n")));
    let refused = TransportError::start_failed(ExitKind::Code(1), stderr);
    let end = TransportReport::new(ExitKind::Code(1));
    let refused = EventStream::from_failing_parts(Vec::<String>::new(), refused, end);
    let error = thread([refused]).run("do it").await.unwrap_err();
    assert!(matches!(error, TurnError::Start(_)), "{error:?}");
    assert_fits(&error, &["StartFailed"]);
}

#[tokio::test]
async fn a_large_run_fits_on_a_screen() {
    let streams = (0..2).map(|_| stream(completed(1, 1), 0));
    let run = thread(streams).run_auto(large("do it "));
    let mut events = run.until(Wordy).max_turns(2).stream();
    let mut seen = 0;
    while let Some(event) = events.next_event().await {
        assert_fits(&event.unwrap(), &[]);
        seen += 1;
    }
    let report = events.finish().await.unwrap();
    assert!(seen > 50, "{seen} events");
    assert_fits(&report, &["TurnLimit", "steps: 2", "not yet", "Completed"]);
    assert_fits(&report.steps[0], &["do it", "not yet", "Completed"]);
}
