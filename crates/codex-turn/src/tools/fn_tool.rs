//! [`FnTool`]: a tool made of a closure.

use std::fmt;
use std::marker::PhantomData;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::host_tool::{HostTool, ToolAnnotations, ToolContext};
use super::output::{IntoToolOutput, ToolFailure, ToolOutput};

/// Makes a tool of a closure; the schema of its arguments is that of their type.
///
/// The doc comments of the type and of its fields are in the schema, where the model reads them.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use codex_turn::{HostTool, ToolCall, ToolContext, ToolOutput, tool};
/// use serde_json::json;
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct Add {
///     /// The first number.
///     a: i64,
///     b: i64,
/// }
///
/// let add = tool("add", "Adds two numbers.", |Add { a, b }: Add| async move {
///     a.checked_add(b).map(|sum| sum.to_string()).ok_or("the sum is too large")
/// });
/// assert_eq!(add.schema()["properties"]["a"]["description"], "The first number.");
///
/// let context = ToolContext::new(ToolCall::new("host", "add", json!({ "a": 1, "b": 2 })));
/// assert_eq!(add.call(json!({ "a": 1, "b": 2 }), context).await, Ok(ToolOutput::text("3")));
/// # }
/// ```
pub fn tool<T, F, Fut>(name: impl Into<String>, description: impl Into<String>, function: F) -> FnTool<T, F>
where
    T: DeserializeOwned + JsonSchema + Send + 'static,
    F: Fn(T) -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: IntoToolOutput + Send + 'static,
{
    FnTool {
        name: name.into(),
        description: description.into(),
        annotations: ToolAnnotations::default(),
        function,
        arguments: PhantomData,
    }
}

/// A tool made of a closure: see [`tool`].
#[must_use = "a tool does nothing until it is part of a set"]
pub struct FnTool<T, F> {
    name: String,
    description: String,
    annotations: ToolAnnotations,
    function: F,
    arguments: PhantomData<fn(T)>,
}

impl<T, F> FnTool<T, F> {
    /// Says what the tool does to the world.
    pub fn annotations(mut self, annotations: ToolAnnotations) -> Self {
        self.annotations = annotations;
        self
    }
}

/// No arguments, for a tool that takes none.
///
/// ```
/// use codex_turn::{HostTool, NoArguments, tool};
///
/// let ping = tool("ping", "Answers.", |_: NoArguments| async { "pong" });
/// assert_eq!(ping.schema()["type"], "object");
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct NoArguments {}

#[async_trait]
impl<T, F, Fut> HostTool for FnTool<T, F>
where
    T: DeserializeOwned + JsonSchema + Send + 'static,
    F: Fn(T) -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: IntoToolOutput + Send + 'static,
{
    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> &str {
        &self.description
    }

    fn schema(&self) -> Value {
        schemars::schema_for!(T).to_value()
    }

    fn annotations(&self) -> ToolAnnotations {
        self.annotations.clone()
    }

    async fn call(&self, arguments: Value, _: ToolContext) -> Result<ToolOutput, ToolFailure> {
        let arguments = serde_json::from_value(arguments).map_err(|error| {
            ToolFailure::new(format!("the arguments do not fit the schema of the tool: {error}"))
        })?;
        (self.function)(arguments).await.into_tool_output()
    }
}

impl<T, F> fmt::Debug for FnTool<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FnTool").field("name", &self.name).finish_non_exhaustive()
    }
}
