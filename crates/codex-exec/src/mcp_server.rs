//! [`McpServer`]: an MCP server whose tools one Codex process may call.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::{ConfigValue, Secret};

/// Describes an MCP server and how Codex is to treat its tools.
///
/// It is [required](McpServer::optional) unless said otherwise: Codex passes over a server that does not
/// start without a word, and does not wait for a slow one. A required one is switched on also where the user's
/// configuration has switched off a server of its name; what else that says under the name holds unless it is said here.
///
/// ```
/// use codex_exec::{Invocation, McpServer, ToolApproval};
///
/// let server = McpServer::http("host", "http://127.0.0.1:4040/mcp")
///     .bearer_token("HOST_TOKEN", "s3cr3t")
///     .approval(ToolApproval::Approve);
/// let invocation = Invocation::new("use the tools").mcp_server(server);
/// assert!(!format!("{invocation:?}").contains("s3cr3t"));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a server does nothing until it is given to an invocation"]
pub struct McpServer {
    name: String,
    transport: McpTransport,
    approval: Option<ToolApproval>,
    approved_tools: BTreeSet<String>,
    presence: ServerPresence,
    calls: CallMode,
    route: ServerRoute,
    tool_timeout: Option<Duration>,
    startup_timeout: Option<Duration>,
    enabled_tools: Option<Vec<String>>,
    settings: BTreeMap<String, ConfigValue>,
}

/// Says how Codex reaches an MCP server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum McpTransport {
    /// Streamable HTTP, to a server that runs already.
    #[non_exhaustive]
    Http {
        /// Where it listens.
        url: String,
        /// The variable that carries the bearer token, and the token.
        bearer_token: Option<(String, Secret)>,
    },
    /// A process that Codex starts, outside the sandbox, and talks to by its standard input and output.
    #[non_exhaustive]
    Stdio {
        /// The program.
        command: String,
        /// Its arguments.
        args: Vec<String>,
        /// Variables it gets; they are part of Codex's arguments and thus visible to the whole machine.
        env: BTreeMap<String, String>,
        /// Variables it gets by way of Codex's own environment.
        secrets: BTreeMap<String, Secret>,
    },
}

/// Says whether the tools of a server run without being approved, which nobody can do while `exec` runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToolApproval {
    /// Codex decides by the tool's annotations; outside full access a tool without any fails.
    Auto,
    /// Every tool runs.
    Approve,
}

