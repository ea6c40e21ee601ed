//! [`HostTool`]: a function of the caller that the agent can call.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::event::ToolCall;
use super::output::{ToolFailure, ToolOutput};

/// A function of the caller that the agent can call while a turn runs.
///
/// [`tool`](crate::tool) makes one of a closure; implement the trait where the schema is only known at run
/// time, or where the tool has a state of its own.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use codex_turn::{HostTool, ToolContext, ToolFailure, ToolOutput, ToolSet};
/// use serde_json::{Value, json};
///
/// /// Answers with what it was asked.
/// struct Echo;
///
/// #[async_trait::async_trait]
/// impl HostTool for Echo {
///     fn name(&self) -> &str {
///         "echo"
///     }
///     fn description(&self) -> &str {
///         "Says a word again."
///     }
///     fn schema(&self) -> Value {
///         json!({ "type": "object", "properties": { "word": { "type": "string" } }, "required": ["word"] })
///     }
///     async fn call(&self, arguments: Value, _: ToolContext) -> Result<ToolOutput, ToolFailure> {
///         let word = arguments["word"].as_str().ok_or_else(|| ToolFailure::new("there is no word"))?;
///         Ok(ToolOutput::text(word))
///     }
/// }
///
/// let tools = ToolSet::builder().tool(Echo).build()?;
/// assert_eq!(tools.names(), ["echo"]);
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait HostTool: Send + Sync {
    /// The name: letters, digits and `_`.
    fn name(&self) -> &str;

    /// What the tool does and when to use it, for the model.
    fn description(&self) -> &str;

    /// The JSON schema of the arguments: an object.
    fn schema(&self) -> Value;

    /// What the tool says of itself; nothing by default.
    fn annotations(&self) -> ToolAnnotations {
        ToolAnnotations::default()
    }

    /// Does what is asked.
    ///
    /// The arguments are an object as the model wrote it: Codex does not hold it to the schema. A failure
    /// reaches the model as a text, and so does a panic.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped at its next wait when its time is over, and when the call or the turn is
    /// cancelled. It runs as a task of its own: one that blocks its thread ends when it returns.
    async fn call(&self, arguments: Value, context: ToolContext) -> Result<ToolOutput, ToolFailure>;
}

#[async_trait]
impl<T: HostTool + ?Sized> HostTool for Arc<T> {
    fn name(&self) -> &str {
        T::name(self)
    }

    fn description(&self) -> &str {
        T::description(self)
    }

    fn schema(&self) -> Value {
        T::schema(self)
    }

    fn annotations(&self) -> ToolAnnotations {
        T::annotations(self)
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<ToolOutput, ToolFailure> {
        T::call(self, arguments, context).await
    }
}

#[async_trait]
impl<T: HostTool + ?Sized> HostTool for Box<T> {
    fn name(&self) -> &str {
        T::name(self)
    }

    fn description(&self) -> &str {
        T::description(self)
    }

    fn schema(&self) -> Value {
        T::schema(self)
    }

    fn annotations(&self) -> ToolAnnotations {
        T::annotations(self)
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<ToolOutput, ToolFailure> {
        T::call(self, arguments, context).await
    }
}

/// Says what a tool does to the world; hints, which decide nothing here: each tool of a set may be called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToolAnnotations {
    /// A name for people.
    pub title: Option<String>,
    /// It changes nothing.
    pub read_only: Option<bool>,
    /// It may destroy something.
    pub destructive: Option<bool>,
    /// To call it twice is as to call it once.
    pub idempotent: Option<bool>,
    /// It reaches out of this machine.
    pub open_world: Option<bool>,
}

impl ToolAnnotations {
    /// Says that the tool changes nothing.
    pub fn read_only() -> Self {
        Self { read_only: Some(true), ..Self::default() }
    }
}

/// What a tool may know of the call that it is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ToolContext {
    /// The call.
    pub call: Arc<ToolCall>,
    /// Cancelled with the call, for work that continues elsewhere when the future is dropped.
    pub cancel: CancellationToken,
}

impl ToolContext {
    /// Makes a context, as tests of a tool need it.
    pub fn new(call: ToolCall) -> Self {
        Self { call: Arc::new(call), cancel: CancellationToken::new() }
    }
}
