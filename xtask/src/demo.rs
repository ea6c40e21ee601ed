//! `cargo xtask demo`: one real turn, from prompt to verdict, on a machine that has seen none of it before.

mod project;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use codex_fixtures::{ModelServer, PINNED_CODEX_VERSION};
use serde_json::Value;

pub(crate) use self::project::{Project, script};
use crate::codex;
use crate::process::{cargo, command, workspace_root};
use crate::steps::{status, succeed};

pub(crate) const PROMPT: &str = "test.sh fails. Find out why, mend it, and show that it passes.";

pub(crate) fn run() -> Result<()> {
    println!("1. The real Codex, release {PINNED_CODEX_VERSION}");
    let codex = codex::provision(PINNED_CODEX_VERSION)?;
    println!("   {}", below_root(&codex));

    println!("\n2. The program codex-turns, built from this workspace");
    let codex_turns = build()?;
    println!("   {}", below_root(&codex_turns));

    println!("\n3. A scratch repository with a bug, and a model with a script in the place of OpenAI's");
    let project = Project::create(&workspace_root().join("target/demo"))?;
    let server = ModelServer::start(script()).context("the model server has no port to listen on")?;
    println!("   {}", below_root(&project.repository()));
    println!("   {}  (answers are scripted; nothing leaves this machine)", server.base_url());

    project.configure(&server.settings())?;

    println!("\n4. A ledger: from here on every turn in the repository leaves a record\n");
    ledger(&codex_turns, &project, &["init"])?;

    println!(
        "\n5. One turn: Codex runs commands and edits a file, codex-turns shows it, judges it, and records it\n"
    );
    let arguments = ["run", "--sandbox", sandbox(), "--result", "../result.json", PROMPT];
    println!("$ codex-turns {} \"{PROMPT}\"\n", arguments[..arguments.len() - 1].join(" "));
    let mut turn = at_home(&codex_turns, &project);
    turn.args(arguments);
    turn.envs(server.settings().home(project.codex_home()).environment).env("CODEX_PATH", &codex);
    let status = status(&mut turn)?;

    println!();
    let problems = server.problems();
    ensure!(problems.is_empty(), "the model server met problems:\n  {}", problems.join("\n  "));
    ensure!(status.success(), "codex-turns ended with {status} instead of 0");
    let result = result(&project.result_file())?;
    let test =
        command("sh").arg("test.sh").current_dir(project.repository()).output().context("cannot start sh")?;
    ensure!(test.status.success(), "the turn completed, but test.sh still fails");
    println!("6. The record: what was observed, and the proof that it is what it was\n");
    for arguments in [&["list"][..], &["show", "1"], &["verify", "--git"]] {
        ledger(&codex_turns, &project, arguments)?;
        println!();
    }
    tell(&project, &server, &result)?;
    println!("{NEXT_STEPS}");
    Ok(())
}

/// The program in the repository. Nothing of the person who runs this is read or written: the demo is the same
/// everywhere.
pub(crate) fn at_home(codex_turns: &Path, project: &Project) -> Command {
    let mut command = command(codex_turns);
    command.current_dir(project.repository()).stdin(Stdio::null());
    command.env("HOME", project.home()).env("XDG_STATE_HOME", project.state_home());
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(variable);
    }
    command
}

fn ledger(codex_turns: &Path, project: &Project, arguments: &[&str]) -> Result<()> {
    println!("$ codex-turns ledger {}\n", arguments.join(" "));
    let status = status(at_home(codex_turns, project).arg("ledger").args(arguments))?;
    ensure!(status.success(), "codex-turns ledger {} ended with {status} instead of 0", arguments.join(" "));
    Ok(())
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

fn result(file: &Path) -> Result<Value> {
    let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is no JSON", file.display()))
}

fn tell(project: &Project, server: &ModelServer, result: &Value) -> Result<()> {
    println!("What was done");
    println!(
        "   Codex asked the model {} times; the turn's verdict is {}.",
        server.requests().len(),
        verdict(result)
    );
    println!("   test.sh failed before the turn and passes now, because of this change:\n");
    for line in project.diff()?.lines() {
        println!("   {line}");
    }
    println!("\nWhere to look");
    println!("   git -C {} diff", below_root(&project.repository()));
    println!("   {}  the record", below_root(&project.repository().join("ai/agentic-pipeline/turns/1")));
    println!("   {}  what is known of the turn, as JSON", below_root(&project.result_file()));
    println!("   {}  what Codex keeps of the thread", below_root(&project.codex_home().join("sessions")));
    Ok(())
}

fn verdict(result: &Value) -> String {
    let verdict = &result["verdict"];
    let word = verdict.as_str().or_else(|| verdict["kind"].as_str()).or_else(|| verdict["word"].as_str());
    word.map_or_else(|| verdict.to_string(), str::to_owned)
}

/// Paths of this workspace are told from its root on, where the demo was started.
fn below_root(path: &Path) -> std::path::Display<'_> {
    path.strip_prefix(workspace_root()).unwrap_or(path).display()
}

const NEXT_STEPS: &str = "
What to type next, with an account of your own
   npm install --global @openai/codex       unless you have Codex
   codex login                              or: export CODEX_API_KEY=...
   cargo install --path crates/codex-cli
   codex-turns doctor
   cd YOUR/REPOSITORY
   codex-turns ledger init                  unless nothing is to be recorded
   codex-turns run --sandbox workspace-write \"fix the failing test\"
   codex-turns run --sandbox workspace-write --resume last \"and now the docs\"";