impl ToolApproval {
    fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Approve => "approve",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ServerPresence {
    Required,
    Optional,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CallMode {
    AsCodexDecides,
    AtOnce,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ServerRoute {
    AsTheEnvironmentSays,
    Direct,
}

impl McpServer {
    /// Describes a server that listens at `url` for streamable HTTP.
    pub fn http(name: impl Into<String>, url: impl Into<String>) -> Self {
        Self::new(name, McpTransport::Http { url: url.into(), bearer_token: None })
    }

    /// Describes a server that Codex is to start.
    pub fn stdio<A: Into<String>>(
        name: impl Into<String>,
        command: impl Into<String>,
        args: impl IntoIterator<Item = A>,
    ) -> Self {
        let transport = McpTransport::Stdio {
            command: command.into(),
            args: args.into_iter().map(Into::into).collect(),
            env: BTreeMap::new(),
            secrets: BTreeMap::new(),
        };
        Self::new(name, transport)
    }

    fn new(name: impl Into<String>, transport: McpTransport) -> Self {
        Self {
            name: name.into(),
            transport,
            approval: None,
            approved_tools: BTreeSet::new(),
            presence: ServerPresence::Required,
            calls: CallMode::AsCodexDecides,
            route: ServerRoute::AsTheEnvironmentSays,
            tool_timeout: None,
            startup_timeout: None,
            enabled_tools: None,
            settings: BTreeMap::new(),
        }
    }

    /// Makes Codex send `Authorization: Bearer TOKEN`, taken from the variable `variable`, which the commands
    /// of the agent see empty. A server that is reached otherwise has no use for it.
    pub fn bearer_token(mut self, variable: impl Into<String>, token: impl Into<Secret>) -> Self {
        if let McpTransport::Http { bearer_token, .. } = &mut self.transport {
            *bearer_token = Some((variable.into(), token.into()));
        }
        self
    }

    /// Gives a started server a variable, in the open. A server that listens already has no use for it.
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let McpTransport::Stdio { env, .. } = &mut self.transport {
            env.insert(name.into(), value.into());
        }
        self
    }

    /// Gives a started server a variable that is no argument and that the agent's commands see empty.
    pub fn secret_env(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        if let McpTransport::Stdio { secrets, .. } = &mut self.transport {
            secrets.insert(name.into(), value.into());
        }
        self
    }

    /// Says whether its tools need approval; unset, Codex's configuration decides.
    pub fn approval(mut self, approval: ToolApproval) -> Self {
        self.approval = Some(approval);
        self
    }

    /// Lets these tools run, whatever they say of themselves: releases before 0.142 have no [approval] for a whole
    /// server. A name with a dot cannot be said to Codex this way.
    ///
    /// [approval]: McpServer::approval
    pub fn approved_tools<T: Into<String>>(mut self, tools: impl IntoIterator<Item = T>) -> Self {
        self.approved_tools.extend(tools.into_iter().map(Into::into));
        self
    }

    /// Lets the turn go on where the server does not start; the model then just lacks its tools.
    pub fn optional(mut self) -> Self {
        self.presence = ServerPresence::Optional;
        self
    }

    /// Lets the calls that the model makes together run at the same time. Otherwise Codex runs them one after the
    /// other, but for tools that say that they change nothing. Old releases pass over it.
    pub fn calls_at_once(mut self) -> Self {
        self.calls = CallMode::AtOnce;
        self
    }

    /// Makes Codex reach the server without the proxy that its environment may name, which could not reach a port
    /// of this machine and would see the token. The host is added to `NO_PROXY`, for the agent's commands too.
    pub fn without_proxy(mut self) -> Self {
        self.route = ServerRoute::Direct;
        self
    }

    /// Limits one call of a tool; Codex counts whole and broken seconds.
    pub fn tool_timeout(mut self, limit: Duration) -> Self {
        self.tool_timeout = Some(limit);
        self
    }

    /// Limits the start of the server.
    pub fn startup_timeout(mut self, limit: Duration) -> Self {
        self.startup_timeout = Some(limit);
        self
    }

    /// Shows the model these tools alone.
    pub fn enabled_tools<T: Into<String>>(mut self, tools: impl IntoIterator<Item = T>) -> Self {
        self.enabled_tools = Some(tools.into_iter().map(Into::into).collect());
        self
    }

    /// Adds a setting of Codex's `mcp_servers` table that has no method here.
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<ConfigValue>) -> Self {
        self.settings.insert(name.into(), value.into());
        self
    }

    /// The name under which its tools appear.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it is reached.
    pub fn transport(&self) -> &McpTransport {
        &self.transport
    }

    /// The variables that carry its secrets.
    pub(crate) fn secrets(&self) -> Vec<(&str, &Secret)> {
        match &self.transport {
            McpTransport::Http { bearer_token, .. } => {
                bearer_token.iter().map(|(name, secret)| (name.as_str(), secret)).collect()
            }
            McpTransport::Stdio { secrets, .. } => {
                secrets.iter().map(|(name, secret)| (name.as_str(), secret)).collect()
            }
        }
    }

    /// The host that is reached without a proxy.
    pub(crate) fn unproxied(&self) -> Option<&str> {
        let McpTransport::Http { url, .. } = &self.transport else { return None };
        let authority = url.split_once("://")?.1.split(['/', '?', '#']).next()?;
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => authority,
        };
        (self.route == ServerRoute::Direct).then_some(host.trim_matches(['[', ']']))
    }

    /// Its settings below `mcp_servers.NAME`, in a fixed order.
    pub(crate) fn config(&self) -> Vec<(String, ConfigValue)> {
        let mut config = Vec::new();
        let mut put = |name: &str, value: ConfigValue| config.push((name.to_owned(), value));
        match &self.transport {
            McpTransport::Http { url, bearer_token } => {
                put("url", url.as_str().into());
                if let Some((variable, _)) = bearer_token {
                    put("bearer_token_env_var", variable.as_str().into());
                }
            }
            McpTransport::Stdio { command, args, env, secrets } => {
                put("command", command.as_str().into());
                put("args", args.clone().into());
                if !env.is_empty() {
                    put("env", ConfigValue::table(env.clone()));
                }
                if !secrets.is_empty() {
                    put("env_vars", secrets.keys().cloned().collect::<Vec<_>>().into());
                }
            }
        }
        if let Some(approval) = self.approval {
            put("default_tools_approval_mode", approval.word().into());
        }
        for tool in &self.approved_tools {
            put(&format!("tools.{tool}.approval_mode"), ToolApproval::Approve.word().into());
        }
        put("required", (self.presence == ServerPresence::Required).into());
        if self.presence == ServerPresence::Required {
            // One that the user's configuration has under this name and has switched off is missing without a word.
            put("enabled", true.into());
        }
        if self.calls == CallMode::AtOnce {
            put("supports_parallel_tool_calls", true.into());
        }
        if let Some(limit) = self.startup_timeout {
            put("startup_timeout_sec", limit.as_secs_f64().into());
        }
        if let Some(limit) = self.tool_timeout {
            put("tool_timeout_sec", limit.as_secs_f64().into());
        }
        if let Some(tools) = &self.enabled_tools {
            put("enabled_tools", tools.clone().into());
        }
        config.extend(self.settings.clone());
        config
    }
}
