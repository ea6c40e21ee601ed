//! `cargo xtask terminal`: draws the terminal of a real turn, for the README.

mod repeatable;
mod screen;
mod svg;

use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use codex_fixtures::{ModelServer, PINNED_CODEX_VERSION};

use self::repeatable::repeatable;
use self::screen::TerminalScreen;
use crate::codex;
use crate::demo::{self, PROMPT};
use crate::process::workspace_root;

const SANDBOX: &str = "workspace-write";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Writes nothing, and fails where the drawing would differ.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let said = if arguments.check { check()? } else { write()? };
    println!("terminal: {said}");
    Ok(())
}

fn write() -> Result<String> {
    ensure!(has_sandbox(), "this machine forbids user namespaces, so a turn looks otherwise than elsewhere");
    let file = drawing_file();
    fs::write(&file, svg::draw(&record()?)).with_context(|| format!("cannot write {}", file.display()))?;
    Ok("docs/terminal.svg is written".to_owned())
}

/// Compares the drawing with the one that is checked in.
pub(crate) fn check() -> Result<String> {
    if !has_sandbox() {
        return Ok("not compared: this machine forbids user namespaces".to_owned());
    }
    let old = fs::read_to_string(drawing_file()).unwrap_or_default();
    let new = svg::draw(&record()?);
    if old != new {
        for line in new.lines().filter(|line| !old.lines().any(|other| other == *line)) {
            println!("+ {line}");
        }
        bail!("the terminal does not look as docs/terminal.svg has it: run `cargo xtask terminal`");
    }
    Ok("as it is drawn".to_owned())
}

fn has_sandbox() -> bool {
    demo::sandbox() == SANDBOX
}

fn drawing_file() -> PathBuf {
    workspace_root().join("docs/terminal.svg")
}

/// Does what a person would type, in the project of the demo and against its scripted model.
fn record() -> Result<TerminalScreen> {
    let codex = codex::provision(PINNED_CODEX_VERSION)?;
    let codex_turns = demo::build()?;
    let project = demo::project(&workspace_root().join("target/terminal"))?;
    let server = ModelServer::start(demo::script()).context("the model server has no port to listen on")?;
    project.configure(&server.settings())?;
    let start = |arguments: &[&str]| {
        let mut command = demo::at_home(&codex_turns, &project);
        command.args(arguments).args(["--color", "always"]).env("CODEX_PATH", &codex);
        command.envs(server.settings().home(project.codex_home()).environment);
        command
    };
    let mut screen = TerminalScreen::default();
    let lines: [&[&str]; 5] = [
        &["ledger", "init"],
        &["trust"],
        &["run", "--sandbox", SANDBOX, PROMPT],
        &["ledger", "list"],
        &["ledger", "verify", "--git"],
    ];
    for (number, arguments) in lines.iter().enumerate() {
        if number > 0 {
            screen.blank();
        }
        screen.typed(&typed(arguments));
        screen.printed(&repeatable(&output(&mut start(arguments))?))?;
    }
    let problems = server.problems();
    ensure!(problems.is_empty(), "the model server met problems:\n  {}", problems.join("\n  "));
    Ok(screen)
}

fn typed(arguments: &[&str]) -> String {
    let quoted = |word: &&str| if word.contains(' ') { format!("\"{word}\"") } else { (*word).to_owned() };
    let words: Vec<String> = arguments.iter().map(quoted).collect();
    format!("codex-turns {}", words.join(" "))
}

/// All that the program prints, in the order in which it does, as on a terminal.
fn output(command: &mut Command) -> Result<String> {
    let (mut reader, writer) = std::io::pipe().context("there is no pipe")?;
    let second = writer.try_clone().context("there is no second end of a pipe")?;
    let mut child = command.stdout(writer).stderr(second).spawn().context("cannot start codex-turns")?;
    // The command holds ends of the pipe, which would never be at its end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut text = String::new();
    reader.read_to_string(&mut text).context("codex-turns prints what is no text")?;
    let status = child.wait().context("cannot wait for codex-turns")?;
    ensure!(status.success(), "codex-turns ended with {status} instead of 0:\n{text}");
    Ok(text)
}
