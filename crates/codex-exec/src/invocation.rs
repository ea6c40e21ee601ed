//! [`Invocation`]: one start of `codex exec`, in types.

mod check;
mod choices;
mod error;
mod marker;
mod parts;
mod prompt;
mod target;

use std::ffi::OsString;
use std::path::{self, PathBuf};
use std::time::Duration;

use crate::{ApiKey, CodexEnvironment, ConfigValue, McpServer};
use prompt::Prompt;

pub use choices::{
    ConnectionRetries, GitRepoCheck, NestedRepository, OutputSchema, Persistence, ProjectInstructions,
    ProjectPrograms, Sandbox, UserConfig,
};
pub use error::InvocationError;
pub use marker::Marker;
pub use parts::InvocationParts;
pub use prompt::PROMPT_LIMIT_CHARACTERS;
pub use target::{ReviewTarget, Target};

/// Describes one start of `codex exec --json`: the prompt, the thread, and every option.
///
/// It is inert: [`check`](Invocation::check) looks whether Codex could run it, and
/// [`command_line`](Invocation::command_line) spells it. Relative paths are made absolute when they are
/// given, against the working directory that this process has then.
///
/// ```
/// use codex_exec::{Invocation, Marker, Sandbox, StartMarks};
///
/// let invocation = Invocation::new("fix the failing test").sandbox(Sandbox::WorkspaceWrite).cwd("/work");
/// let line = invocation.command_line(&StartMarks::new(Marker::new()));
/// assert_eq!(&line.args[..3], ["exec", "--json", "--sandbox=workspace-write"]);
/// assert_eq!(line.args.last().unwrap(), "-");
/// assert_eq!(line.cwd.as_deref(), Some("/work".as_ref()));
/// assert_eq!(line.stdin, "fix the failing test");
/// ```
#[derive(Clone, Debug)]
#[must_use = "an invocation does nothing until it is executed"]
pub struct Invocation {
    parts: InvocationParts,
}

impl Invocation {
    /// Asks the prompt in a thread of its own.
    pub fn new(prompt: impl Into<String>) -> Self {
        Self { parts: InvocationParts::new(Prompt::new(prompt.into())) }
    }

    /// Asks for a code review that needs no prompt; for one that does, give [`Target::ReviewPrompt`] to
    /// [`Invocation::target`].
    pub fn review(target: ReviewTarget) -> Self {
        Self::new("").target(Target::Review(target))
    }

    /// Every option, to read.
    pub fn parts(&self) -> &InvocationParts {
        &self.parts
    }

    /// Chooses the thread.
    pub fn target(mut self, target: Target) -> Self {
        self.parts.target = target;
        self
    }

