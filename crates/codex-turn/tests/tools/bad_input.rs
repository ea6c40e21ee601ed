//! Sets of tools that cannot be.

use std::time::Duration;

use codex_turn::{
    HostTool, NoArguments, ToolContext, ToolFailure, ToolOutput, ToolSet, ToolSetBuilder, tool,
};
use rstest::rstest;
use serde_json::{Value, json};

struct Described(&'static str, &'static str, Value);

#[async_trait::async_trait]
impl HostTool for Described {
    fn name(&self) -> &str {
        self.0
    }
    fn description(&self) -> &str {
        self.1
    }
    fn schema(&self) -> Value {
        self.2.clone()
    }
    async fn call(&self, _: Value, _: ToolContext) -> Result<ToolOutput, ToolFailure> {
        Ok(ToolOutput::empty())
    }
}

fn named(name: &'static str) -> Described {
    Described(name, "Is described.", json!({ "type": "object" }))
}

fn one() -> ToolSetBuilder {
    ToolSet::builder().tool(named("one"))
}

#[rstest]
#[case::no_tool(ToolSet::builder(), "a set of tools has at least one tool")]
#[case::no_name(ToolSet::builder().tool(named("")), "\"\" cannot name a tool: use letters, digits and `_`")]
#[case::a_dot(ToolSet::builder().tool(named("a.b")), "\"a.b\" cannot name a tool: use letters, digits and `_`")]
#[case::a_dash(ToolSet::builder().tool(named("a-b")), "\"a-b\" cannot name a tool: use letters, digits and `_`")]
#[case::a_set(one().server_name("my tools"), "\"my tools\" cannot name the set of tools: use letters, digits and `_`")]
#[case::twice(one().tool(named("two")).tool(named("one")), "two tools have the name \"one\"")]
#[case::long(
    ToolSet::builder().server_name("shop").tool(named("a_name_that_goes_on_and_on_until_nobody_can_remember_it")),
    "the tool \"a_name_that_goes_on_and_on_until_nobody_can_remember_it\" has a name of 66 characters with that of \
     its set, and the limit is 64"
)]
#[case::a_schema_of_a_text(
    ToolSet::builder().tool(Described("one", "Is described.", json!({ "type": "string" }))),
    "the schema of the tool \"one\" is not that of an object: make its arguments a struct"
)]
#[case::a_schema_that_is_none(
    ToolSet::builder().tool(Described("one", "Is described.", json!(true))),
    "the schema of the tool \"one\" is not that of an object: make its arguments a struct"
)]
#[case::arguments_that_are_a_number(
    ToolSet::builder().tool(tool("one", "Counts.", |n: u32| async move { n.to_string() })),
    "the schema of the tool \"one\" is not that of an object: make its arguments a struct"
)]
#[case::no_calls(one().max_concurrent_calls(0), "the limit of the calls at once is zero")]
#[case::no_time(one().time_limit(Duration::ZERO), "the limit of the time of a call is zero")]
#[case::no_bytes(one().result_limit_bytes(0), "the limit of the bytes of a result is zero")]
fn a_set_that_cannot_be_is_refused(#[case] builder: ToolSetBuilder, #[case] message: &str) {
    assert_eq!(builder.build().unwrap_err().to_string(), message);
}

#[test]
fn a_set_says_what_is_in_it() {
    let tools =
        one().tool(tool("two", "Is two.", |_: NoArguments| async {})).server_name("shop").build().unwrap();
    assert_eq!((tools.server_name(), tools.names()), ("shop", vec!["one", "two"]));
    assert_eq!(format!("{tools:?}"), r#"ToolSet { server_name: "shop", tools: ["one", "two"], .. }"#);
}
