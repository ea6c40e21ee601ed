//! Tests of [`RolloutSummary`] on shortened files of five releases, each with the stream of the same turn.

use std::fs;
use std::path::Path;

use rstest::rstest;

use super::*;
use crate::event_line::EventLine;
use crate::turn_summary::TurnSummary;
use crate::usage::Usage;

fn read(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rollouts").join(name)).unwrap()
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.strip_suffix(b"\n").unwrap_or(bytes).split(|byte| *byte == b'\n')
}

fn rollout_of<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> RolloutSummary {
    let mut rollout = RolloutSummary::new();
    lines.into_iter().for_each(|line| rollout.observe(line));
    rollout
}

fn rollout(name: &str) -> RolloutSummary {
    rollout_of(lines(&read(&format!("{name}.rollout.jsonl"))))
}

fn stream(name: &str) -> TurnSummary {
    let mut summary = TurnSummary::new();
    for (number, line) in (1..).zip(lines(&read(&format!("{name}.jsonl")))) {
        summary.observe(&EventLine::new(number, line));
    }
    summary
}

#[rstest]
#[case("0.169.0_tools")]
#[case("0.169.0_scripts")]
#[case("0.142.0_tools")]
#[case("0.80.0_tools")]
#[case("0.44.0_tools")]
fn the_first_turn_of_a_thread_costs_what_the_stream_says(#[case] name: &str) {
    let (rollout, stream) = (rollout(name), stream(name));
    let usage = |usage: Option<Usage>| usage.map(|usage| (usage.input_tokens, usage.output_tokens));
    assert_eq!(usage(rollout.turn_usage()), usage(stream.usage().copied()));
    assert_eq!(usage(rollout.thread_usage()), usage(stream.usage().copied()));
    assert_eq!(rollout.last_agent_message(), stream.final_response());
    assert_eq!(rollout.turns().len(), 1);
    assert_eq!(rollout.unreadable(), 0);
    let session = rollout.session().unwrap();
    assert_eq!(session.id.as_ref(), stream.thread_id());
    assert_eq!(session.cwd.as_deref(), Some("/repository"));
    assert_eq!(session.cli_version.as_deref(), name.split('_').next());
}

#[rstest]
#[case::refused_denied_unknown_and_broken("0.169.0_tools", &["c3", "c4", "c4b", "c5"])]
#[case::scripts_are_not_counted("0.169.0_scripts", &[])]
#[case::tools_of_another_release("0.142.0_tools", &["shell", "apply_patch"])]
#[case::a_release_without_exec_command("0.80.0_tools", &["exec_command"])]
#[case::commands_in_a_session_of_old("0.44.0_tools", &["shell_command", "exec_command"])]
fn calls_without_an_item_are_unseen(#[case] name: &str, #[case] expected: &[&str]) {
    let rollout = rollout(name);
    let unseen = rollout.unseen_calls(&stream(name));
    let unseen: Vec<&str> = unseen
        .into_iter()
        .map(
            |call| {
                if name == "0.169.0_tools" { call.call_id.as_deref().unwrap() } else { call.name.as_str() }
            },
        )
        .collect();
    assert_eq!(unseen, expected);
    let told = |call: &RolloutCall| call.output.as_deref().is_some_and(|output| !output.is_empty());
    assert!(rollout.calls().iter().all(told), "the model was told how each call went");
}

#[rstest]
#[case("0.169.0_tools", true)]
#[case("0.169.0_scripts", true)]
#[case::notes_no_items("0.142.0_tools", false)]
#[case::notes_no_items("0.80.0_tools", false)]
#[case::notes_no_items("0.44.0_tools", false)]
fn a_recorded_stream_says_nothing_that_the_rollout_does_not_have(#[case] name: &str, #[case] compared: bool) {
    let expected = compared.then(Unconfirmed::default);
    assert_eq!(rollout(name).unconfirmed(&stream(name)), expected);
}

fn message(id: &str, text: &str) -> String {
    format!(r#"{{"type":"item.completed","item":{{"id":"{id}","type":"agent_message","text":"{text}"}}}}"#)
}

const COMMAND: &str = r#"{"type":"item.completed","item":{"id":"item_2","type":"command_execution",
    "command":"/bin/bash -lc 'echo hi; sleep 0.3'","aggregated_output":"hi\n","exit_code":EXIT,"status":"completed"}}"#;

