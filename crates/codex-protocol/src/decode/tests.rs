//! Tests of [`decode`](super::decode): whole lines in, whole events or errors out.

use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::thread_event::{ItemPhase, TurnCompleted};
use crate::thread_item::{
    CommandExecution, CommandStatus, ItemDetails, ThreadItem, UnknownItem, WebSearch, WebSearchAction,
};

fn event(line: &str) -> ThreadEvent {
    decode(line.as_bytes()).unwrap_or_else(|error| panic!("{error}: {line}"))
}

fn item(line: &str) -> ThreadItem {
    let event = event(line);
    let Some((_, item)) = event.item() else { panic!("no item: {event:?}") };
    item.clone()
}

/// Every line is one that Codex printed, up to the length of the texts.
#[rstest]
#[case::thread_started(r#"{"type":"thread.started","thread_id":"01a1fb70-d79c-78a0-a870-9cef5885036b"}"#)]
#[case::turn_started(r#"{"type":"turn.started"}"#)]
#[case::turn_completed(concat!(
    r#"{"type":"turn.completed","usage":{"input_tokens":2100,"cached_input_tokens":60,"#,
    r#""cache_write_input_tokens":0,"output_tokens":60,"reasoning_output_tokens":18}}"#,
))]
#[case::turn_completed_before_0_142(
    r#"{"type":"turn.completed","usage":{"input_tokens":2100,"cached_input_tokens":60,"output_tokens":60}}"#
)]
#[case::turn_failed(r#"{"type":"turn.failed","error":{"message":"Quota exceeded. Check your plan."}}"#)]
#[case::error(r#"{"type":"error","message":"Reconnecting... 1/5 (stream disconnected)"}"#)]
#[case::message(
    r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"a\u0000b"}}"#
)]
#[case::reasoning(r#"{"type":"item.completed","item":{"id":"item_0","type":"reasoning","text":"think"}}"#)]
#[case::command_started(concat!(
    r#"{"type":"item.started","item":{"id":"item_1","type":"command_execution","command":"/bin/bash -lc 'exit 3'","#,
    r#""aggregated_output":"","exit_code":null,"status":"in_progress"}}"#,
))]
#[case::command_completed(concat!(
    r#"{"type":"item.completed","item":{"id":"item_1","type":"command_execution","command":"/bin/bash -lc 'exit 3'","#,
    r#""aggregated_output":"é\n","exit_code":3,"status":"failed"}}"#,
))]
#[case::file_change(concat!(
    r#"{"type":"item.started","item":{"id":"item_0","type":"file_change","changes":[{"path":"/w/a","kind":"update"},"#,
    r#"{"path":"/w/b","kind":"add"},{"path":"/w/c","kind":"delete"}],"status":"in_progress"}}"#,
))]
#[case::mcp_started(concat!(
    r#"{"type":"item.started","item":{"id":"item_0","type":"mcp_tool_call","server":"host","tool":"structured","#,
    r#""arguments":{"n":7},"result":null,"error":null,"status":"in_progress"}}"#,
))]
#[case::mcp_success(concat!(
    r#"{"type":"item.completed","item":{"id":"item_0","type":"mcp_tool_call","server":"host","tool":"structured","#,
    r#""arguments":{"n":7},"result":{"content":[{"text":"49","type":"text"}],"_meta":{"took_ms":3},"#,
    r#""structured_content":{"n":7,"square":49}},"error":null,"status":"completed"}}"#,
))]
#[case::mcp_is_error(concat!(
    r#"{"type":"item.completed","item":{"id":"item_0","type":"mcp_tool_call","server":"host","tool":"no","#,
    r#""arguments":{},"result":{"content":[{"text":"the tool says no","type":"text"}],"structured_content":null},"#,
    r#""error":null,"status":"failed"}}"#,
))]
#[case::mcp_rpc_error(concat!(
    r#"{"type":"item.completed","item":{"id":"item_0","type":"mcp_tool_call","server":"host","tool":"no","#,
    r#""arguments":{},"result":null,"error":{"message":"Mcp error: -32000"},"status":"failed"}}"#,
))]
#[case::web_search(concat!(
    r#"{"type":"item.completed","item":{"id":"item_0","type":"web_search","id":"ws_0182","query":"rust tokio","#,
    r#""action":{"type":"search","query":"rust tokio"}}}"#,
))]
#[case::web_search_for_several(concat!(
    r#"{"type":"item.completed","item":{"id":"item_0","type":"web_search","id":"ws_1","query":"a","#,
    r#""action":{"type":"search","queries":["a","b"]}}}"#,
))]
#[case::web_page(concat!(
    r#"{"type":"item.completed","item":{"id":"item_0","type":"web_search","id":"ws_1","query":"u","#,
    r#""action":{"type":"open_page","url":"u"}}}"#,
))]
#[case::web_find(concat!(
    r#"{"type":"item.completed","item":{"id":"item_0","type":"web_search","id":"ws_1","query":"u","#,
    r#""action":{"type":"find_in_page","url":"u","pattern":"p"}}}"#,
))]
#[case::web_search_not_known_yet(concat!(
    r#"{"type":"item.started","item":{"id":"item_0","type":"web_search","id":"ws_1","query":"","#,
    r#""action":{"type":"other"}}}"#,
))]
#[case::web_search_before_0_120(
    r#"{"type":"item.completed","item":{"id":"item_0","type":"web_search","query":"rust tokio"}}"#
)]
#[case::todo_list(concat!(
    r#"{"type":"item.updated","item":{"id":"item_5","type":"todo_list","items":[{"text":"a","completed":true},"#,
    r#"{"text":"b","completed":false}]}}"#,
))]
#[case::collab(concat!(
    r#"{"type":"item.completed","item":{"id":"item_0","type":"collab_tool_call","tool":"wait","#,
    r#""sender_thread_id":"01a1fb70-d79c-78a0-a870-9cef5885036b","receiver_thread_ids":["x"],"prompt":null,"#,
    r#""agents_states":{"x":{"status":"completed","message":"done"}},"status":"completed"}}"#,
))]
#[case::warning(r#"{"type":"item.completed","item":{"id":"item_0","type":"error","message":"unknown key"}}"#)]
fn a_known_line_is_known_and_written_as_it_was_read(#[case] line: &str) {
    let event = event(line);
    assert!(!matches!(event, ThreadEvent::Unknown(_)), "{event:?}");
    assert!(event.item().is_none_or(|(_, item)| item.is_known()), "{event:?}");
    assert_eq!(serde_json::to_string(&event).unwrap(), line);
}

