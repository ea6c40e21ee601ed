//! What can be wrong with lines.

use codex_fixtures::{FakeScript, PINNED_CODEX_VERSION, stream};
use codex_protocol::{ItemDetails, Usage};

use crate::fault::{Fault, Seen};
use crate::scene::{COMPLETED, STARTED, TURN};

fn turn(lines: FakeScript) -> FakeScript {
    FakeScript::new().read_stdin().line(STARTED).line(TURN).then(lines)
}

/// A line in the middle of a turn that completes.
fn amid(line: impl Into<Vec<u8>>) -> FakeScript {
    turn(FakeScript::new().emit(line).line(COMPLETED))
}

fn is_refused_and_kept(seen: &Seen, raw: &[u8]) -> String {
    assert_eq!(seen.understood(), [true, true, false, true]);
    assert_eq!(seen.first[2].raw(), raw);
    format!("line 3 is kept: {}", seen.first[2].event().unwrap_err())
}

pub(crate) fn real_search_with_two_ids() -> Fault {
    let recorded = stream(PINNED_CODEX_VERSION, "web_search_query");
    Fault::new("a real item with the key `id` twice", FakeScript::recorded(recorded.bytes()), "completed")
        .evidence(|_, seen| {
            assert_eq!((seen.summary.undecodable(), seen.summary.unknown()), (0, 0));
            let is_search =
                |item: &&codex_protocol::ThreadItem| matches!(item.details, ItemDetails::WebSearch(_));
            let item = seen.summary.items().iter().find(is_search).unwrap();
            let ItemDetails::WebSearch(search) = &item.details else { unreachable!() };
            let own = search.search_id.as_deref().unwrap();
            assert!(item.id.as_str().starts_with("item_") && !own.starts_with("item_"));
            format!("both are kept: {} and {own}", item.id)
        })
}

pub(crate) fn unknown_event_item_and_status() -> Fault {
    let lines = FakeScript::new()
        .line(r#"{"type":"turn.paused","why":"x"}"#)
        .line(r#"{"type":"item.completed","item":{"id":"item_0","type":"hologram","depth":3}}"#)
        .line(r#"{"type":"item.completed","item":{"id":"item_1","type":"command_execution","command":"x","aggregated_output":"","exit_code":null,"status":"postponed"}}"#)
        .line(COMPLETED);
    Fault::new("unknown event, item and status", turn(lines), "completed").evidence(|_, seen| {
        assert_eq!((seen.summary.undecodable(), seen.summary.unknown()), (0, 3));
        assert_eq!(seen.first[2].event().unwrap().name(), "turn.paused");
        "3 unknown, each with its name and payload".to_owned()
    })
}

fn completed_with(usage: &str) -> FakeScript {
    turn(FakeScript::new().line(format!(r#"{{"type":"turn.completed","usage":{usage}}}"#)))
}

pub(crate) fn usage_without_a_key() -> Fault {
    let usage = r#"{"input_tokens":3,"output_tokens":4}"#;
    Fault::new("a key of the usage is missing", completed_with(usage), "completed").evidence(|_, seen| {
        assert_eq!((seen.summary.undecodable(), seen.summary.usage()), (0, None));
        "usage is unknown, not 0".to_owned()
    })
}

pub(crate) fn usage_with_a_new_key() -> Fault {
    let usage = r#"{"input_tokens":3,"cached_input_tokens":1,"output_tokens":4,"thought_tokens":9}"#;
    Fault::new("a key of the usage is new", completed_with(usage), "completed").evidence(|_, seen| {
        assert_eq!(seen.summary.usage().map(Usage::total), Some(7));
        "usage is 7 tokens, the new key is in the raw line".to_owned()
    })
}

pub(crate) fn usage_that_is_null() -> Fault {
    let usage = r#"{"input_tokens":3,"cached_input_tokens":null,"output_tokens":4}"#;
    Fault::new("a key of the usage is null", completed_with(usage), "completed").evidence(|_, seen| {
        assert_eq!((seen.summary.undecodable(), seen.summary.usage()), (0, None));
        "usage is unknown, not 0".to_owned()
    })
}

pub(crate) fn malformed_line() -> Fault {
    Fault::new("a malformed line", amid("{not json\n"), "completed")
        .evidence(|_, seen| is_refused_and_kept(seen, b"{not json"))
}

pub(crate) fn line_that_is_not_utf8() -> Fault {
    Fault::new("a line that is not UTF-8", amid(b"\xff\xfe{}\n"), "completed")
        .evidence(|_, seen| is_refused_and_kept(seen, b"\xff\xfe{}"))
}

pub(crate) fn escape_bytes_before_a_line() -> Fault {
    Fault::new("escape bytes before a line", amid("\u{1b}[0m{}\n"), "completed")
        .evidence(|_, seen| is_refused_and_kept(seen, b"\x1b[0m{}"))
}

pub(crate) fn crlf() -> Fault {
    let lines = [STARTED, TURN, COMPLETED].map(|line| format!("{line}\r\n")).concat();
    Fault::new("lines that end in CRLF", FakeScript::recorded(lines), "completed").evidence(|_, seen| {
        assert_eq!(seen.understood(), [true; 3]);
        assert!(seen.first.iter().all(|line| line.raw().ends_with(b"\r")));
        "3 lines understood, the CR is kept".to_owned()
    })
}

pub(crate) fn line_separators_within_a_line() -> Fault {
    let line = "{\"type\":\"item.completed\",\"item\":{\"id\":\"item_0\",\"type\":\"agent_message\",\"text\":\"a\u{2028}b\u{2029}c\"}}\n";
    Fault::new("U+2028 within a line", amid(line), "completed").evidence(|_, seen| {
        assert_eq!(seen.understood(), [true; 4]);
        assert_eq!(seen.summary.final_response(), Some("a\u{2028}b\u{2029}c"));
        "one line, one message".to_owned()
    })
}

pub(crate) fn two_terminal_events() -> Fault {
    let lines =
        FakeScript::new().line(COMPLETED).line(r#"{"type":"turn.failed","error":{"message":"after all"}}"#);
    Fault::new("two terminal events", turn(lines), "completed").evidence(|_, seen| {
        assert_eq!((seen.summary.lines(), seen.summary.lines_after_terminal()), (4, 1));
        "the first decides, the other is delivered".to_owned()
    })
}

pub(crate) fn events_after_the_terminal_one() -> Fault {
    let late = r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"late"}}"#;
    let lines = FakeScript::new().line(COMPLETED).line(late).line(late);
    Fault::new("events after the terminal one", turn(lines), "completed").evidence(|_, seen| {
        assert_eq!((seen.summary.lines(), seen.summary.lines_after_terminal()), (5, 2));
        "2 late lines are delivered and counted".to_owned()
    })
}

pub(crate) fn no_newline_at_the_end() -> Fault {
    Fault::new("no newline at the end", turn(FakeScript::new().emit(COMPLETED)), "completed").evidence(
        |_, seen| {
            assert_eq!(seen.last.as_ref().unwrap().raw(), COMPLETED.as_bytes());
            "the last line is whole".to_owned()
        },
    )
}
