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
/// The doc comments of the type and of its fields are in the schema, where the model reads them. The closure takes the
/// arguments alone, or the arguments and a [`ToolContext`], which has the number of the call and a token for its
/// cancellation.
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
/// assert_eq!(add.call(json!({ "a": 1, "b": 2 }), context.clone()).await, Ok(ToolOutput::text("3")));
///
/// let count = tool("count", "Tells which call this is.", |_: Add, context: ToolContext| async move {
///     context.call.number.to_string()
/// });
/// assert_eq!(count.call(json!({ "a": 1, "b": 2 }), context).await, Ok(ToolOutput::text("0")));
/// # }
/// ```
pub fn tool<P, F: ToolFunction<P>>(
    name: impl Into<String>,
    description: impl Into<String>,
    function: F,
) -> FnTool<P, F> {
    FnTool {
        name: name.into(),
        description: description.into(),
        annotations: ToolAnnotations::default(),
        function,
        parameters: PhantomData,
    }
}

/// A closure that can be a tool: it takes arguments of a type with a schema, or these and a [`ToolContext`], and returns a
/// future of what can be a [`ToolOutput`].
///
/// `P` are the types of its parameters as a tuple. It is implemented for all such closures and needs no implementation of the
/// caller's: a tool with a state of its own implements [`HostTool`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a function that can be a tool",
    note = "it takes arguments that implement `Deserialize` and `JsonSchema`, or these and a `ToolContext`",
    note = "it returns a future of a `String`, a `ToolOutput`, a `ToolJson`, or a `Result` of one"
)]
pub trait ToolFunction<P>: Send + Sync + 'static {
    /// The arguments, as the model gives them.
    type Arguments: DeserializeOwned + JsonSchema + Send + 'static;

    /// Calls the function.
    fn call(
        &self,
        arguments: Self::Arguments,
        context: ToolContext,
    ) -> impl Future<Output = Result<ToolOutput, ToolFailure>> + Send;
}

impl<T, F, Fut> ToolFunction<(T,)> for F
where
    T: DeserializeOwned + JsonSchema + Send + 'static,
    F: Fn(T) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoToolOutput + Send + 'static> + Send + 'static,
{
    type Arguments = T;

    async fn call(&self, arguments: T, _: ToolContext) -> Result<ToolOutput, ToolFailure> {
        self(arguments).await.into_tool_output()
    }
}

impl<T, F, Fut> ToolFunction<(T, ToolContext)> for F
where
    T: DeserializeOwned + JsonSchema + Send + 'static,
    F: Fn(T, ToolContext) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoToolOutput + Send + 'static> + Send + 'static,
{
    type Arguments = T;

    async fn call(&self, arguments: T, context: ToolContext) -> Result<ToolOutput, ToolFailure> {
        self(arguments, context).await.into_tool_output()
    }
}

/// A tool made of a closure: see [`tool`].
#[must_use = "a tool does nothing until it is part of a set"]
pub struct FnTool<P, F> {
    name: String,
    description: String,
    annotations: ToolAnnotations,
    function: F,
    parameters: PhantomData<fn(P)>,
}

impl<P, F> FnTool<P, F> {
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
impl<P: 'static, F: ToolFunction<P>> HostTool for FnTool<P, F> {
    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> &str {
        &self.description
    }

    fn schema(&self) -> Value {
        schemars::schema_for!(F::Arguments).to_value()
    }

    fn annotations(&self) -> ToolAnnotations {
        self.annotations.clone()
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<ToolOutput, ToolFailure> {
        let arguments = serde_json::from_value(arguments).map_err(|error| {
            ToolFailure::new(format!("the arguments do not fit the schema of the tool: {error}"))
        })?;
        self.function.call(arguments, context).await
    }
}

impl<P, F> fmt::Debug for FnTool<P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FnTool").field("name", &self.name).finish_non_exhaustive()
    }
}
