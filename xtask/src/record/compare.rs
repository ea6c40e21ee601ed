//! Compares a new recording with the stored one: by the shape of its lines and by what they add up to.

use std::collections::BTreeMap;

use codex_fixtures::StreamMeta;
use serde_json::Value;

/// Keys whose values belong to the shape; of all others only the type does.
const TELLING_KEYS: [&str; 16] = [
    "type",
    "status",
    "text",
    "message",
    "tool",
    "server",
    "kind",
    "path",
    "query",
    "url",
    "command",
    "exit_code",
    "completed",
    "input_tokens",
    "output_tokens",
    "id",
];

/// Says in what the two differ; nothing where they tell the same.
pub(crate) fn differences(old: (&str, &StreamMeta), new: (&str, &StreamMeta)) -> Vec<String> {
    let mut found = Vec::new();
    let ((old_stream, old_meta), (new_stream, new_meta)) = (old, new);
    for (what, old, new) in [
        ("arguments", format!("{:?}", old_meta.arguments), format!("{:?}", new_meta.arguments)),
        ("exit code", format!("{:?}", old_meta.exit_code), format!("{:?}", new_meta.exit_code)),
        ("signal", format!("{:?}", old_meta.signal), format!("{:?}", new_meta.signal)),
        ("terminal event", format!("{:?}", old_meta.terminal), format!("{:?}", new_meta.terminal)),
        ("summary", format!("{:?}", summary(old_stream)), format!("{:?}", summary(new_stream))),
    ] {
        if old != new {
            found.push(format!("{what}: was {old}, is {new}"));
        }
    }
    let ids = if old_meta.unordered { Ids::Ignored } else { Ids::Compared };
    let (mut old_shapes, mut new_shapes) = (shapes(old_stream, ids), shapes(new_stream, ids));
    if old_meta.unordered {
        old_shapes.sort();
        new_shapes.sort();
    }
    for index in 0..old_shapes.len().max(new_shapes.len()) {
        let (old, new) = (old_shapes.get(index), new_shapes.get(index));
        if old != new {
            let name = |shape: Option<&String>| shape.map_or("nothing", String::as_str).to_owned();
            found.push(format!("line {}:\n    was {}\n    is  {}", index + 1, name(old), name(new)));
        }
    }
    found
}

/// Items are numbered in the order they come in, so their ids tell nothing where that order is by chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ids {
    Compared,
    Ignored,
}

fn shapes(stream: &str, ids: Ids) -> Vec<String> {
    let line_shape =
        |line| serde_json::from_str(line).map_or_else(|_| "no JSON".to_owned(), |tree| shape(&tree, ids));
    stream.lines().map(line_shape).collect()
}

fn shape(tree: &Value, ids: Ids) -> String {
    match tree {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "string".to_owned(),
        Value::Array(values) => {
            format!("[{}]", values.iter().map(|value| shape(value, ids)).collect::<Vec<_>>().join(","))
        }
        Value::Object(map) => {
            let member = |(key, value): (&String, &Value)| {
                let is_plain = value.is_string() || value.is_number() || value.is_boolean();
                let is_telling =
                    TELLING_KEYS.contains(&key.as_str()) && (ids == Ids::Compared || key != "id");
                format!(
                    "{key}:{}",
                    if is_plain && is_telling { value.to_string() } else { shape(value, ids) }
                )
            };
            format!("{{{}}}", map.iter().map(member).collect::<Vec<_>>().join(","))
        }
    }
}

/// What a turn adds up to: its items in their last state, its last message and its usage.
#[derive(Debug, Default, PartialEq)]
struct Summary {
    /// How many items of each type ended in each state.
    items: BTreeMap<(String, String), usize>,
    answer: Option<String>,
    usage: Option<Value>,
    notices: usize,
}

fn summary(stream: &str) -> Summary {
    let mut summary = Summary::default();
    let mut last_states: BTreeMap<String, (String, String)> = BTreeMap::new();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for line in stream.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let item = &line["item"];
        match line["type"].as_str().unwrap_or_default() {
            "turn.completed" => summary.usage = Some(line["usage"].clone()),
            "error" => summary.notices += 1,
            _ if item.is_object() => {
                last_states.insert(text(&item["id"]), (text(&item["type"]), text(&item["status"])));
                if item["type"] == "agent_message" {
                    summary.answer = Some(text(&item["text"]));
                }
            }
            _ => {}
        }
    }
    for state in last_states.into_values() {
        *summary.items.entry(state).or_default() += 1;
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str =
        r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"a"}}"#;
    const COMMAND: &str = r#"{"type":"item.started","item":{"id":"item_1","type":"command_execution","aggregated_output":"x"}}"#;

    fn compare(old: &str, new: &str, unordered: bool) -> usize {
        let mut meta = StreamMeta::default();
        meta.unordered = unordered;
        differences((old, &meta), (new, &meta)).len()
    }

    #[test]
    fn volatile_values_make_no_difference_and_telling_ones_do() {
        assert_eq!(compare(COMMAND, &COMMAND.replace("\"x\"", "\"y\""), false), 0);
        assert_eq!(compare(MESSAGE, &MESSAGE.replace("\"a\"", "\"b\""), false), 2);
        assert_eq!(compare(COMMAND, &COMMAND.replace("\"x\"", "null"), false), 1);
    }

    #[test]
    fn only_an_unordered_recording_may_change_its_order() {
        let renumbered = format!("{COMMAND}\n{MESSAGE}\n").replace("item_0", "item_2");
        let (one, other) = (format!("{MESSAGE}\n{COMMAND}\n"), renumbered);
        assert_eq!(compare(&one, &other, true), 0);
        assert_eq!(compare(&one, &other, false), 2);
    }
}
