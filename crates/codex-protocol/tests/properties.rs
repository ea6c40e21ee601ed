//! Properties of decoding that hold for any bytes and any spelling.

use codex_protocol::{Boundary, EventLine, ItemDetails, RolloutSummary, ThreadEvent, TurnSummary};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::Value;

const LINES: &[&str] = &[
    r#"{"type":"thread.started","thread_id":"0199a213-81c0-7800-8aa1-bbab2a035a53"}"#,
    r#"{"type":"turn.started"}"#,
    r#"{"type":"turn.completed","usage":{"input_tokens":7,"cached_input_tokens":1,"output_tokens":2}}"#,
    r#"{"type":"turn.failed","error":{"message":"no"}}"#,
    r#"{"type":"error","message":"Reconnecting... 1/5"}"#,
    r#"{"type":"item.started","item":{"id":"i","type":"command_execution","command":"c","status":"in_progress"}}"#,
    r#"{"type":"item.completed","item":{"id":"i","type":"web_search","id":"ws","query":"q","action":{"type":"search"}}}"#,
    r#"{"type":"item.completed","item":{"id":"i","type":"file_change","changes":[],"status":"completed"}}"#,
    r#"{"type":"item.updated","item":{"id":"i","type":"todo_list","items":[{"text":"t","completed":false}]}}"#,
    r#"{"type":"item.completed","item":{"id":"i","type":"hologram","x":[1,{"y":null}]}}"#,
    r#"{"type":"item.completed.not","n":1}"#,
];

fn agree(raw: &[u8]) {
    let boundary = EventLine::new(1, raw).boundary();
    let expected = match EventLine::new(1, raw).event() {
        Ok(ThreadEvent::ThreadStarted(started)) => Boundary::ThreadStarted(started.thread_id.clone()),
        Ok(event) if event.is_terminal() => Boundary::TurnEnded,
        _ => Boundary::Within,
    };
    assert_eq!(boundary, expected, "{}", String::from_utf8_lossy(raw));
}

/// A JSON string in which some characters are spelled as escapes.
fn spelled(text: &str, escaped: &[bool]) -> String {
    let chars = text.chars().zip(escaped.iter().copied().chain(std::iter::repeat(false)));
    let inside: String = chars
        .map(|(c, escaped)| if escaped { format!("\\u{:04x}", c as u32) } else { c.to_string() })
        .collect();
    format!("\"{inside}\"")
}

/// An object with its keys in any order, any white space, and any spelling of the word `type` and of its
/// value.
fn any_spelling() -> impl Strategy<Value = String> {
    let names = select(vec![
        "thread.started",
        "turn.started",
        "turn.completed",
        "turn.failed",
        "item.started",
        "error",
        "turn.completed2",
        "turn",
        "",
    ]);
    let others = vec![
        r#""thread_id":"t""#,
        r#""usage":null"#,
        r#""error":{"message":"m","type":"turn.completed"}"#,
        r#""message":"m\"n""#,
        r#""item":{"id":"i","type":"reasoning","text":"t"}"#,
        r#""type":"turn.completed""#,
    ];
    let pairs =
        (names, vec(any::<bool>(), 20), subsequence(others, 0..6)).prop_map(|(name, escaped, others)| {
            let tag = format!("{}:{}", spelled("type", &escaped[16..]), spelled(name, &escaped));
            let mut pairs: Vec<String> = others.into_iter().map(str::to_owned).collect();
            pairs.push(tag);
            pairs
        });
    (pairs.prop_flat_map(|pairs| Just(pairs).prop_shuffle()), vec(select(vec!["", " ", "\t", "\n", "\r"]), 3))
        .prop_map(|(pairs, space)| {
            format!("{}{{{}{}}}", space[0], space[1], pairs.join(&format!(",{}", space[2])))
        })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,20}", any::<String>(), Just("\u{2028}\0\r\n\"\\".to_owned())]
}

