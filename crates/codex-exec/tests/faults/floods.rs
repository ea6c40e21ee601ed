//! More than a reader wants at once.

use std::path::Path;

use codex_fixtures::FakeScript;
use codex_protocol::ItemDetails;

use crate::fault::{Fault, Seen};
use crate::scene::{COMPLETED, LONG, STARTED};

const LINE_BYTES: usize = 64 << 20;

pub(crate) fn line_of_64_mib() -> Fault {
    let script = FakeScript::new().read_stdin().line(STARTED).long_line(LINE_BYTES as u64).line(COMPLETED);
    Fault::new("a line of 64 MiB", script, "completed")
        // The bytes of the line and the text of its event, and a fifth of it for all the rest.
        .memory_bytes(LINE_BYTES / 10 * 22)
        .within(LONG)
        .evidence(|_, seen| {
            assert!(long_text(seen).len() > LINE_BYTES - 200);
            "whole, as bytes and as a typed event".to_owned()
        })
}

/// As commands print it: lines, and colours.
pub(crate) fn line_of_64_mib_of_escapes() -> Fault {
    let (before, after) = (
        r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":""#,
        r#"is last"}}"#,
    );
    let printed = r"\u001b[32mtest result: ok\u001b[0m. 12 passed; 0 failed; finished in 0.00s\n";
    let times = (LINE_BYTES - before.len() - after.len()) / printed.len();
    let rest = ".".repeat(LINE_BYTES - before.len() - after.len() - times * printed.len());
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("line-of-64-mib.jsonl");
    std::fs::write(&file, [before, &printed.repeat(times), &rest, after, "\n"].concat()).unwrap();
    let script = FakeScript::new().read_stdin().line(STARTED).file(file).line(COMPLETED);
    Fault::new("a line of 64 MiB full of escapes", script, "completed")
        .memory_bytes(LINE_BYTES / 10 * 22)
        .within(LONG)
        .evidence(|_, seen| {
            assert!(long_text(seen).starts_with("\u{1b}[32mtest result: ok\u{1b}[0m. 12 passed"));
            assert!(long_text(seen).ends_with("is last"));
            "whole, as bytes and as a typed event".to_owned()
        })
}

fn long_text(seen: &Seen) -> &str {
    assert_eq!(seen.first[1].raw().len(), LINE_BYTES);
    let (_, item) = seen.first[1].event().unwrap().item().unwrap();
    let ItemDetails::AgentMessage(message) = &item.details else { panic!("{}", item.name()) };
    &message.text
}

pub(crate) fn flood_for_a_sleeping_reader() -> Fault {
    let line = r#"{"type":"item.updated","item":{"id":"item_0","type":"agent_message","text":"{n}"}}"#;
    let script = FakeScript::new().read_stdin().line(STARTED).repeat(300_000, line).line(COMPLETED);
    Fault::new("floods a sleeping reader", script, "completed")
        .sleeping_reader()
        .within(LONG)
        .memory_bytes(4 << 20)
        .evidence(|_, seen| {
            assert_eq!((seen.lines, seen.summary.undecodable()), (300_002, 0));
            "the writer waited, 300002 lines, none lost".to_owned()
        })
}

pub(crate) fn million_tiny_lines() -> Fault {
    let script = FakeScript::new().read_stdin().line(STARTED).repeat(1_000_000, "{}").line(COMPLETED);
    Fault::new("10^6 tiny lines", script, "completed").within(LONG).memory_bytes(4 << 20).evidence(
        |_, seen| {
            assert_eq!(seen.lines, 1_000_002);
            "1000002 lines, in order".to_owned()
        },
    )
}
