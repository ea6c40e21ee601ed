//! Tests: what is spelled is read back as the same value.

use proptest::prelude::*;
use rstest::rstest;

use super::*;

/// Reads a value the way Codex does: as the right side of an assignment, in TOML.
fn read_back(value: &ConfigValue) -> ConfigValue {
    let text = format!("value={}", value.to_toml());
    let mut table: toml::Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    from_toml(table.remove("value").unwrap())
}

fn from_toml(value: toml::Value) -> ConfigValue {
    match value {
        toml::Value::String(text) => ConfigValue::String(text),
        toml::Value::Integer(number) => ConfigValue::Integer(number),
        toml::Value::Float(number) => ConfigValue::Float(number),
        toml::Value::Boolean(value) => ConfigValue::Bool(value),
        toml::Value::Array(values) => ConfigValue::Array(values.into_iter().map(from_toml).collect()),
        toml::Value::Table(table) => {
            ConfigValue::table(table.into_iter().map(|(name, value)| (name, from_toml(value))))
        }
        toml::Value::Datetime(_) => panic!("nothing here is a time"),
    }
}

#[rstest]
#[case::plain("high".into(), r#""high""#)]
#[case::looks_like_a_number("123".into(), r#""123""#)]
#[case::quotes_and_backslashes(r#"a"b\c/d"#.into(), r#""a\"b\\c/d""#)]
#[case::short_escapes("\u{8}\t\n\u{c}\r".into(), r#""\b\t\n\f\r""#)]
#[case::other_control_characters("\0\u{1b}\u{7f}".into(), r#""\u0000\u001B\u007F""#)]
#[case::beyond_the_basic_plane("ä😀\u{2028}".into(), "\"ä😀\u{2028}\"")]
#[case::hash_is_no_comment("a # b".into(), r#""a # b""#)]
#[case::negative((-7).into(), "-7")]
#[case::a_whole_float_stays_one(1.0.into(), "1.0")]
#[case::infinite(f64::NEG_INFINITY.into(), "-inf")]
#[case::not_a_number(f64::NAN.into(), "nan")]
#[case::boolean(true.into(), "true")]
#[case::array(vec![ConfigValue::from(1), "x".into(), Vec::<bool>::new().into()].into(), r#"[1,"x",[]]"#)]
#[case::a_name_with_a_dot_is_quoted(
    ConfigValue::table([("a.b", ConfigValue::from(1)), ("c-d_1", false.into())]),
    r#"{"a.b"=1,c-d_1=false}"#
)]
#[case::verbatim(ConfigValue::Verbatim("[ 1 ] # as typed".to_owned()), "[ 1 ] # as typed")]
fn a_value_is_spelled(#[case] value: ConfigValue, #[case] toml: &str) {
    assert_eq!(value.to_toml(), toml);
}

#[test]
fn a_key_is_written_as_it_is() {
    assert_eq!(setting("a.b c.d", &"e".into()), r#"a.b c.d="e""#);
}

fn value() -> impl Strategy<Value = ConfigValue> {
    let leaf = prop_oneof![
        any::<String>().prop_map(ConfigValue::String),
        // Weighted towards what needs an escape.
        "[\\x00-\\x20\"'\\\\#=\\x7f-\\x9f\u{2028}\u{feff}]{0,8}".prop_map(ConfigValue::String),
        any::<i64>().prop_map(ConfigValue::Integer),
        (proptest::num::f64::NORMAL | proptest::num::f64::INFINITE | proptest::num::f64::ZERO)
            .prop_map(ConfigValue::Float),
        any::<bool>().prop_map(ConfigValue::Bool),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(ConfigValue::Array),
            proptest::collection::btree_map(any::<String>(), inner, 0..4).prop_map(ConfigValue::Table),
        ]
    })
}

proptest! {
    #[test]
    fn every_value_is_read_back_as_itself(value in value()) {
        prop_assert_eq!(read_back(&value), value);
    }

    #[test]
    fn every_value_stands_on_one_line(value in value()) {
        prop_assert!(!value.to_toml().contains(['\n', '\r', '\0']));
    }
}