/// A line as Codex would print it, keys in its order.
fn known_line() -> impl Strategy<Value = String> {
    let quoted = |text: String| Value::from(text).to_string();
    let status = select(vec!["in_progress", "completed", "failed", "declined", "something_new"]);
    let item = prop_oneof![
        text().prop_map(move |t| format!(r#""type":"agent_message","text":{}"#, quoted(t))),
        text().prop_map(move |t| format!(r#""type":"error","message":{}"#, quoted(t))),
        (text(), text(), any::<Option<i64>>(), status.clone()).prop_map(move |(command, output, code, status)| {
            let code = code.map_or("null".to_owned(), |code| code.to_string());
            let (command, output) = (quoted(command), quoted(output));
            format!(
                r#""type":"command_execution","command":{command},"aggregated_output":{output},"exit_code":{code},"status":"{status}""#
            )
        }),
        (vec((text(), select(vec!["add", "update", "delete", "else"])), 0..3), status).prop_map(
            move |(files, status)| {
                let files: Vec<String> = files
                    .into_iter()
                    .map(|(path, kind)| format!(r#"{{"path":{},"kind":"{kind}"}}"#, quoted(path)))
                    .collect();
                format!(r#""type":"file_change","changes":[{}],"status":"{status}""#, files.join(","))
            }
        ),
        (text(), text()).prop_map(move |(id, query)| {
            let (id, query) = (quoted(id), quoted(query));
            format!(r#""type":"web_search","id":{id},"query":{query},"action":{{"type":"search","query":{query}}}"#)
        }),
    ];
    let phase = select(vec!["started", "updated", "completed"]);
    (phase, text(), item).prop_map(move |(phase, id, item)| {
        format!(r#"{{"type":"item.{phase}","item":{{"id":{},{item}}}}}"#, quoted(id))
    })
}

proptest! {
    #[test]
    fn any_bytes_are_decoded_or_refused_and_never_a_panic(raw in vec(any::<u8>(), 0..200)) {
        agree(&raw);
    }

    #[test]
    fn a_damaged_line_is_decoded_or_refused_and_never_a_panic(
        line in select(LINES.to_vec()),
        damage in vec((any::<Index>(), any::<u8>()), 1..4),
        end in any::<Index>(),
    ) {
        let mut raw = line.as_bytes().to_vec();
        for (at, byte) in damage {
            let at = at.index(raw.len());
            raw[at] = byte;
        }
        agree(&raw);
        raw.truncate(end.index(raw.len()));
        agree(&raw);
        let mut rollout = RolloutSummary::new();
        rollout.observe(&raw);
    }

    #[test]
    fn the_boundary_agrees_with_the_event_in_any_spelling(line in any_spelling()) {
        agree(line.as_bytes());
    }

    #[test]
    fn a_line_that_codex_could_print_is_written_as_it_was_read(line in known_line()) {
        let event = EventLine::new(1, line.as_bytes());
        prop_assert_eq!(serde_json::to_string(event.event().unwrap()).unwrap(), line);
    }

    #[test]
    fn keys_of_an_item_may_come_in_any_order(
        pairs in Just(vec![
            r#""id":"i""#, r#""type":"command_execution""#, r#""command":"c""#, r#""aggregated_output":"o""#,
            r#""exit_code":3"#, r#""status":"failed""#, r#""later":{"id":1,"type":2}"#,
        ]).prop_shuffle(),
    ) {
        let in_order = concat!(
            r#"{"type":"item.completed","item":{"id":"i","type":"command_execution","command":"c","#,
            r#""aggregated_output":"o","exit_code":3,"status":"failed"}}"#,
        );
        let line = format!(r#"{{"item":{{{}}},"type":"item.completed"}}"#, pairs.join(","));
        let line = EventLine::new(1, line.as_bytes());
        let in_order = EventLine::new(1, in_order.as_bytes());
        prop_assert_eq!(line.event().unwrap(), in_order.event().unwrap());
    }

    #[test]
    fn a_name_that_nobody_knows_is_kept(name in "[a-z_.]{1,12}", value in "[a-z]{0,5}") {
        let line = format!(r#"{{"type":"item.started","item":{{"id":"i","type":"new_{name}","k":"{value}"}}}}"#);
        let line = EventLine::new(1, line.as_bytes());
        let Some((_, item)) = line.event().unwrap().item() else { panic!("an item") };
        let ItemDetails::Unknown(unknown) = &item.details else { panic!("unknown") };
        prop_assert_eq!(&unknown.name, &format!("new_{name}"));
        prop_assert_eq!(&unknown.payload["k"], &Value::from(value));
    }

    #[test]
    fn a_summary_counts_every_line(picks in vec(select(LINES.to_vec()), 0..30)) {
        let mut summary = TurnSummary::new();
        for (number, line) in (1..).zip(&picks) {
            summary.observe(&EventLine::new(number, line.as_bytes()));
        }
        let ended_at = picks.iter().position(|line| line.starts_with(r#"{"type":"turn.c"#) || line.starts_with(r#"{"type":"turn.f"#));
        let unknown = picks.iter().filter(|line| line.contains("hologram") || line.contains(".not")).count();
        prop_assert_eq!(summary.lines(), picks.len() as u64);
        prop_assert_eq!(summary.unknown(), unknown as u64);
        prop_assert_eq!(summary.lines_after_terminal(), ended_at.map_or(0, |at| picks.len() - at - 1) as u64);
        prop_assert_eq!(summary.terminal().is_some(), ended_at.is_some());
    }
}
