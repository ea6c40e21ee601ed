//! `cargo xtask test`: everything that is a test, on a machine that has seen none of it before.

mod tally;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use codex_fixtures::{CODEX_BINARY_VARIABLE, FakeCodex, PINNED_CODEX_VERSION};

use self::tally::TestTally;
use crate::process::{cargo, command, workspace_root};
use crate::steps::Steps;
use crate::{codex, demo, terminal};

/// Names the program that tests take in place of a fake Codex that they build.
const FAKE_VARIABLE: &str = "CODEX_FIXTURES_FAKE";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only the tests whose names contain this, and what else `cargo test` takes after its own options.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut steps = Steps::default();
    add_to(&mut steps, &arguments.rest);
    steps.finish("test")
}

/// Provisions, tests, goes the whole way once with each demo, and compares the drawing of one. Without what the tests need none is run.
pub(crate) fn add_to(steps: &mut Steps, rest: &[String]) {
    let mut has_tools = false;
    steps.run("tools", || tools().inspect(|_| has_tools = true));
    if !has_tools {
        return;
    }
    let mut ready = None;
    steps.run("codex and its fake", || {
        let codex = codex::provision(PINNED_CODEX_VERSION)?;
        let fake = std::panic::catch_unwind(FakeCodex::program)
            .map_err(|_| anyhow::anyhow!("the fake codex could not be built; the reason is above"))?;
        let note = format!("codex {PINNED_CODEX_VERSION}");
        ready = Some((codex, fake));
        Ok(note)
    });
    steps.run("tests", || {
        let (codex, fake) = ready.as_ref().context("not run, since codex or its fake is missing")?;
        let mut tests = cargo();
        tests
            .args(["test", "--workspace", "--all-features", "--locked", "--no-fail-fast"])
            .args(rest)
            .env(CODEX_BINARY_VARIABLE, codex)
            .env(FAKE_VARIABLE, fake);
        run_tests(&mut tests)
    });
    if rest.is_empty() && ready.is_some() {
        steps.run("demo", || demo::turn().map(|()| String::new()));
        steps.run("demo --pipeline", || demo::pipeline().map(|()| String::new()));
        steps.run("terminal", terminal::check);
    }
}

/// Tests make repositories with git, and npm needs node.
fn tools() -> Result<String> {
    let mut found = Vec::new();
    for (name, what_to_do) in
        [("git", "install git"), ("node", "install Node.js 16 or later, which brings npm")]
    {
        let output = command(name).arg("--version").output();
        let Some(output) = output.ok().filter(|output| output.status.success()) else {
            bail!("{name} does not start: {what_to_do}");
        };
        let version = String::from_utf8_lossy(&output.stdout);
        found.push(format!("{name} {}", version.trim().trim_start_matches("git version ")));
    }
    // The test that needs it fails alone, and says so once more.
    if cfg!(target_os = "linux") && command("strace").arg("-V").output().is_err() {
        found.push("strace is missing, and a test will fail: apt-get install strace".to_owned());
    }
    Ok(found.join(", "))
}

/// Passes the output on line by line and counts what passed.
fn run_tests(tests: &mut Command) -> Result<String> {
    let mut child = tests
        .current_dir(workspace_root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    let output = child.stdout.take().expect("the output was asked for");
    let mut tally = TestTally::default();
    for line in BufReader::new(output).split(b'\n') {
        let line = line.context("cannot read what cargo prints")?;
        let line = String::from_utf8_lossy(&line);
        tally.observe(&line);
        // Whoever listens may have gone; the tests go on.
        let _ = writeln!(std::io::stdout(), "{line}");
    }
    let status = child.wait().context("cannot wait for cargo")?;
    for name in tally.failed_names() {
        println!("FAILED {name}");
    }
    ensure!(status.success(), "{tally}, cargo ended with {status}");
    ensure!(tally.passed() > 0, "no test has run");
    Ok(tally.to_string())
}
