//! [`CommandLine`]: an invocation as Codex understands it.

mod start_marks;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

pub use start_marks::StartMarks;

use crate::config_value::setting;
use crate::{
    ApiKey, ConfigValue, ConnectionRetries, EnvironmentPlan, GitRepoCheck, Invocation, InvocationParts,
    Marker, McpServer, OutputSchema, Persistence, ReviewTarget, Sandbox, Target, UserConfig,
};

/// Holds what a process is started with: arguments after the program, environment, folder, input.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommandLine {
    /// The arguments, without the program.
    pub args: Vec<OsString>,
    /// What changes in the environment.
    pub environment: EnvironmentPlan,
    /// The working directory; `None`: that of this process.
    pub cwd: Option<PathBuf>,
    /// What is written to standard input, which is then closed.
    pub stdin: String,
}

impl Invocation {
    /// Spells the invocation, and does nothing else: no file is looked at and no variable read.
    ///
    /// Every option stands before the subcommand, where all releases take it. The prompt is in `stdin`,
    /// secrets are in `environment`; neither is in `args`. The working directory is that of the process and
    /// no argument, because Codex does not follow a link in the argument when it looks for the repository.
    pub fn command_line(&self, start: &StartMarks) -> CommandLine {
        let parts = self.parts();
        let mut args = Arguments::default();
        options(&mut args, parts, start);
        settings(&mut args, parts);
        for (key, value) in start.project.config() {
            args.config(key, value);
        }
        hidden_variables(&mut args, parts, &start.marker);
        subcommand(&mut args, &parts.target);
        let prompt = || start.project.instructions().to_owned() + parts.prompt();
        let stdin = if parts.target.takes_prompt() { prompt() } else { String::new() };
        CommandLine { args: args.0, environment: environment(parts, start), cwd: parts.cwd.clone(), stdin }
    }
}

/// Shows the length of the input, and of the environment the names.
impl fmt::Debug for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandLine")
            .field("args", &self.args)
            .field("environment", &self.environment)
            .field("cwd", &self.cwd)
            .field("stdin_bytes", &self.stdin.len())
            .finish()
    }
}

#[derive(Default)]
struct Arguments(Vec<OsString>);

impl Arguments {
    fn push(&mut self, argument: impl Into<OsString>) {
        self.0.push(argument.into());
    }

    /// One argument `--flag=value`, so that a value may begin with a dash and none is taken for a second one.
    fn option(&mut self, flag: &str, value: impl AsRef<OsStr>) {
        let mut argument = OsString::from(flag);
        argument.push("=");
        argument.push(value);
        self.push(argument);
    }

    fn config(&mut self, key: impl AsRef<str>, value: impl Into<ConfigValue>) {
        self.push("-c");
        self.push(setting(key.as_ref(), &value.into()));
    }
}

fn options(args: &mut Arguments, parts: &InvocationParts, start: &StartMarks) {
    args.push("exec");
    args.push("--json");
    let narrowest = start.project.is_narrowed().then_some(Sandbox::ReadOnly);
    if let Some(sandbox) = parts.sandbox.or(narrowest) {
        args.option("--sandbox", sandbox.as_str());
    }
    for dir in &parts.add_dirs {
        args.option("--add-dir", dir);
    }
    if let Some(model) = &parts.model {
        args.option("--model", model);
    }
    if let Some(profile) = &parts.profile {
        args.option("--profile", profile);
    }
    if parts.git_repo_check == GitRepoCheck::Skip {
        args.push("--skip-git-repo-check");
    }
    if parts.persistence == Persistence::Ephemeral {
        args.push("--ephemeral");
    }
    if parts.user_config == UserConfig::Ignore {
        args.push("--ignore-user-config");
    }
    for image in &parts.images {
        args.option("--image", image);
    }
    if let Some(file) = schema_path(parts, start) {
        args.option("--output-schema", file);
    }
}

fn schema_path<'a>(parts: &'a InvocationParts, start: &'a StartMarks) -> Option<&'a Path> {
    match &parts.output_schema {
        Some(OutputSchema::File(file)) => Some(file),
        Some(OutputSchema::Inline(_)) => start.schema_file.as_deref(),
        None => None,
    }
}

fn settings(args: &mut Arguments, parts: &InvocationParts) {
    if parts.connection_retries == ConnectionRetries::Bounded {
        args.config("features.unbounded_connection_retries", false);
    }
    if let Some(url) = &parts.base_url {
        args.config("openai_base_url", url.as_str());
    }
    for (key, value) in &parts.config {
        args.config(key, value.clone());
    }
    // Not `--enable` and `--disable`: releases refuse the names that they do not know there.
    for (feature, on) in &parts.features {
        args.config(format!("features.{feature}"), *on);
    }
    for server in &parts.mcp_servers {
        for (name, value) in server.config() {
            args.config(format!("mcp_servers.{}.{name}", server.name()), value);
        }
    }
}

/// Comes after the caller's settings, since a table among them would replace what stands before it. `set` merges with the user's own
/// policy and counts whatever that inherits or leaves out; `exclude` would replace the user's list.
fn hidden_variables(args: &mut Arguments, parts: &InvocationParts, marker: &Marker) {
    let mut set =
        |name: &str, value: &str| args.config(format!("shell_environment_policy.set.{name}"), value);
    for (name, _) in secrets(parts) {
        set(name, "");
    }
    set(marker.variable_name(), Marker::VALUE);
}

fn subcommand(args: &mut Arguments, target: &Target) {
    match target {
        Target::NewThread => {}
        Target::Resume(thread) => {
            args.push("resume");
            args.push(thread.to_string());
        }
        Target::ResumeLast => {
            args.push("resume");
            args.push("--last");
        }
        Target::Fork(thread) => {
            args.push("fork");
            args.push(thread.to_string());
        }
        Target::Review(review) => {
            args.push("review");
            match review {
                ReviewTarget::Uncommitted => args.push("--uncommitted"),
                ReviewTarget::Base(branch) => args.option("--base", branch),
                ReviewTarget::Commit(commit) => args.option("--commit", commit),
            }
        }
        Target::ReviewPrompt => args.push("review"),
    }
    if target.takes_prompt() {
        args.push("-");
    }
}

fn environment(parts: &InvocationParts, start: &StartMarks) -> EnvironmentPlan {
    let mut plan = EnvironmentPlan::of(&parts.environment);
    if let Some(home) = &parts.codex_home {
        plan.put("CODEX_HOME", home);
    }
    if let Some(originator) = &parts.originator {
        plan.put("CODEX_INTERNAL_ORIGINATOR_OVERRIDE", originator);
    }
    for (name, value) in secrets(parts) {
        plan.put(name, value);
    }
    plan.put(start.marker.variable_name(), Marker::VALUE);
    plan.git_config = [start.git.pairs(), &parts.git_settings].concat();
    plan.unproxied = parts.mcp_servers.iter().filter_map(McpServer::unproxied).map(str::to_owned).collect();
    plan
}

/// The variables that Codex needs and the agent's commands must not see.
fn secrets(parts: &InvocationParts) -> Vec<(&str, &str)> {
    let key = parts.api_key.iter().map(|key| (ApiKey::VARIABLE, key.expose()));
    let tokens = parts.mcp_servers.iter().flat_map(|server| server.secrets());
    key.chain(tokens.map(|(name, secret)| (name, secret.expose()))).collect()
}
