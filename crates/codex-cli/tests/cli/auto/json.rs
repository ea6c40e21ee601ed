//! `--json`: one object for each event, and nothing else.

use codex_fixtures::FakeScript;
use serde_json::Value;

use super::{CHECK, auto, failing, turns};
use crate::scratch::Scratch;

/// Without what differs from run to run.
fn stable(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for name in ["durationMs", "elapsedMs"] {
                if let Some(time) = fields.get_mut(name) {
                    *time = Value::from("TIME");
                }
            }
            fields.values_mut().for_each(stable);
        }
        Value::Array(values) => values.iter_mut().for_each(stable),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_event_is_one_object_on_a_line() {
    let scratch = Scratch::new();
    let red = FakeScript::new().line("not json").then(FakeScript::completed_turn("no"));
    let limited = failing("Rate limit reached. Please try again in 50ms.");
    let green = FakeScript::new().write_file("done", "").then(FakeScript::completed_turn("yes"));
    let fake = turns([limited, red, green]);
    let ran = auto(&scratch, &fake, &["--json", "--until", CHECK, "do it"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    let events: Vec<String> = ran
        .stdout
        .lines()
        .map(|line| {
            let mut event = serde_json::from_str(line).unwrap();
            stable(&mut event);
            event.to_string()
        })
        .collect();
    insta::assert_snapshot!(events.join("\n"));
}
