//! What is read plainly is what `serde_json` reads.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{decode_plain, special};
use crate::thread_event::ThreadEvent;

/// Whether it was read plainly; if so, it is the same event.
fn agrees(line: &str) -> bool {
    let plain = decode_plain(line);
    if let Some(plain) = &plain {
        let event: ThreadEvent = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(*plain, event, "{line}");
    }
    plain.is_some()
}

#[test]
fn lines_as_codex_prints_them_are_read_plainly() {
    let lines = [
        r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"a \"b\" \\ \/ \n\t\r\b\f \u001b[0m\u00E9é"}}"#,
        r#"{"type":"item.completed","item":{"id":"item_1","type":"reasoning","text":""}}"#,
        r#"{"type":"item.started","item":{"id":"item_2","type":"command_execution","command":"/bin/bash -lc 'echo \"hi\"'","aggregated_output":"","exit_code":null,"status":"in_progress"}}"#,
        r#"{"type":"item.completed","item":{"id":"item_2","type":"command_execution","command":"c","aggregated_output":"hi\n","exit_code":-137,"status":"a new word"}}"#,
        r#"{"type":"item.updated","item":{"id":"item_3","type":"file_change","changes":[{"path":"/a","kind":"add"},{"path":"/b\\","kind":"update"}],"status":"completed"}}"#,
    ];
    for line in lines {
        assert!(agrees(line), "{line}");
        // Half of it is no line, and neither is more than it.
        assert_eq!((decode_plain(&line[..line.len() - 1]), decode_plain(&format!("{line} "))), (None, None));
    }
}

#[test]
fn what_is_spelled_otherwise_is_left_to_others() {
    let lines = [
        r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"\ud83d\ude00"}}"#,
        r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"\u+123"}}"#,
        "{\"type\":\"item.completed\",\"item\":{\"id\":\"item_0\",\"type\":\"agent_message\",\"text\":\"a\tb\"}}",
        r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"a","more":1}}"#,
        r#"{"type":"item.completed","item":{"type":"agent_message","id":"item_0","text":"a"}}"#,
        r#"{"type":"item.completed","item":{"id":"item_2","type":"command_execution","command":"c","aggregated_output":"","exit_code":01,"status":"completed"}}"#,
        r#"{"type":"item.completed","item":{"id":"item_2","type":"command_execution","command":"c","aggregated_output":"","exit_code":-0,"status":"completed"}}"#,
        r#"{"type":"item.completed","item":{"id":"item_2","type":"command_execution","command":"c","aggregated_output":"","exit_code":1.5,"status":"completed"}}"#,
        r#"{"type":"item.completed","item":{"id":"item_3","type":"file_change","changes":[],"status":"completed"}}"#,
        r#"{"type":"turn.started"}"#,
        "",
    ];
    for line in lines {
        assert_eq!(decode_plain(line), None, "{line}");
    }
}

const PIECES: &[&str] = &[
    r#"{"type":"item."#,
    "started",
    "completed",
    r#"","item":{"id":""#,
    r#""item_0"#,
    r#"","type":""#,
    "agent_message",
    "command_execution",
    "file_change",
    r#"","text":""#,
    r#"","command":""#,
    r#"","aggregated_output":""#,
    r#"","exit_code":"#,
    "null",
    "17",
    "-1",
    r#","status":""#,
    r#"","changes":["#,
    r#"{"path":""#,
    r#"","kind":""#,
    r#""}"#,
    "],",
    r#""}}"#,
    "}}",
    r"\n",
    r"\\",
    r#"\""#,
    r"\u0041",
    r"\x",
    "é",
    "\u{2028}",
    "\t",
    " ",
    ",",
];

proptest! {
    #[test]
    fn whatever_is_read_plainly_is_what_serde_json_reads(
        text in "([ -~é\u{2028}]|\\\\[\"\\\\/nrtbfu]|\\\\u[0-9a-fA-F+]{4}|\t){0,40}",
        code in prop_oneof![Just("null".to_owned()), any::<i64>().prop_map(|code| code.to_string()), "-?[0-9]{1,3}"],
        pieces in subsequence(PIECES, 0..=PIECES.len()),
        more in prop::collection::vec(select(PIECES), 0..4),
    ) {
        agrees(&format!(r#"{{"type":"item.completed","item":{{"id":"i","type":"reasoning","text":"{text}"}}}}"#));
        agrees(&format!(
            r#"{{"type":"item.completed","item":{{"id":"i","type":"command_execution","command":"{text}","aggregated_output":"{text}","exit_code":{code},"status":"failed"}}}}"#
        ));
        agrees(&format!("{}{}", pieces.concat(), more.concat()));
    }

    #[test]
    fn the_first_special_byte_is_found(bytes in prop::collection::vec(prop_oneof![any::<u8>(), 32..=b'~'], 0..40)) {
        let expected = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..b' '));
        prop_assert_eq!(special(&bytes), expected);
    }
}