    /// Names the model.
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.parts.model = Some(model.into());
        self
    }

    /// Says what the agent's commands may touch.
    pub fn sandbox(mut self, sandbox: Sandbox) -> Self {
        self.parts.sandbox = Some(sandbox);
        self
    }

    /// Chooses the working directory, of Codex and of the agent.
    pub fn cwd(mut self, dir: impl Into<PathBuf>) -> Self {
        self.parts.cwd = Some(absolute(dir.into()));
        self
    }

    /// Adds a directory that the agent may write to. Codex passes over one that is not there without a word;
    /// [`check`](Invocation::check) does not.
    pub fn add_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.parts.add_dirs.push(absolute(dir.into()));
        self
    }

    /// Takes back the additional directories.
    pub fn without_add_dirs(mut self) -> Self {
        self.parts.add_dirs.clear();
        self
    }

    /// Adds a picture to the prompt.
    pub fn image(mut self, file: impl Into<PathBuf>) -> Self {
        self.parts.images.push(absolute(file.into()));
        self
    }

    /// Asks for a final answer of this shape.
    pub fn output_schema(mut self, schema: OutputSchema) -> Self {
        self.parts.output_schema = Some(match schema {
            OutputSchema::File(file) => OutputSchema::File(absolute(file)),
            OutputSchema::Inline(schema) => OutputSchema::Inline(schema),
        });
        self
    }

    /// Names a profile, that is the file `NAME.config.toml` in the Codex home.
    pub fn profile(mut self, profile: impl Into<String>) -> Self {
        self.parts.profile = Some(profile.into());
        self
    }

    /// Overrides a setting of Codex's configuration. Dots in the key nest; for a name that has a dot itself give
    /// its parent a [`ConfigValue::Table`], which Codex merges with the configuration file but not with other
    /// overrides: it replaces those before it. Of two overrides of one key the later counts.
    ///
    /// Arguments are visible to every process of the machine: secrets do not belong here.
    pub fn config(mut self, key: impl Into<String>, value: impl Into<ConfigValue>) -> Self {
        self.parts.config.push((key.into(), value.into()));
        self
    }

    /// Switches a feature on. A name that the release does not know has no effect.
    pub fn enable(mut self, feature: impl Into<String>) -> Self {
        self.parts.features.push((feature.into(), true));
        self
    }

    /// Switches a feature off. A name that the release does not know has no effect.
    pub fn disable(mut self, feature: impl Into<String>) -> Self {
        self.parts.features.push((feature.into(), false));
        self
    }

    /// Says how long Codex tries to reach a service that does not answer.
    pub fn connection_retries(mut self, retries: ConnectionRetries) -> Self {
        self.parts.connection_retries = retries;
        self
    }

    /// Keeps the thread off the disk, so that it cannot be resumed.
    pub fn ephemeral(mut self) -> Self {
        self.parts.persistence = Persistence::Ephemeral;
        self
    }

    /// Leaves the user's `config.toml` unread.
    pub fn ignore_user_config(mut self) -> Self {
        self.parts.user_config = UserConfig::Ignore;
        self
    }

    /// Says whether Codex reads the settings that the repository keeps for it, which can start programs outside of the
    /// sandbox. Unless it is said, it does not.
    pub fn project_programs(mut self, programs: ProjectPrograms) -> Self {
        self.parts.project_programs = programs;
        self
    }

    /// Says whether the agent is told the instructions that the repository keeps for it.
    pub fn project_instructions(mut self, instructions: ProjectInstructions) -> Self {
        self.parts.project_instructions = instructions;
        self
    }

    /// Says what becomes of programs that the repository of the working directory configures for git, if it lies inside
    /// another one. Unless it is said, none starts.
    pub fn nested_repository(mut self, choice: NestedRepository) -> Self {
        self.parts.nested_repository = choice;
        self
    }

    /// Sets a git setting for the git that Codex starts outside of the sandbox. It overrides git's configuration files, and
    /// applies to the agent's shells too.
    ///
    /// For example, disable a filter whose program the agent could write:
    ///
    /// ```
    /// let invocation = codex_exec::Invocation::new("hi").git_setting("filter.x.clean", "");
    /// assert_eq!(invocation.parts().git_settings.len(), 1);
    /// ```
    pub fn git_setting(mut self, key: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.parts.git_settings.push((key.into(), value.into()));
        self
    }

    /// Says whether the working directory must lie in a git repository.
    pub fn git_repo_check(mut self, check: GitRepoCheck) -> Self {
        self.parts.git_repo_check = check;
        self
    }

    /// Allows a working directory outside git, as Codex's flag of this name.
    pub fn skip_git_repo_check(self) -> Self {
        self.git_repo_check(GitRepoCheck::Skip)
    }

    /// Chooses the environment variables of Codex.
    pub fn environment(mut self, environment: CodexEnvironment) -> Self {
        self.parts.environment = environment;
        self
    }

    /// Adds an MCP server.
    pub fn mcp_server(mut self, server: McpServer) -> Self {
        self.parts.mcp_servers.push(server);
        self
    }

    /// Chooses the folder that holds Codex's configuration, login and threads. It must exist.
    pub fn codex_home(mut self, dir: impl Into<PathBuf>) -> Self {
        self.parts.codex_home = Some(absolute(dir.into()));
        self
    }

    /// Gives Codex a key, which it prefers to a stored login.
    pub fn api_key(mut self, key: ApiKey) -> Self {
        self.parts.api_key = Some(key);
        self
    }

    /// Points Codex at another address of the service, such as `http://127.0.0.1:4040/v1`.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.parts.base_url = Some(url.into());
        self
    }

    /// Says who asks, in the `originator` header and the user agent. Visible ASCII characters only.
    pub fn originator(mut self, originator: impl Into<String>) -> Self {
        self.parts.originator = Some(originator.into());
        self
    }

    /// Limits the turn as a whole, instead of [`ExecOptions::total`](crate::ExecOptions::total).
    pub fn total_limit(mut self, limit: Duration) -> Self {
        self.parts.total_limit = Some(limit);
        self
    }

    /// Limits silence, instead of [`ExecOptions::idle`](crate::ExecOptions::idle).
    pub fn idle_limit(mut self, limit: Duration) -> Self {
        self.parts.idle_limit = Some(limit);
        self
    }

    /// Waits this long for a thread that is to be resumed while another turn has it; otherwise such a start fails at once.
    ///
    /// The wait ends early when the start is cancelled, and is no part of the [total limit](Invocation::total_limit). A thread that
    /// Codex finds itself ([`Target::ResumeLast`]) is not waited for.
    pub fn thread_wait(mut self, wait: Duration) -> Self {
        self.parts.thread_wait = Some(wait);
        self
    }
}

/// An empty path stays as it is, to be refused by the check.
fn absolute(path: PathBuf) -> PathBuf {
    path::absolute(&path).unwrap_or(path)
}
