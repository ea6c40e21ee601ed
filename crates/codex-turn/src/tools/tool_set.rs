//! [`ToolSet`]: the tools of a turn, and the bounds that their calls have.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::hint::Hint;
use super::host_tool::{HostTool, ToolAnnotations};

/// The tools of a turn, and the bounds that their calls have: cheap to clone, and inert until a turn starts.
///
/// Each turn that is given a set serves it while it runs: on 127.0.0.1, on a port of its own, to the one Codex
/// that it starts, which alone has the token for it. See the [crate documentation](crate#host-tools).
///
/// ```no_run
/// use codex_turn::{Codex, ThreadOptions, ToolSet, tool};
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct Order {
///     /// The number on the invoice.
///     number: u64,
/// }
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let status = tool("order_status", "Says where an order is.", |order: Order| async move {
///     if order.number == 7 { Ok("on its way") } else { Err(format!("there is no order {}", order.number)) }
/// });
/// let tools = ToolSet::builder().tool(status).build()?;
/// let thread = Codex::builder().build()?.start_thread(ThreadOptions::new("/my/shop").tools(tools));
/// let result = thread.run("where is order 7?").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "tools do nothing until a thread, a turn or a run is given them"]
pub struct ToolSet(Arc<Tools>);

pub(super) struct Tools {
    pub(super) server_name: String,
    pub(super) all: Vec<OneTool>,
    pub(super) max_concurrent_calls: usize,
    pub(super) time_limit: Duration,
    pub(super) result_limit_bytes: usize,
    pub(super) hint: Hint,
}

/// A tool with what it said of itself, asked once.
pub(super) struct OneTool {
    pub(super) tool: Arc<dyn HostTool>,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) schema: Map<String, Value>,
    pub(super) annotations: ToolAnnotations,
}

impl ToolSet {
    /// The name of a set, unless said otherwise.
    pub const SERVER_NAME: &str = "host";
    /// How many calls run at once, unless said otherwise.
    pub const MAX_CONCURRENT_CALLS: usize = 16;
    /// How long a call may take, unless said otherwise.
    pub const TIME_LIMIT: Duration = Duration::from_mins(1);
    /// How long a call may take at most.
    pub const LONGEST_TIME_LIMIT: Duration = Duration::from_hours(24 * 365);
    /// How large a result may be, unless said otherwise.
    pub const RESULT_LIMIT_BYTES: usize = 1024 * 1024;
    /// How long the longest name may be: the service takes no longer ones for a function, and releases of Codex
    /// that have no namespaces make one of `mcp__SET__TOOL`.
    pub const NAME_LIMIT_CHARACTERS: usize = 64;

    /// Starts to put a set together.
    pub fn builder() -> ToolSetBuilder {
        ToolSetBuilder::new()
    }

    /// The name of the set.
    pub fn server_name(&self) -> &str {
        &self.0.server_name
    }

    /// The names of the tools, in the order in which they were added.
    pub fn names(&self) -> Vec<&str> {
        self.0.all.iter().map(|one| one.name.as_str()).collect()
    }

    pub(super) fn tools(&self) -> &Arc<Tools> {
        &self.0
    }
}

impl fmt::Debug for ToolSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolSet")
            .field("server_name", &self.0.server_name)
            .field("tools", &self.names())
            .finish_non_exhaustive()
    }
}

/// Puts a [`ToolSet`] together.
///
/// ```
/// use codex_turn::{NoArguments, ToolSet, ToolSetError, tool};
/// use std::time::Duration;
///
/// let now = || tool("now", "Tells the time.", |_: NoArguments| async { "noon" });
/// let tools = ToolSet::builder().tool(now()).time_limit(Duration::from_secs(5)).build()?;
/// assert_eq!(tools.names(), ["now"]);
///
/// let twice = ToolSet::builder().tool(now()).tool(now()).build();
/// assert!(matches!(twice, Err(ToolSetError::NameTwice { .. })));
/// # Ok::<(), ToolSetError>(())
/// ```
#[must_use = "a builder does nothing until it is built"]
pub struct ToolSetBuilder(Tools, Vec<Arc<dyn HostTool>>);

impl ToolSetBuilder {
    fn new() -> Self {
        let tools = Tools {
            server_name: ToolSet::SERVER_NAME.to_owned(),
            all: Vec::new(),
            max_concurrent_calls: ToolSet::MAX_CONCURRENT_CALLS,
            time_limit: ToolSet::TIME_LIMIT,
            result_limit_bytes: ToolSet::RESULT_LIMIT_BYTES,
            hint: Hint::Shown,
        };
        Self(tools, Vec::new())
    }

    /// Adds a tool.
    pub fn tool(mut self, tool: impl HostTool + 'static) -> Self {
        self.1.push(Arc::new(tool));
        self
    }