#[rstest]
#[case::message(&message("item_9", "all tests pass"), &[r#"agent_message "all tests pass""#])]
#[case::steering(&message("item_9", r"a\u001b[2Jb"), &[r#"agent_message "a\u{1b}[2Jb""#])]
#[case::the_same_message_once_more(&message("item_9", "all done"), &[r#"agent_message "all done""#])]
#[case::under_an_id_of_codex(&message("item_1", "fine"), &[r#"agent_message "fine""#])]
#[case::command_under_its_own_id(&COMMAND.replace("EXIT", "0"), &[r#"command_execution "/bin/bash -lc 'echo hi; sleep 0.3'""#])]
#[case::with_another_exit_code(&COMMAND.replace("EXIT", "7"), &[r#"command_execution "/bin/bash -lc 'echo hi; sleep 0.3'""#])]
#[case::patch(r#"{"type":"item.completed","item":{"id":"f","type":"file_change","changes":[{"path":"/repository/x","kind":"add"}],"status":"completed"}}"#,
    &[r#"file_change "/repository/x""#])]
#[case::tool(r#"{"type":"item.completed","item":{"id":"m","type":"mcp_tool_call","server":"s","tool":"t","arguments":{},"result":null,"error":null,"status":"completed"}}"#,
    &[r#"mcp_tool_call "s/t""#])]
#[case::message_that_never_completes(&message("item_9", "fine").replace("completed", "started"), &[r#"agent_message "fine""#])]
#[case::a_declined_command_ran_nothing(&COMMAND.replace("EXIT", "null").replace("\"completed\"}", "\"declined\"}").replace("item_2", "item_9"), &[])]
#[case::reasoning_is_not_compared(r#"{"type":"item.completed","item":{"id":"r","type":"reasoning","text":"hm"}}"#, &[])]
fn a_line_that_codex_did_not_write_is_named(#[case] line: &str, #[case] expected: &[&str]) {
    let bytes = read("0.169.0_tools.jsonl");
    let real: Vec<&[u8]> = lines(&bytes).collect();
    // Before and after the line of Codex that has the same id.
    for at in [2, real.len() - 1] {
        let mut stream = TurnSummary::new();
        let forged = real[..at].iter().copied().chain([line.as_bytes()]).chain(real[at..].iter().copied());
        for (number, line) in (1..).zip(forged) {
            stream.observe(&EventLine::new(number, line));
        }
        let unconfirmed = rollout("0.169.0_tools").unconfirmed(&stream).unwrap();
        assert_eq!(unconfirmed.names(), expected, "at {at}");
    }
}

#[test]
fn a_completion_that_codex_did_not_write_is_named() {
    let bytes = read("0.169.0_tools.rollout.jsonl");
    let cut: Vec<&[u8]> =
        lines(&bytes).filter(|line| !line.windows(13).any(|at| at == b"task_complete")).collect();
    let unconfirmed = rollout_of(cut).unconfirmed(&stream("0.169.0_tools")).unwrap();
    assert_eq!(unconfirmed.names(), ["turn.completed"]);

    let mut early = TurnSummary::new();
    let completed = br#"{"type":"turn.completed","usage":null}"#;
    let bytes = read("0.169.0_tools.jsonl");
    for (number, line) in (1..).zip(std::iter::once(&completed[..]).chain(lines(&bytes))) {
        early.observe(&EventLine::new(number, line));
    }
    let unconfirmed = rollout("0.169.0_tools").unconfirmed(&early).unwrap();
    assert!(unconfirmed.completion && unconfirmed.items.is_empty() && !unconfirmed.is_empty());
}

#[rstest]
#[case::a_line_that_is_not_whole(&b"{\"half"[..])]
#[case::compaction(br#"{"type":"compacted","payload":{}}"#)]
#[case::review(br#"{"type":"event_msg","payload":{"type":"entered_review_mode"}}"#)]
#[case::another_agent(br#"{"type":"response_item","payload":{"type":"function_call","call_id":"c","name":"spawn_agent","arguments":"{}"}}"#)]
fn what_cannot_be_compared_is_not(#[case] line: &[u8]) {
    let bytes = read("0.169.0_tools.rollout.jsonl");
    let all: Vec<&[u8]> = lines(&bytes).collect();
    assert!(rollout_of(all.iter().copied().chain([line])).unconfirmed(&stream("0.169.0_tools")).is_none());
    // The end of a rollout that is too long to be read.
    assert!(rollout_of(all[9..].iter().copied()).unconfirmed(&stream("0.169.0_tools")).is_none());
}

#[test]
fn an_interrupted_turn_and_the_next_one_are_two() {
    let rollout = rollout("0.169.0_interrupted_and_resumed");
    let [first, second] = rollout.turns() else { panic!("two turns: {:?}", rollout.turns()) };
    assert_eq!(first.end, Some(RolloutEnd::Aborted { reason: Some("interrupted".to_owned()) }));
    assert_eq!((first.last_agent_message.as_deref(), first.usage.unwrap().total()), (None, 110));
    assert_eq!(second.end, Some(RolloutEnd::Completed));
    assert_eq!(
        (second.last_agent_message.as_deref(), second.usage.unwrap().total()),
        (Some("all done"), 210)
    );
    assert!(first.duration.is_some() && second.duration.is_some());
    assert_ne!(first.id, second.id);
    assert_eq!(second.model.as_deref(), Some("gpt-5.5"));
    assert_eq!(rollout.thread_usage().unwrap().total(), 320);
    let written = serde_json::to_value(first).unwrap();
    assert_eq!(written["durationMs"], 2351);
    assert_eq!(written["end"]["aborted"]["reason"], "interrupted");
    assert_eq!(
        stream("0.169.0_interrupted_and_resumed").usage().unwrap().total(),
        320,
        "the stream's is the thread's"
    );
}

/// A reader that begins at the length that the file had before the turn sees the second turn alone.
#[test]
fn the_part_that_one_turn_wrote_is_enough_for_its_usage() {
    let bytes = read("0.169.0_interrupted_and_resumed.rollout.jsonl");
    let all: Vec<&[u8]> = lines(&bytes).collect();
    let start = all.iter().rposition(|line| line.windows(12).any(|at| at == b"task_started")).unwrap();
    let part = rollout_of(all[start..].iter().copied());
    assert_eq!(part.session(), None);
    assert_eq!(part.turns(), &rollout("0.169.0_interrupted_and_resumed").turns()[1..]);

    let without_records =
        all[start..].iter().copied().filter(|line| !line.windows(18).any(|at| at == b"token_usage_record"));
    assert_eq!(rollout_of(without_records).turn_usage().unwrap().total(), 210, "from the counts alone");
}

#[test]
fn a_count_that_is_repeated_is_no_call() {
    let count = |total: u64, last: u64| {
        format!(
            r#"{{"type":"event_msg","payload":{{"type":"token_count","info":{{
            "total_token_usage":{{"input_tokens":{total},"cached_input_tokens":0,"output_tokens":0}},
            "last_token_usage":{{"input_tokens":{last},"cached_input_tokens":0,"output_tokens":0}}}}}}}}"#
        )
    };
    let spoke = r#"{"type":"response_item","payload":{"type":"reasoning"}}"#.to_owned();
    let file = [count(500, 90), spoke, count(500, 90), count(600, 100), count(600, 100)];
    let rollout = rollout_of(file.iter().map(String::as_bytes));
    assert_eq!(rollout.turn_usage(), Some(Usage::new(100, 0)));
    assert_eq!(rollout.thread_usage(), Some(Usage::new(600, 0)));
}