#[test]
fn the_first_id_of_a_search_is_the_items() {
    let line = concat!(
        r#"{"type":"item.completed","item":{"id":"item_0","type":"web_search","id":"ws_0182","query":"q","#,
        r#""action":{"type":"other"}}}"#,
    );
    let search = WebSearch {
        search_id: Some("ws_0182".to_owned()),
        query: "q".to_owned(),
        action: Some(WebSearchAction::Other),
    };
    let item = item(line);
    assert_eq!((item.id.as_str(), item.details), ("item_0", ItemDetails::WebSearch(search)));
}

/// A second `id` means something in a search only.
#[test]
fn a_second_id_elsewhere_changes_nothing() {
    let item =
        item(r#"{"type":"item.completed","item":{"id":"item_0","type":"reasoning","id":7,"text":"t"}}"#);
    assert_eq!((item.id.as_str(), item.name()), ("item_0", "reasoning"));
}

#[rstest]
#[case::item_first(r#"{"item":{"id":"i","type":"web_search","id":"ws","query":"q"},"type":"item.started"}"#)]
#[case::type_first(r#"{"type":"item.started","item":{"type":"web_search","id":"i","id":"ws","query":"q"}}"#)]
#[case::type_last(r#"{"type":"item.started","item":{"id":"i","id":"ws","query":"q","type":"web_search"}}"#)]
#[case::white_space(
    " {\t\"type\" : \"item.started\" , \"item\":{ \"id\":\"i\",\"type\":\"web_search\",\"id\":\"ws\",\"query\":\"q\"} } "
)]
#[case::escapes(
    r#"{"\u0074ype":"item\u002estarted","item":{"id":"i","type":"web\u005fsearch","id":"ws","query":"\u0071"}}"#
)]
#[case::new_keys_before(
    r#"{"seq":{"a":[1,-2,3.5,null,true]},"type":"item.started","item":{"n":0,"id":"i","type":"web_search","id":"ws","query":"q"}}"#
)]
#[case::new_keys_after(
    r#"{"type":"item.started","item":{"id":"i","type":"web_search","id":"ws","query":"q","x":[{}]},"at":1e3}"#
)]
#[case::type_twice(
    r#"{"type":"item.started","item":{"id":"i","type":"web_search","id":"ws","query":"q","type":"x"},"type":"error"}"#
)]
fn any_spelling_means_the_same(#[case] line: &str) {
    let search = WebSearch { search_id: Some("ws".to_owned()), query: "q".to_owned(), action: None };
    let expected = ThreadItem { id: crate::ItemId::new("i"), details: ItemDetails::WebSearch(search) };
    assert_eq!(event(line), ThreadEvent::ItemStarted(expected));
}