    /// Names the set; [`SERVER_NAME`](ToolSet::SERVER_NAME) by default. The items of a turn have it as the
    /// server's name. Two sets of one turn need two names. A server that the user's configuration has under the
    /// same name is not there in such a turn if it is reached by HTTP; with one that Codex starts, the turn does not
    /// start.
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.0.server_name = name.into();
        self
    }

    /// Limits how many calls run at once; [`MAX_CONCURRENT_CALLS`](ToolSet::MAX_CONCURRENT_CALLS) by default.
    /// Others wait, and their time runs.
    pub fn max_concurrent_calls(mut self, calls: usize) -> Self {
        self.0.max_concurrent_calls = calls;
        self
    }

    /// Limits each call; [`TIME_LIMIT`](ToolSet::TIME_LIMIT) by default. The model is told when it passes. Whatever
    /// is longer counts as [`LONGEST_TIME_LIMIT`](ToolSet::LONGEST_TIME_LIMIT).
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.0.time_limit = limit.min(ToolSet::LONGEST_TIME_LIMIT);
        self
    }

    /// Limits the result of a call, pictures as they are encoded;
    /// [`RESULT_LIMIT_BYTES`](ToolSet::RESULT_LIMIT_BYTES) by default. Of a larger one the rest is left out, and
    /// the model is told.
    pub fn result_limit_bytes(mut self, bytes: usize) -> Self {
        self.0.result_limit_bytes = bytes;
        self
    }

    /// Leaves out the hint that there are these tools. Models that Codex's catalogue knows must search for
    /// tools before they see any; what makes them do so is then up to the prompt.
    pub fn without_hint(mut self) -> Self {
        self.0.hint = Hint::LeftOut;
        self
    }

    /// Builds the set.
    ///
    /// # Errors
    ///
    /// A name, a schema or a limit that cannot be.
    pub fn build(self) -> Result<ToolSet, ToolSetError> {
        let Self(mut set, tools) = self;
        name("the set of tools", &set.server_name)?;
        for (limit, is_zero) in [
            ("calls at once", set.max_concurrent_calls == 0),
            ("time of a call", set.time_limit.is_zero()),
            ("bytes of a result", set.result_limit_bytes == 0),
        ] {
            if is_zero {
                return Err(ToolSetError::ZeroLimit { limit });
            }
        }
        let mut seen = BTreeSet::new();
        for tool in tools {
            let one = OneTool::ask(tool)?;
            let characters = format!("mcp__{}__{}", set.server_name, one.name).len();
            if characters > ToolSet::NAME_LIMIT_CHARACTERS {
                return Err(ToolSetError::LongName { name: one.name, characters });
            }
            if !seen.insert(one.name.clone()) {
                return Err(ToolSetError::NameTwice { name: one.name });
            }
            set.all.push(one);
        }
        if set.all.is_empty() {
            return Err(ToolSetError::NoTools);
        }
        Ok(ToolSet(Arc::new(set)))
    }
}

impl OneTool {
    fn ask(tool: Arc<dyn HostTool>) -> Result<Self, ToolSetError> {
        let name_of_tool = tool.name().to_owned();
        name("a tool", &name_of_tool)?;
        let Value::Object(schema) = tool.schema() else {
            return Err(ToolSetError::SchemaNotObject { name: name_of_tool });
        };
        if schema.get("type").is_none_or(|kind| kind != "object") {
            return Err(ToolSetError::SchemaNotObject { name: name_of_tool });
        }
        let description = tool.description().to_owned();
        let annotations = tool.annotations();
        Ok(Self { tool, name: name_of_tool, description, schema, annotations })
    }
}

fn name(of: &'static str, name: &str) -> Result<(), ToolSetError> {
    // A `-` Codex would show the model as `_`.
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !name.is_empty() && name.bytes().all(fits) {
        return Ok(());
    }
    Err(ToolSetError::Name { of, name: name.to_owned() })
}

impl fmt::Debug for ToolSetBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.1.iter().map(HostTool::name).collect();
        f.debug_struct("ToolSetBuilder").field("tools", &names).finish_non_exhaustive()
    }
}

/// Why tools are no [`ToolSet`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ToolSetError {
    /// There is no tool in it.
    #[error("a set of tools has at least one tool")]
    NoTools,
    /// A name is empty, or has characters that Codex would replace.
    #[error("{name:?} cannot name {of}: use letters, digits and `_`")]
    #[non_exhaustive]
    Name {
        /// What it was to name.
        of: &'static str,
        /// The name.
        name: String,
    },
    /// A name is too long, with that of the set.
    #[error(
        "the tool {name:?} has a name of {characters} characters with that of its set, and the limit is {}",
        ToolSet::NAME_LIMIT_CHARACTERS
    )]
    #[non_exhaustive]
    LongName {
        /// The name of the tool.
        name: String,
        /// How many characters it comes to.
        characters: usize,
    },
    /// Two tools have one name.
    #[error("two tools have the name {name:?}")]
    #[non_exhaustive]
    NameTwice {
        /// The name.
        name: String,
    },
    /// The schema of a tool's arguments is not that of an object.
    #[error("the schema of the tool {name:?} is not that of an object: make its arguments a struct")]
    #[non_exhaustive]
    SchemaNotObject {
        /// The name of the tool.
        name: String,
    },
    /// A limit is zero.
    #[error("the limit of the {limit} is zero")]
    #[non_exhaustive]
    ZeroLimit {
        /// What is limited.
        limit: &'static str,
    },
}