#[test]
fn of_two_equal_commands_the_denied_one_is_unseen() {
    let call = |id: &str| {
        format!(
            r#"{{"type":"response_item","payload":{{"type":"function_call","call_id":"{id}","name":"exec_command",
            "arguments":"{{\"cmd\":\"make\"}}"}}}}"#
        )
    };
    let noted = r#"{"type":"event_msg","payload":{"type":"item_completed","item":{"type":"CommandExecution","id":"c2"}}}"#;
    let file = [call("c1"), call("c2"), noted.to_owned()];
    let rollout = rollout_of(file.iter().map(String::as_bytes));
    let item = r#"{"type":"item.completed","item":{"id":"item_0","type":"command_execution","command":"bash -lc make",
        "aggregated_output":"","exit_code":0,"status":"completed"}}"#;
    let mut stream = TurnSummary::new();
    stream.observe(&EventLine::new(1, item.as_bytes()));
    let unseen = rollout.unseen_calls(&stream);
    assert_eq!(unseen.len(), 1);
    assert_eq!(unseen[0].call_id.as_deref(), Some("c1"));
}

#[rstest]
#[case::function("mcp__host__write_file", "", &[])]
#[case::of_0_45("host__write_file", "", &[])]
#[case::namespace("write_file", r#""namespace":"mcp__host__","#, &[])]
#[case::another_server("mcp__other__write_file", "", &["mcp__other__write_file"])]
fn a_call_of_a_host_tool_is_matched_by_its_names(
    #[case] name: &str,
    #[case] namespace: &str,
    #[case] expected: &[&str],
) {
    let call = format!(
        r#"{{"type":"response_item","payload":{{"type":"function_call","call_id":"c1",{namespace}"name":"{name}",
        "arguments":"{{}}"}}}}"#
    );
    let rollout = rollout_of([call.as_bytes()]);
    let item = r#"{"type":"item.completed","item":{"id":"item_0","type":"mcp_tool_call","server":"host",
        "tool":"write-file","arguments":{},"result":null,"error":null,"status":"completed"}}"#;
    let mut stream = TurnSummary::new();
    stream.observe(&EventLine::new(1, item.as_bytes()));
    let unseen: Vec<&str> = rollout.unseen_calls(&stream).iter().map(|call| call.name.as_str()).collect();
    assert_eq!(unseen, expected);
}

