//! `cargo xtask demo`: the real Codex at work on a machine that has seen none of it before.

mod pipeline;
mod project;
mod turn;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use codex_fixtures::{ModelServer, PINNED_CODEX_VERSION, Script};
use serde_json::Value;

pub(crate) use self::project::DemoProject;
pub(crate) use self::turn::{PROMPT, project, script};
use crate::codex;
use crate::process::{cargo, command, workspace_root};
use crate::steps::{status, succeed};

/// A model thinks before it answers.
const THOUGHT: Duration = Duration::from_millis(600);

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Two tasks of a pipeline instead of one turn.
    #[arg(long)]
    pipeline: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if arguments.pipeline { pipeline() } else { turn() }
}

/// One turn, from prompt to verdict and record.
pub(crate) fn turn() -> Result<()> {
    turn::show()
}

/// The starter: from an empty `ai/context` to one record of two tasks.
pub(crate) fn pipeline() -> Result<()> {
    pipeline::show()
}

/// The programs, the repository and the model, ready.
struct DemoStage {
    codex: PathBuf,
    codex_turns: PathBuf,
    project: DemoProject,
    server: ModelServer,
}

impl DemoStage {
    /// Installs, builds and starts what is needed, and tells it as steps 1 to 3.
    fn set(what: &str, make: impl FnOnce(&Path) -> Result<DemoProject>, script: Script) -> Result<Self> {
        println!("1. The real Codex, release {PINNED_CODEX_VERSION}");
        let codex = codex::provision(PINNED_CODEX_VERSION)?;
        println!("   {}", below_root(&codex));

        println!("\n2. The program codex-turns, built from this workspace");
        let codex_turns = build()?;
        println!("   {}", below_root(&codex_turns));

        println!("\n3. {what}, and a model with a script in the place of OpenAI's");
        let project = make(&workspace_root().join("target/demo"))?;
        let server = ModelServer::start(script).context("the model server has no port to listen on")?;
        println!("   {}", below_root(&project.repository()));
        println!("   {}  (answers are scripted; nothing leaves this machine)", server.base_url());
        project.configure(&server.settings())?;
        Ok(Self { codex, codex_turns, project, server })
    }

    /// Shows what is typed, and runs it in the repository.
    fn type_in(&self, words: &[&str]) -> Result<()> {
        let shown: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        println!("$ codex-turns {}\n", shown.join(" "));
        let settings = self.server.settings();
        let mut command = at_home(&self.codex_turns, &self.project);
        command.args(words).env("CODEX_PATH", &self.codex);
        command.envs(settings.home(self.project.codex_home()).environment);
        let status = status(&mut command)?;
        println!();
        let problems = self.server.problems();
        ensure!(problems.is_empty(), "the model server met problems:\n  {}", problems.join("\n  "));
        ensure!(status.success(), "codex-turns {} ended with {status} instead of 0", shown.join(" "));
        Ok(())
    }

    fn result(&self) -> Result<Value> {
        let file = self.project.result_file();
        let text = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is no JSON", file.display()))
    }
}

/// The program in the repository. Nothing of the person who runs this is read or written: the demo is the same
/// everywhere.
pub(crate) fn at_home(codex_turns: &Path, project: &DemoProject) -> Command {
    let mut command = command(codex_turns);
    command.current_dir(project.repository()).stdin(Stdio::null());
    command.env("HOME", project.home()).env("XDG_STATE_HOME", project.state_home());
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(variable);
    }
    command
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    if word.contains(' ') { format!("\"{word}\"") } else { word.to_owned() }
}

pub(crate) fn build() -> Result<PathBuf> {
    succeed(cargo().current_dir(workspace_root()).args(["build", "--package", "codex-cli"]))
        .context("cargo could not build codex-turns")?;
    let this = std::env::current_exe().context("this program has no path")?;
    let program = this.with_file_name("codex-turns");
    ensure!(program.is_file(), "cargo has built codex-turns, but not as {}", program.display());
    Ok(program)
}

/// Codex's sandbox needs user namespaces, which some containers forbid.
pub(crate) fn sandbox() -> &'static str {
    let probe = command("unshare").args(["--user", "--map-root-user", "true"]).stderr(Stdio::null()).status();
    if probe.is_ok_and(|status| !status.success()) {
        println!("   This machine forbids user namespaces, so the agent's commands run without a sandbox.");
        return "danger-full-access";
    }
    "workspace-write"
}

/// Paths of this workspace are told from its root on, where the demo was started.
fn below_root(path: &Path) -> std::path::Display<'_> {
    path.strip_prefix(workspace_root()).unwrap_or(path).display()
}
