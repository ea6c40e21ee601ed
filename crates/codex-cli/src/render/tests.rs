//! What is told of recorded turns, and of every kind of item.

use std::path::PathBuf;
use std::time::Duration;

use codex_fixtures::{RecordedStream, stream, streams};
use codex_protocol::{EventLine, TurnSummary};
use rstest::rstest;

use super::*;

/// The transcript of a recorded stream, one second between two lines.
fn transcript(recorded: &[u8]) -> Vec<Line> {
    let mut summary = TurnSummary::new();
    let mut transcript = Transcript::new(PathBuf::from("/project"));
    let mut told = Vec::new();
    let lines = recorded.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    for (number, raw) in (1..).zip(lines) {
        let line = EventLine::new(number, raw);
        summary.observe(&line);
        told.extend(transcript.observe(&line, &summary, Duration::from_secs(number)));
    }
    told.extend(transcript.finish(&summary));
    told
}

fn text(lines: &[Line]) -> String {
    lines.iter().map(Line::text).collect::<Vec<_>>().join("\n")
}

fn told(events: &[&str]) -> String {
    text(&transcript(events.join("\n").as_bytes()))
}

#[rstest]
#[case("command_ok")]
#[case("command_fail")]
#[case("file_add")]
#[case("http_401")]
#[case("message_multi")]
#[case("reasoning_summary")]
#[case("sigint_during_command")]
#[case("todo_list")]
#[case("web_search_query")]
fn a_recorded_turn_is_told(#[case] scenario: &str) {
    let told = text(&transcript(&stream("0.169.0", scenario).bytes()));
    insta::assert_snapshot!(format!("told_{scenario}"), told);
}

#[test]
fn every_recorded_stream_is_told_without_control_characters() {
    for RecordedStream { path, .. } in streams() {
        for line in transcript(&std::fs::read(&path).unwrap()) {
            let text = line.text();
            assert!(!text.contains(char::is_control), "{}: {text:?}", path.display());
        }
    }
}

#[test]
fn every_item_has_its_line() {
    let told = told(&[
        r#"{"type":"item.completed","item":{"id":"a","type":"command_execution","command":"bash -lc 'rm x'","aggregated_output":"","exit_code":null,"status":"declined"}}"#,
        r#"{"type":"item.completed","item":{"id":"b","type":"command_execution","command":"bash -lc 'a\nb'","aggregated_output":"\n\u001b[31mone\u001b[0m\ntwo","exit_code":137,"status":"failed"}}"#,
        r#"{"type":"item.completed","item":{"id":"c","type":"file_change","changes":[{"path":"/project/a","kind":"add"},{"path":"/else/b","kind":"update"},{"path":"/project/d/c","kind":"delete"}],"status":"completed"}}"#,
        r#"{"type":"item.completed","item":{"id":"d","type":"file_change","changes":[{"path":"/project/a","kind":"update"}],"status":"failed"}}"#,
        r#"{"type":"item.completed","item":{"id":"e","type":"mcp_tool_call","server":"host","tool":"ok","arguments":{},"result":{"content":[]},"error":null,"status":"completed"}}"#,
        r#"{"type":"item.completed","item":{"id":"f","type":"mcp_tool_call","server":"host","tool":"no","arguments":{},"result":{"content":[{"type":"text","text":"the tool says no"}]},"error":null,"status":"failed"}}"#,
        r#"{"type":"item.completed","item":{"id":"g","type":"mcp_tool_call","server":"host","tool":"broken","arguments":{},"result":null,"error":{"message":"tool call error\n\nCaused by:\n  x"},"status":"failed"}}"#,
        r#"{"type":"item.completed","item":{"id":"h","type":"web_search","query":"","action":{"type":"open_page","url":"https://x"}}}"#,
        r#"{"type":"item.completed","item":{"id":"i","type":"web_search","query":"","action":{"type":"find_in_page","url":"https://x","pattern":"p"}}}"#,
        r#"{"type":"item.completed","item":{"id":"j","type":"collab_tool_call","tool":"wait","sender_thread_id":"s","receiver_thread_ids":["r"],"prompt":null,"agents_states":{"r":{"status":"completed","message":"done"}},"status":"completed"}}"#,
        r#"{"type":"item.completed","item":{"id":"k","type":"error","message":"unknown key"}}"#,
        r#"{"type":"item.completed","item":{"id":"l","type":"error","message":"unknown key"}}"#,
        r#"{"type":"item.completed","item":{"id":"m","type":"new_thing","x":1}}"#,
        r#"{"type":"new.event","x":1}"#,
        "not JSON",
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn a_warning_that_the_failure_repeats_is_told_once() {
    let failed =
        told(&[r#"{"type":"error","message":"no"}"#, r#"{"type":"turn.failed","error":{"message":"no"}}"#]);
    assert_eq!(failed, "");
    let recovered =
        told(&[r#"{"type":"error","message":"no"}"#, r#"{"type":"turn.completed","usage":null}"#]);
    assert_eq!(recovered, "! no");
    let cut_off = told(&[r#"{"type":"error","message":"no"}"#]);
    assert_eq!(cut_off, "! no");
}

#[test]
fn the_last_message_is_told_here_only_if_it_is_no_answer() {
    let message =
        r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"half\nof it"}}"#;
    assert_eq!(told(&[message, r#"{"type":"turn.completed","usage":null}"#]), "");
    assert_eq!(told(&[message, r#"{"type":"turn.failed","error":{"message":"no"}}"#]), "• half");
    assert_eq!(told(&[message]), "• half");
}

#[test]
fn the_status_names_what_runs_and_for_how_long() {
    let mut summary = TurnSummary::new();
    let mut transcript = Transcript::new(PathBuf::from("/project"));
    let mut see = |raw: &str, at: u64| {
        let line = EventLine::new(1, raw.as_bytes());
        summary.observe(&line);
        transcript.observe(&line, &summary, Duration::from_secs(at));
        transcript.status(Duration::from_secs(at + 1)).text()
    };
    let started = |id: &str| {
        format!(
            r#"{{"type":"item.started","item":{{"id":"{id}","type":"command_execution","command":"bash -lc 'make {id}'","status":"in_progress"}}}}"#
        )
    };
    assert_eq!(see("not JSON", 1), "⠋ 2.0s starting codex");
    assert_eq!(see(r#"{"type":"turn.started"}"#, 1), "⠋ 2.0s thinking");
    assert_eq!(see(&started("a"), 2), "⠋ 3.0s $ make a (1.0s)");
    assert_eq!(see(&started("b"), 4), "⠋ 5.0s $ make a (3.0s) and 1 more");
    assert_eq!(see(&started("a").replace("item.started", "item.completed"), 5), "⠋ 6.0s $ make b (2.0s)");
    let retry = r#"{"type":"error","message":"Reconnecting... 2/5 (stream disconnected)"}"#;
    assert_eq!(see(retry, 6), "⠋ 7.0s reconnecting (2 of 5)");
    assert_eq!(see(&started("b"), 7), "⠋ 8.0s $ make b (4.0s)");
}