#[test]
fn keys_that_an_old_release_does_not_print_are_none() {
    let line = concat!(
        r#"{"type":"item.started","item":{"id":"item_0","type":"command_execution","command":"bash -lc 'echo hi'","#,
        r#""aggregated_output":"","status":"in_progress"}}"#,
    );
    let expected = CommandExecution {
        command: "bash -lc 'echo hi'".to_owned(),
        aggregated_output: String::new(),
        exit_code: None,
        status: CommandStatus::InProgress,
    };
    assert_eq!(item(line).details, ItemDetails::CommandExecution(expected));

    let line = r#"{"type":"item.completed","item":{"id":"i","type":"mcp_tool_call","server":"s","tool":"t","status":"failed"}}"#;
    assert!(item(line).is_known());
    assert_eq!(event(r#"{"type":"turn.completed"}"#), ThreadEvent::TurnCompleted(TurnCompleted::default()));
}

#[test]
fn an_unknown_event_keeps_its_name_and_payload() {
    let ThreadEvent::Unknown(unknown) = event(r#"{"type":"item.plan.delta","delta":"x","n":[1,{"a":null}]}"#)
    else {
        panic!("it is unknown")
    };
    assert_eq!(unknown.name, "item.plan.delta");
    assert_eq!(Value::Object(unknown.payload), json!({"delta": "x", "n": [1, {"a": null}]}));
}

#[test]
fn an_unknown_item_keeps_its_name_and_payload() {
    let item =
        item(r#"{"type":"item.completed","item":{"id":"item_3","type":"image_view","path":"/a.png"}}"#);
    let ItemDetails::Unknown(UnknownItem { name, payload }) = &item.details else { panic!("it is unknown") };
    assert_eq!((item.id.as_str(), name.as_str(), item.is_known()), ("item_3", "image_view", false));
    assert_eq!(Value::Object(payload.clone()), json!({"path": "/a.png"}));
}

#[rstest]
#[case(r#"{"id":"i","type":"command_execution","command":"c","status":"paused"}"#)]
#[case(r#"{"id":"i","type":"file_change","changes":[],"status":"paused"}"#)]
#[case(r#"{"id":"i","type":"file_change","changes":[{"path":"p","kind":"move"}],"status":"completed"}"#)]
#[case(r#"{"id":"i","type":"mcp_tool_call","server":"s","tool":"t","arguments":null,"status":"paused"}"#)]
#[case(r#"{"id":"i","type":"web_search","query":"q","action":{"type":"click","x":1}}"#)]
#[case(r#"{"id":"i","type":"collab_tool_call","tool":"wait","sender_thread_id":"t","status":"paused"}"#)]
#[case(r#"{"id":"i","type":"collab_tool_call","tool":"clone","sender_thread_id":"t","status":"completed"}"#)]
fn an_unknown_word_is_kept_and_counted(#[case] item_json: &str) {
    let event = event(&format!(r#"{{"type":"item.completed","item":{item_json}}}"#));
    let (phase, item) = event.item().unwrap();
    assert_eq!((phase, item.is_known()), (ItemPhase::Completed, false));
    let written: Value = serde_json::to_value(item).unwrap();
    let Value::Object(expected) = serde_json::from_str(item_json).unwrap() else { panic!("an object") };
    for (key, value) in expected {
        assert_eq!(written[&key], value, "{key}");
    }
}

#[rstest]
#[case::event_field(r#"{"type":"thread.started","thread_id":7}"#, "thread.started", None, "thread_id")]
#[case::event_field_missing(r#"{"type":"thread.started"}"#, "thread.started", None, "thread_id")]
#[case::nested(r#"{"type":"turn.failed","error":{"message":null}}"#, "turn.failed", None, "error.message")]
#[case::tokens_below_zero(
    r#"{"type":"turn.completed","usage":{"input_tokens":-1,"cached_input_tokens":0,"output_tokens":0}}"#,
    "turn.completed",
    None,
    "usage.input_tokens"
)]
#[case::no_item(r#"{"type":"item.started"}"#, "item.started", None, "item")]
#[case::item_of_no_type(r#"{"type":"item.started","item":{"id":"i"}}"#, "item.started", None, "item.type")]
#[case::item_of_old_type(
    r#"{"type":"item.started","item":{"id":"i","item_type":"assistant_message"}}"#,
    "item.started",
    None,
    "item.type"
)]
#[case::item_without_id(
    r#"{"type":"item.started","item":{"type":"reasoning","text":"t"}}"#,
    "item.started",
    Some("reasoning"),
    "item.id"
)]
#[case::item_is_text(r#"{"type":"item.started","item":"reasoning"}"#, "item.started", None, "item")]
#[case::status_is_number(
    r#"{"type":"item.started","item":{"id":"i","type":"command_execution","command":"c","status":3}}"#,
    "item.started",
    Some("command_execution"),
    "item.status"
)]
#[case::exit_code_too_large(
    r#"{"type":"item.started","item":{"id":"i","type":"command_execution","command":"c","exit_code":9223372036854775808,"status":"failed"}}"#,
    "item.started",
    Some("command_execution"),
    "item.exit_code"
)]
#[case::in_a_list(
    r#"{"type":"item.started","item":{"id":"i","type":"file_change","changes":[{"path":"p","kind":"add"},{"path":1,"kind":"add"}],"status":"completed"}}"#,
    "item.started",
    Some("file_change"),
    "item.changes.1.path"
)]
#[case::a_field_twice(
    r#"{"type":"item.started","item":{"id":"i","type":"reasoning","text":"a","text":"b"}}"#,
    "item.started",
    Some("reasoning"),
    "item.text"
)]
#[case::a_third_id(
    r#"{"type":"item.started","item":{"id":"i","type":"web_search","id":"a","id":"b","query":"q"}}"#,
    "item.started",
    Some("web_search"),
    "item.id"
)]
fn a_broken_payload_names_type_and_field(
    #[case] line: &str,
    #[case] event_name: &str,
    #[case] item_name: Option<&str>,
    #[case] field_name: &str,
) {
    let error = decode(line.as_bytes()).unwrap_err();
    let DecodeError::Broken { event, item, field, reason } = &error else { panic!("{error:?}") };
    assert_eq!((event.as_str(), item.as_deref(), field.as_str()), (event_name, item_name, field_name));
    assert!(!reason.is_empty());
    assert!(error.to_string().starts_with(&format!("the field `{field_name}` of {event_name}")), "{error}");
}

