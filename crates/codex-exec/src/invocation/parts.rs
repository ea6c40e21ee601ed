//! [`InvocationParts`]: what an invocation was told, for its readers.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use super::prompt::Prompt;
use super::{
    ConnectionRetries, GitRepoCheck, NestedRepository, OutputSchema, Persistence, ProjectInstructions,
    ProjectPrograms, Sandbox, Target, UserConfig,
};
use crate::{ApiKey, CodexEnvironment, ConfigValue, McpServer};

/// Holds every option of an [`Invocation`](crate::Invocation), as it was given.
///
/// ```
/// let invocation = codex_exec::Invocation::new("hi").model("gpt-5.5");
/// assert_eq!(invocation.parts().model.as_deref(), Some("gpt-5.5"));
/// assert_eq!(invocation.parts().prompt(), "hi");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InvocationParts {
    pub(super) prompt: Prompt,
    /// The thread.
    pub target: Target,
    /// The model; `None`: as Codex is configured.
    pub model: Option<String>,
    /// What the agent's commands may touch; `None`: as Codex is configured.
    pub sandbox: Option<Sandbox>,
    /// The working directory; `None`: that of this process.
    pub cwd: Option<PathBuf>,
    /// Additional directories that the agent may write to.
    pub add_dirs: Vec<PathBuf>,
    /// Pictures that go with the prompt.
    pub images: Vec<PathBuf>,
    /// The shape of the final answer.
    pub output_schema: Option<OutputSchema>,
    /// The profile.
    pub profile: Option<String>,
    /// Overrides of settings, in order.
    pub config: Vec<(String, ConfigValue)>,
    /// Switched features, in order: the name, and whether it is on.
    pub features: Vec<(String, bool)>,
    /// How long Codex tries to reach the service.
    pub connection_retries: ConnectionRetries,
    /// Whether the thread is kept.
    pub persistence: Persistence,
    /// Whether the user's configuration is read.
    pub user_config: UserConfig,
    /// Whether Codex reads the settings of the repository.
    pub project_programs: ProjectPrograms,
    /// Whether the agent is told the instructions of the repository.
    pub project_instructions: ProjectInstructions,
    /// What becomes of programs that a repository within a repository configures.
    pub nested_repository: NestedRepository,
    /// Settings of the git that Codex starts, in order.
    pub git_settings: Vec<(OsString, OsString)>,
    /// Whether a git repository is needed.
    pub git_repo_check: GitRepoCheck,
    /// The environment variables.
    pub environment: CodexEnvironment,
    /// MCP servers.
    pub mcp_servers: Vec<McpServer>,
    /// The Codex home; `None`: as the environment says.
    pub codex_home: Option<PathBuf>,
    /// The key; `None`: the stored login, or what the environment has.
    pub api_key: Option<ApiKey>,
    /// The address of the service; `None`: as Codex is configured.
    pub base_url: Option<String>,
    /// Who asks.
    pub originator: Option<String>,
    /// How long the turn may take; `None`: as the options of the process layer say.
    pub total_limit: Option<Duration>,
    /// How long it may be silent; `None`: as the options of the process layer say.
    pub idle_limit: Option<Duration>,
    /// How long a thread that is busy with another turn is waited for; `None`: not at all.
    pub thread_wait: Option<Duration>,
}

impl InvocationParts {
    /// The prompt. It is not part of the debug output, which shows its length.
    pub fn prompt(&self) -> &str {
        self.prompt.text()
    }

    pub(super) fn new(prompt: Prompt) -> Self {
        Self {
            prompt,
            target: Target::default(),
            model: None,
            sandbox: None,
            cwd: None,
            add_dirs: Vec::new(),
            images: Vec::new(),
            output_schema: None,
            profile: None,
            config: Vec::new(),
            features: Vec::new(),
            connection_retries: ConnectionRetries::default(),
            persistence: Persistence::default(),
            user_config: UserConfig::default(),
            project_programs: ProjectPrograms::default(),
            project_instructions: ProjectInstructions::default(),
            nested_repository: NestedRepository::default(),
            git_settings: Vec::new(),
            git_repo_check: GitRepoCheck::default(),
            environment: CodexEnvironment::default(),
            mcp_servers: Vec::new(),
            codex_home: None,
            api_key: None,
            base_url: None,
            originator: None,
            total_limit: None,
            idle_limit: None,
            thread_wait: None,
        }
    }
}
