//! The schema against manifests, with as much of a validator as the schema needs.

use serde_json::{Value, json};

use super::{manifest_schema, manifest_schema_text};
use crate::manifest::Manifest;
use crate::values::TurnId;

const FULL: &str = include_str!("../samples/full.json");
const OLDEST: &str = include_str!("../samples/oldest.json");

/// Says where `value` is not as `schema` wants it. A keyword that it does not know is a failure of the test.
fn errors(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    let Value::Object(rules) = schema else { return found };
    for (keyword, rule) in rules {
        match keyword.as_str() {
            "$ref" => {
                let name = rule.as_str().unwrap().strip_prefix('#').unwrap();
                found.extend(errors(root, root.pointer(name).unwrap(), value, at));
            }
            "anyOf" => {
                let options: Vec<_> =
                    rule.as_array().unwrap().iter().map(|option| errors(root, option, value, at)).collect();
                if options.iter().all(|option| !option.is_empty()) {
                    found.extend(options.concat());
                }
            }
            "type" => {
                let names = rule.as_array().cloned().unwrap_or_else(|| vec![rule.clone()]);
                if !names.iter().any(|name| is_a(value, name.as_str().unwrap())) {
                    found.push(format!("{at}: {value} is no {rule}"));
                }
            }
            "required" => {
                let missing =
                    rule.as_array().unwrap().iter().filter(|key| value.get(key.as_str().unwrap()).is_none());
                found.extend(missing.map(|key| format!("{at}: {key} is missing")));
            }
            "properties" => {
                for (key, rule) in rule.as_object().unwrap() {
                    if let Some(value) = value.get(key) {
                        found.extend(errors(root, rule, value, &format!("{at}/{key}")));
                    }
                }
            }
            "items" => {
                for (number, value) in value.as_array().into_iter().flatten().enumerate() {
                    found.extend(errors(root, rule, value, &format!("{at}/{number}")));
                }
            }
            "minimum" if value.as_f64() < rule.as_f64() && value.is_number() => {
                found.push(format!("{at}: {value} is too small"));
            }
            "maximum" if value.as_f64() > rule.as_f64() && value.is_number() => {
                found.push(format!("{at}: {value} is too large"));
            }
            "additionalProperties" => {
                assert_eq!(*rule, json!(true), "{at}: readers keep what they do not know");
            }
            "$schema" | "$defs" | "title" | "description" | "default" | "format" | "examples" | "minimum"
            | "maximum" => {}
            other => panic!("{at}: the keyword {other} is not known here"),
        }
    }
    found
}

fn is_a(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type"),
    }
}

fn check(value: &Value) -> Vec<String> {
    let schema = manifest_schema();
    errors(&schema, &schema, value, "")
}

#[test]
fn the_file_that_is_checked_in_is_as_the_types_have_it() {
    let checked_in = include_str!("../../../schema/manifest.schema.json");
    assert!(checked_in == manifest_schema_text(), "run `cargo xtask schema`");
}

#[test]
fn the_schema_takes_what_is_written_the_oldest_form_and_keys_of_others() {
    let new = Manifest::new(TurnId::FIRST, "2025-01-01T00:00:00Z").to_bytes();
    for text in [FULL.as_bytes(), OLDEST.as_bytes(), &new] {
        assert_eq!(check(&serde_json::from_slice(text).unwrap()), [""; 0]);
    }
    let mut more: Value = serde_json::from_str(FULL).unwrap();
    more["ledger"]["new"] = json!(1);
    more["ledger"]["state"] = json!("paused");
    assert_eq!(check(&more), [""; 0]);
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let changes: [(&str, Value); 5] = [
        ("/turnId", json!(0)),
        ("/turnId", json!("1")),
        ("/metrics/linesAdded", json!(-1)),
        ("/ledger/parents/0/turnId", json!(null)),
        ("/validation/testsStatus", json!(1)),
    ];
    for (pointer, wrong) in changes {
        let mut value: Value = serde_json::from_str(FULL).unwrap();
        *value.pointer_mut(pointer).unwrap() = wrong;
        assert_ne!(check(&value), [""; 0], "{pointer}");
        assert!(Manifest::read(value.to_string().as_bytes()).is_err(), "{pointer}");
    }
    for key in ["turnId", "actor", "changes", "validation"] {
        let mut value: Value = serde_json::from_str(OLDEST).unwrap();
        value.as_object_mut().unwrap().remove(key);
        assert_ne!(check(&value), [""; 0], "{key}");
        assert!(Manifest::read(value.to_string().as_bytes()).is_err(), "{key}");
    }
}
