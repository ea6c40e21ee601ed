//! Timelines of what real releases of Codex printed.

use std::time::Duration;

use codex_protocol::{RolloutSummary, TransportEnd, TurnUsage, Usage, UsageSource, Verdict};
use rstest::rstest;

use super::*;

const START: &str = "2025-09-05T17:42:10Z";

/// Feeds a recorded stream, a line each quarter of a second.
fn feed(log: &mut TaskLog, stream: &codex_fixtures::RecordedStream) -> TurnSummary {
    let mut at: Timestamp = START.parse().unwrap();
    let mut summary = TurnSummary::new();
    log.begin_turn(at);
    for (number, raw) in (1..).zip(stream.bytes().split(|byte| *byte == b'\n').filter(|raw| !raw.is_empty()))
    {
        at += jiff::SignedDuration::from_millis(250);
        let line = EventLine::new(number, raw);
        summary.observe(&line);
        log.observe(at, &line);
    }
    summary
}

fn end_of(stream: &codex_fixtures::RecordedStream, summary: &TurnSummary) -> TurnEnd {
    let process = match (stream.meta.exit_code, stream.meta.signal) {
        (_, Some(signal)) => TransportEnd::killed(signal),
        (code, None) => TransportEnd::exited(code.unwrap_or(0)),
    };
    TurnEnd::new(Verdict::decide(summary, &process), process, Duration::from_millis(2750))
}

fn rollout(stream: &codex_fixtures::RecordedStream) -> RolloutSummary {
    let mut rollout = RolloutSummary::new();
    let bytes = std::fs::read(stream.rollout().unwrap()).unwrap();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        rollout.observe(line);
    }
    rollout
}

#[rstest]
#[case("command_fail")]
#[case("file_many")]
#[case("mcp_is_error")]
#[case("todo_list")]
#[case("web_search_query")]
#[case("collab_v1")]
#[case("http_500_always")]
#[case("sigint_during_command")]
fn a_stream_is_a_timeline(#[case] scenario: &str) {
    let stream = codex_fixtures::stream(codex_fixtures::PINNED_CODEX_VERSION, scenario);
    let mut log = TaskLog::new();
    let summary = feed(&mut log, &stream);
    let usage = TurnUsage::default()
        .with_thread(Usage::new(1600, 80))
        .with_turn(Usage::new(1000, 50), UsageSource::Stream);
    log.end_turn(&end_of(&stream, &summary).usage(usage), &summary);
    insta::assert_snapshot!(format!("task_log_{scenario}"), log.finish());
}

#[test]
fn files_of_the_project_are_named_as_they_are_named_there() {
    let stream = codex_fixtures::stream(codex_fixtures::PINNED_CODEX_VERSION, "file_many");
    let timeline = |project: &str| {
        let mut log = TaskLog::new().in_project(project);
        feed(&mut log, &stream);
        log.finish()
    };
    assert!(
        timeline("/home/user/project").contains("patch of a.txt (update), n/new.txt (add), z.txt (delete)")
    );
    assert!(timeline("/home/user/project/n").contains("/home/user/project/a.txt (update), new.txt (add)"));
    assert!(timeline("/home/user/proj").contains("patch of /home/user/project/a.txt"));
}

#[test]
fn what_the_stream_left_out_is_named_as_such() {
    let stream = codex_fixtures::stream(codex_fixtures::PINNED_CODEX_VERSION, "sigkill_during_command");
    let mut log = TaskLog::new();
    let summary = feed(&mut log, &stream);
    let mut rollout = rollout(&stream);
    rollout.observe(br#"{"type":"response_item","payload":{"type":"function_call","call_id":"c9","name":"exec_command","arguments":"{\"cmd\":\"rm -rf \\u001b[31m/\"}"}}"#);
    rollout.observe(br#"{"type":"response_item","payload":{"type":"function_call_output","call_id":"c9","output":"denied\nby the sandbox"}}"#);
    log.end_turn(&end_of(&stream, &summary).rollout(rollout), &summary);
    insta::assert_snapshot!(log.finish());
}

#[test]
fn every_recorded_stream_has_a_timeline_of_single_lines() {
    for stream in codex_fixtures::streams() {
        let mut log = TaskLog::new();
        let summary = feed(&mut log, &stream);
        let items = summary.items().len();
        log.end_turn(&end_of(&stream, &summary), &summary);
        let text = log.finish();
        let entries = text.lines().filter(|line| line.trim_start().starts_with('+')).count();
        assert!(entries >= items, "{}: {items} items\n{text}", stream.scenario);
        let is_visible = |letter: char| letter == '\n' || !letter.is_control();
        assert!(text.chars().all(is_visible), "{}", stream.scenario);
        assert!(text.lines().all(|line| line.chars().count() < 1200), "{}", stream.scenario);
    }
}

#[test]
fn a_record_of_two_turns_of_which_one_was_interrupted() {
    let mut log = TaskLog::new();
    log.begin_turn(START.parse().unwrap());
    log.begin_turn("2025-09-05T17:43:10Z".parse().unwrap());
    let line = EventLine::new(1, *b"not JSON \x1b[31m");
    // A clock that was set back makes no negative times.
    log.observe(START.parse().unwrap(), &line);
    let line = br#"{"type":"item.started","item":{"id":"a","type":"command_execution","command":"x","status":"in_progress"}}"#;
    log.observe("2025-09-05T17:43:11Z".parse().unwrap(), &EventLine::new(2, *line));
    insta::assert_snapshot!(log.finish());
}

#[test]
fn the_end_that_nobody_saw_has_what_the_thread_s_own_file_knows() {
    let stream = codex_fixtures::stream(codex_fixtures::PINNED_CODEX_VERSION, "usage_resume_1");
    let mut log = TaskLog::after(2);
    log.begin_turn("2025-09-05T17:42:09Z".parse().unwrap());
    let line = EventLine::new(1, *br#"{"type":"turn.started"}"#);
    log.observe(START.parse().unwrap(), &line);
    let rollout = rollout(&stream);
    log.interrupt_turn_with(&rollout, &TurnSummary::new());
    let text = log.finish();
    assert!(text.starts_with("turn 3, started 2025-09-05T17:42:09.000Z\n"), "{text}");
    assert!(text.contains("   +1.000s           -  turn started\n"), "{text}");
    let input = rollout.turn_usage().unwrap().input_tokens;
    assert!(text.contains(&format!("usage of the turn: {input} input")), "{text}");
    assert!(text.ends_with("verdict: none, the turn was interrupted\n"), "{text}");
}

#[test]
fn a_log_without_turns_is_empty() {
    assert_eq!(TaskLog::new().finish(), "");
}