#[rstest]
#[case::spawned("spawn_agent", "spawn_agent", &[])]
#[case::waited_for("wait_agent", "wait", &[])]
#[case::another_tool("close_agent", "wait", &["multi_agent_v1__close_agent"])]
fn a_call_of_another_agent_is_matched_by_its_tool(
    #[case] name: &str,
    #[case] tool: &str,
    #[case] expected: &[&str],
) {
    let call = format!(
        r#"{{"type":"response_item","payload":{{"type":"function_call","call_id":"c1","namespace":"multi_agent_v1",
        "name":"{name}","arguments":"{{}}"}}}}"#
    );
    let rollout = rollout_of([call.as_bytes()]);
    let item = format!(
        r#"{{"type":"item.completed","item":{{"id":"item_0","type":"collab_tool_call","tool":"{tool}",
        "sender_thread_id":"t","status":"completed"}}}}"#
    );
    let mut stream = TurnSummary::new();
    stream.observe(&EventLine::new(1, item.as_bytes()));
    let unseen: Vec<&str> = rollout.unseen_calls(&stream).iter().map(|call| call.name.as_str()).collect();
    assert_eq!(unseen, expected);
}

#[test]
fn anything_may_be_missing() {
    let file: [&[u8]; 12] = [
        b"",
        b"{\"timestamp\":\"20",
        b"[]",
        b"{}",
        b"\xff",
        br#"{"type":"session_meta"}"#,
        br#"{"type":"turn_context","payload":null}"#,
        br#"{"type":"response_item","payload":{"type":"function_call"}}"#,
        br#"{"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":7}}}"#,
        br#"{"type":"event_msg","payload":{"type":"item_completed","item":4}}"#,
        br#"{"type":"token_usage_record","payload":{"turn_token_usage":{"input_tokens":-1}}}"#,
        br#"{"type":"something_new","payload":{"type":"else"}}"#,
    ];
    let rollout = rollout_of(file);
    assert_eq!((rollout.lines(), rollout.unreadable()), (12, 5));
    assert_eq!(
        (rollout.turn_usage(), rollout.thread_usage(), rollout.last_agent_message()),
        (None, None, None)
    );
    assert_eq!(rollout.calls().len(), 1);
    assert_eq!(rollout.unseen_calls(&TurnSummary::new()).len(), 1);
}