#[rstest]
#[case::empty("", DecodeError::NotJson { column: 0, reason: "EOF while parsing a value".to_owned() })]
#[case::half(
    r#"{"type":"turn.compl"#,
    DecodeError::NotJson { column: 19, reason: "EOF while parsing a string".to_owned() }
)]
#[case::two(
    r#"{"type":"turn.started"}{}"#,
    DecodeError::NotJson { column: 24, reason: "trailing characters".to_owned() }
)]
#[case::number_out_of_range(
    r#"{"type":"new","n":1e999}"#,
    DecodeError::NotJson { column: 23, reason: "number out of range".to_owned() }
)]
#[case::broken_and_then_not_json(
    r#"{"type":"error","message":1,}"#,
    DecodeError::NotJson { column: 29, reason: "trailing comma".to_owned() }
)]
#[case::a_list("[]", DecodeError::NoType)]
#[case::a_number("4", DecodeError::NoType)]
#[case::no_type("{}", DecodeError::NoType)]
#[case::old_protocol(r#"{"id":"0","msg":{"type":"task_started"}}"#, DecodeError::NoType)]
#[case::type_is_number(r#"{"type":4}"#, DecodeError::NoType)]
#[case::type_is_null_later(r#"{"a":1,"type":null}"#, DecodeError::NoType)]
fn what_is_no_event_says_why(#[case] line: &str, #[case] expected: DecodeError) {
    assert_eq!(decode(line.as_bytes()), Err(expected));
}

#[rstest]
#[case::in_text(b"{\"type\":\"error\",\"message\":\"\xff\"}", 27)]
#[case::in_a_key_that_nobody_reads(b"{\"type\":\"turn.started\",\"x\":\"\xf0\x9f\"}", 28)]
fn bytes_that_are_not_utf8_are_not_guessed(#[case] line: &[u8], #[case] valid_bytes: usize) {
    assert_eq!(decode(line), Err(DecodeError::NotUtf8 { valid_bytes }));
}

#[rstest]
#[case::unknown_event(r#"{"type":"new","x":"#)]
#[case::mcp_arguments(r#"{"type":"item.started","item":{"id":"i","type":"mcp_tool_call","arguments":"#)]
#[case::before_the_type(r#"{"x":"#)]
#[case::nothing_else("")]
fn a_depth_bomb_is_an_error(#[case] head: &str) {
    let bomb = format!("{head}{}", "[".repeat(100_000));
    assert!(matches!(decode(bomb.as_bytes()), Err(DecodeError::NotJson { .. })), "{head}");
    let bomb = format!("{head}{}", r#"{"type":"#.repeat(100_000));
    assert!(decode(bomb.as_bytes()).is_err(), "{head}");
}

/// A deep value under a key that nobody reads is skipped, not built.
#[test]
fn depth_that_nobody_reads_does_no_harm() {
    let line = format!(r#"{{"type":"turn.started","x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(event(&line).name(), "turn.started");
}
