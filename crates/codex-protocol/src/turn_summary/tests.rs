//! Tests of [`TurnSummary`](super::TurnSummary) on streams that no recording has.

use super::*;

fn summary(lines: &[&str]) -> TurnSummary {
    let mut summary = TurnSummary::new();
    for (number, line) in (1..).zip(lines) {
        summary.observe(&EventLine::new(number, line.as_bytes()));
    }
    summary
}

fn message(id: u32, text: &str) -> String {
    format!(
        r#"{{"type":"item.completed","item":{{"id":"item_{id}","type":"agent_message","text":"{text}"}}}}"#
    )
}

fn command(phase: &str, id: u32, status: &str) -> String {
    format!(
        r#"{{"type":"item.{phase}","item":{{"id":"item_{id}","type":"command_execution","command":"c","status":"{status}"}}}}"#
    )
}

const STARTED: &str = r#"{"type":"turn.started"}"#;
const COMPLETED: &str =
    r#"{"type":"turn.completed","usage":{"input_tokens":3,"cached_input_tokens":0,"output_tokens":4}}"#;
const FAILED: &str = r#"{"type":"turn.failed","error":{"message":"no"}}"#;

#[test]
fn no_line_comes_to_nothing() {
    let summary = summary(&[]);
    assert_eq!((summary.thread_id(), summary.final_response(), summary.usage()), (None, None, None));
    assert_eq!((summary.terminal(), summary.lines(), summary.turn_started()), (None, 0, false));
}

#[test]
fn the_answer_is_the_last_message_since_the_turn_started() {
    let (before, first, last) = (message(0, "before"), message(1, "half an ans"), message(2, "ok"));
    assert_eq!(summary(&[&before, STARTED]).final_response(), None);
    assert_eq!(summary(&[&before, STARTED, &first]).final_response(), Some("half an ans"));
    assert_eq!(summary(&[&before, STARTED, &first, &last]).final_response(), Some("ok"));
    let empty = message(3, "");
    assert_eq!(summary(&[STARTED, &last, &empty]).final_response(), Some(""));
}

#[test]
fn items_stand_in_the_order_of_their_start_in_their_last_state() {
    let lines = [
        command("started", 0, "in_progress"),
        command("started", 1, "in_progress"),
        command("completed", 1, "failed"),
        command("started", 2, "in_progress"),
    ];
    let summary = summary(&lines.each_ref().map(String::as_str));
    let states: Vec<(&str, ItemPhase)> =
        summary.item_states().map(|(item, phase)| (item.id.as_str(), phase)).collect();
    let expected =
        [("item_0", ItemPhase::Started), ("item_1", ItemPhase::Completed), ("item_2", ItemPhase::Started)];
    assert_eq!(states, expected);
    let open: Vec<&str> = summary.open_items().map(|item| item.id.as_str()).collect();
    assert_eq!(open, ["item_0", "item_2"]);
    let ItemDetails::CommandExecution(command) = &summary.items()[1].details else { panic!("a command") };
    assert_eq!(command.status.as_str(), "failed");
}

#[test]
fn the_first_terminal_event_wins_and_later_lines_only_count() {
    let late = message(7, "late");
    let summary = summary(&[STARTED, COMPLETED, FAILED, &late, "not JSON", r#"{"type":"new"}"#]);
    assert!(matches!(summary.terminal(), Some(Terminal::Completed { usage: Some(_) })));
    assert_eq!((summary.final_response(), summary.items().len()), (None, 0));
    assert_eq!((summary.lines(), summary.lines_after_terminal()), (6, 4));
    assert_eq!((summary.undecodable(), summary.unknown()), (1, 1));
}

#[test]
fn an_error_that_the_failure_repeats_is_no_notice() {
    let retry = r#"{"type":"error","message":"Reconnecting... 1/5"}"#;
    let error = r#"{"type":"error","message":"no"}"#;
    let failed = summary(&[STARTED, retry, error, FAILED]);
    assert_eq!(failed.notices().iter().map(|notice| notice.line).collect::<Vec<_>>(), [2]);
    assert_eq!(summary(&[STARTED, retry, error, COMPLETED]).notices().len(), 2, "it was recovered from");
    let warning = r#"{"type":"item.completed","item":{"id":"item_0","type":"error","message":"no"}}"#;
    assert_eq!(summary(&[STARTED, warning, FAILED]).notices().len(), 1, "a warning is none of the failure");
}

#[test]
fn zeros_are_no_usage() {
    let zeros =
        r#"{"type":"turn.completed","usage":{"input_tokens":0,"cached_input_tokens":0,"output_tokens":0}}"#;
    let zeros = summary(&[STARTED, zeros]);
    assert_eq!(zeros.usage(), None);
    assert!(matches!(zeros.terminal(), Some(Terminal::Completed { usage: Some(_) })), "as it was printed");
    assert_eq!(summary(&[STARTED, COMPLETED]).usage().map(Usage::total), Some(7));
}

#[test]
fn a_line_that_was_cut_is_undecodable() {
    let mut summary = TurnSummary::new();
    summary.observe(&EventLine::cut(1, *b"{\"type\":\"turn.completed\"}", 1 << 30));
    assert_eq!((summary.lines(), summary.undecodable(), summary.terminal()), (1, 1, None));
}
