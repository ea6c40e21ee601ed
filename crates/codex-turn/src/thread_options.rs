//! [`ThreadOptions`]: what every turn of a thread is run with.

use std::path::PathBuf;
use std::time::Duration;

use codex_exec::{
    CodexEnvironment, ConfigValue, GitRepoCheck, Invocation, McpServer, NestedRepository,
    ProjectInstructions, ProjectPrograms, Sandbox,
};

use crate::steps::{OptionSteps, absolute};

/// Says what every turn of a thread is run with.
///
/// The options are restated by each turn, the first and every resumed one. What is not set here is left to
/// Codex and its configuration; its own default for the sandbox is read-only.
///
/// ```
/// use codex_turn::{Sandbox, ThreadOptions};
///
/// let options = ThreadOptions::new("/my/project")
///     .sandbox(Sandbox::WorkspaceWrite)
///     .model("gpt-5.5")
///     .add_dir("/my/other/project")
///     .config("model_reasoning_effort", "high");
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing until a thread is made with them"]
pub struct ThreadOptions {
    steps: OptionSteps,
}

impl ThreadOptions {
    /// Works in this directory. A relative one is made absolute now, as are those of the other options.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        let dir = absolute(dir);
        Self { steps: OptionSteps::default() }.with(move |invocation| invocation.cwd(dir.clone()))
    }

    /// Says what the commands of the agent may touch.
    pub fn sandbox(self, sandbox: Sandbox) -> Self {
        self.with(move |invocation| invocation.sandbox(sandbox))
    }

    /// Chooses the model.
    pub fn model(self, model: impl Into<String>) -> Self {
        let model = model.into();
        self.with(move |invocation| invocation.model(model.clone()))
    }

    /// Adds a directory that the agent may write to.
    pub fn add_dir(self, dir: impl Into<PathBuf>) -> Self {
        let dir = absolute(dir);
        self.with(move |invocation| invocation.add_dir(dir.clone()))
    }

    /// Chooses a profile of the user's configuration.
    pub fn profile(self, profile: impl Into<String>) -> Self {
        let profile = profile.into();
        self.with(move |invocation| invocation.profile(profile.clone()))
    }

    /// Overrides a setting. Comes after those of [`CodexBuilder::config`](crate::CodexBuilder::config), and
    /// the last one of a key wins.
    pub fn config(self, key: impl Into<String>, value: impl Into<ConfigValue>) -> Self {
        let (key, value) = (key.into(), value.into());
        self.with(move |invocation| invocation.config(key.clone(), value.clone()))
    }

    /// Says whether Codex reads what the repository keeps for it in `.codex`: settings, MCP servers and hooks, which run
    /// outside of the sandbox with the environment of Codex.
    ///
    /// By default it does not, even if the user has trusted the folder in Codex: that answer does not depend on what
    /// the files say. [`ProjectPrograms::Unchanged`] takes the files that the caller has looked at.
    pub fn project_programs(self, programs: ProjectPrograms) -> Self {
        self.with(move |invocation| invocation.project_programs(programs.clone()))
    }

    /// Says whether the agent is told the `AGENTS.md` files and skills of the repository. Unless it is said, it is, as
    /// Codex does; switch it off for work that others have sent, such as the review of a pull request.
    pub fn project_instructions(self, instructions: ProjectInstructions) -> Self {
        self.with(move |invocation| invocation.project_instructions(instructions.clone()))
    }

    /// Says what becomes of programs that the repository of the working directory configures for git, if it lies inside
    /// another one. Unless it is said, none starts.
    pub fn nested_repository(self, choice: NestedRepository) -> Self {
        self.with(move |invocation| invocation.nested_repository(choice))
    }

    /// Runs outside of a git repository too.
    pub fn skip_git_repo_check(self) -> Self {
        self.with(|invocation| invocation.git_repo_check(GitRepoCheck::Skip))
    }

    /// Sets the environment that Codex runs in, instead of what
    /// [`CodexBuilder::environment`](crate::CodexBuilder::environment) says.
    pub fn environment(self, environment: CodexEnvironment) -> Self {
        self.with(move |invocation| invocation.environment(environment.clone()))
    }

    /// Waits this long for the thread while another turn has it, here or in another process; otherwise a turn is
    /// [busy](crate::TurnError::Busy) at once.
    ///
    /// The wait listens to the [token](crate::Turn::cancel) of the turn, and is no part of its limits. Of several turns that
    /// wait, any may be next. A thread that Codex finds itself, as for [`Codex::resume_last`](crate::Codex::resume_last), is not waited for
    /// in other processes.
    pub fn wait(self, wait: Duration) -> Self {
        self.with(move |invocation| invocation.thread_wait(wait))
    }

    /// Gives the agent the tools of an MCP server.
    pub fn mcp_server(self, server: McpServer) -> Self {
        self.with(move |invocation| invocation.mcp_server(server.clone()))
    }

    /// Gives the agent these functions of the caller in every turn: see the
    /// [crate documentation](crate#host-tools). Called again with a set of another name, it gives both.
    #[cfg(feature = "tools")]
    pub fn tools(mut self, tools: crate::ToolSet) -> Self {
        self.steps.push_tools(tools);
        self
    }

    /// Sets anything else that an [`Invocation`] can say.
    ///
    /// The closure is called for every turn of the thread. The prompt and the thread it sees are those of
    /// the turn; a target that it sets is overruled.
    ///
    /// ```
    /// use codex_turn::ThreadOptions;
    ///
    /// let options = ThreadOptions::new("/my/project").with(|invocation| invocation.enable("web_search"));
    /// # let _ = options;
    /// ```
    pub fn with(mut self, step: impl Fn(Invocation) -> Invocation + Send + Sync + 'static) -> Self {
        self.steps.push(step);
        self
    }

    pub(crate) fn into_steps(self) -> OptionSteps {
        self.steps
    }
}
