//! [`strict`]: a schema as the service wants it.
#![cfg(feature = "schemars")]

use serde_json::{Map, Value};

/// Makes a schema strict: objects closed, every property required, no keyword that the service refuses.
///
/// A property that its type lets out may be `null` already, which is how a strict schema says "optional".
pub(crate) fn strict(mut schema: Value) -> Value {
    if let Value::Object(root) = &mut schema {
        root.remove("$schema");
    }
    tighten(&mut schema);
    schema
}

fn tighten(schema: &mut Value) {
    let Value::Object(keywords) = schema else { return };
    // Tagged enums come as `oneOf`, which is not taken; their variants exclude each other anyway.
    if let Some(variants) = keywords.remove("oneOf") {
        keywords.insert("anyOf".to_owned(), variants);
    }
    // The formats of numbers (`uint32`, `double`) and defaults are of no use to a model, and are refused.
    let is_number_format =
        |format: &Value| format.as_str().is_some_and(|name| NUMBER_FORMATS.contains(&name));
    if keywords.get("format").is_some_and(is_number_format) {
        keywords.remove("format");
    }
    keywords.remove("default");
    close(keywords);
    for (keyword, value) in keywords.iter_mut() {
        match keyword.as_str() {
            "properties" | "$defs" => {
                value.as_object_mut().into_iter().flat_map(Map::values_mut).for_each(tighten);
            }
            "anyOf" | "allOf" | "prefixItems" => value.as_array_mut().into_iter().flatten().for_each(tighten),
            "items" | "additionalProperties" => tighten(value),
            _ => {}
        }
    }
}

const NUMBER_FORMATS: [&str; 14] = [
    "int8", "int16", "int32", "int64", "int128", "int", "uint8", "uint16", "uint32", "uint64", "uint128",
    "uint", "float", "double",
];

fn close(keywords: &mut Map<String, Value>) {
    let Some(Value::Object(properties)) = keywords.get("properties") else { return };
    let names = properties.keys().cloned().map(Value::String).collect();
    keywords.insert("required".to_owned(), Value::Array(names));
    keywords.entry("additionalProperties").or_insert(Value::Bool(false));
}

#[cfg(test)]
mod tests {
    use schemars::{JsonSchema, schema_for};
    use serde_json::json;

    use super::*;

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Report {
        title: String,
        lines: Option<u32>,
        #[serde(default)]
        parts: Vec<Part>,
    }

    #[derive(JsonSchema)]
    #[serde(tag = "kind")]
    #[expect(dead_code, reason = "only its schema is looked at")]
    enum Part {
        Text { text: String },
        Count { of: f64 },
    }

    #[test]
    fn objects_are_closed_and_all_properties_required() {
        let schema = strict(schema_for!(Report).to_value());
        assert_eq!(
            schema,
            json!({
                "title": "Report",
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "title": { "type": "string" },
                    "lines": { "type": ["integer", "null"], "minimum": 0 },
                    "parts": { "type": "array", "items": { "$ref": "#/$defs/Part" } },
                },
                "required": ["lines", "parts", "title"],
                "$defs": { "Part": { "anyOf": [
                    {
                        "type": "object",
                        "additionalProperties": false,
                        "properties": {
                            "text": { "type": "string" },
                            "kind": { "type": "string", "const": "Text" },
                        },
                        "required": ["kind", "text"],
                    },
                    {
                        "type": "object",
                        "additionalProperties": false,
                        "properties": {
                            "of": { "type": "number" },
                            "kind": { "type": "string", "const": "Count" },
                        },
                        "required": ["kind", "of"],
                    },
                ] } },
            })
        );
    }
}
