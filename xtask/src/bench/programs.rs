//! [`measure`]: what is told by building and starting programs: memory, the size of a program, how fast it starts, how many crates.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::memory;
use super::report::{Goal, Row, Value};
use crate::process::{cargo, command, workspace_root};
use crate::steps::succeed;

/// How often a program is started.
const STARTS: usize = 40;
const STREAM: &str = "fixtures/streams/0.169.0/command_ok.jsonl";
const START_GOAL: Option<Goal> = Some(Goal::AtMost(Value::Nanoseconds(1e7)));

pub(super) fn measure() -> Result<Vec<Row>> {
    let mut rows = long_lines()?;
    eprintln!("=== the release build of codex-turns");
    succeed(&mut in_workspace(&["build", "--release", "--locked", "--package", "codex-cli"]))?;
    let program = workspace_root().join("target/release/codex-turns");
    rows.extend(starts(&program)?);
    rows.push(memory::recorded_turn(&program)?);
    let size = fs::metadata(&program).context("there is no release build")?.len();
    rows.push(row("the program, release build", Value::Bytes(float(size)), Value::Bytes(12e6)));
    for (package, most) in [("codex-protocol", 14.0), ("codex-exec", 55.0)] {
        let what = format!("crates that {package} alone is built from, itself among them");
        rows.push(row(&what, Value::Count(float(crates(package)?)), Value::Count(most)));
    }
    Ok(rows)
}

fn row(what: &str, value: Value, most: Value) -> Row {
    Row { what: what.to_owned(), value, floor: None, goal: Some(Goal::AtMost(most)) }
}

/// The rows of the fault matrix whose memory is measured beside the length of a line.
fn long_lines() -> Result<Vec<Row>> {
    eprintln!("=== memory of long lines");
    let tests = ["test", "--locked", "--package", "codex-exec", "--test", "faults", "line_of_64_mib"];
    let mut tests = in_workspace(&tests);
    tests.args(["--", "--nocapture"]).stderr(Stdio::inherit());
    let output = tests.output().context("cannot start cargo")?;
    ensure!(output.status.success(), "the tests of long lines failed");
    let printed = String::from_utf8_lossy(&output.stdout);
    let rows: Vec<Row> = printed.lines().filter_map(long_line).collect();
    ensure!(!rows.is_empty(), "the tests of long lines have not told how much memory they took");
    Ok(rows)
}

/// Reads `... | a line of 64 MiB | completed | ... | 900 ms of 30 s | 128.5 of 141 MiB of memory | yes |`.
fn long_line(printed: &str) -> Option<Row> {
    let (before, _) = printed.rsplit_once(" MiB of memory")?;
    let memory: f64 = before.rsplit_once("| ")?.1.split_once(' ')?.0.parse().ok()?;
    let name = printed.split_once("| ")?.1.split_once(" |")?.0;
    let mib = |count: f64| Value::Bytes(count * f64::from(1 << 20));
    Some(Row {
        what: format!("memory for {name}, raw and as an event"),
        value: mib(memory),
        floor: Some(("the line".to_owned(), mib(64.0))),
        goal: Some(Goal::Ratio(2.2)),
    })
}

/// How long it takes to start the program and have it end, beside a program that does nothing.
fn starts(program: &Path) -> Result<Vec<Row>> {
    eprintln!("=== starts of codex-turns");
    let scratch = tempfile::tempdir()?;
    let stream = workspace_root().join(STREAM);
    let prepared = |program: &Path, arguments: &[&Path]| {
        let mut start = command(program);
        start.args(arguments).current_dir(scratch.path()).env_clear().env("HOME", scratch.path());
        start.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        start
    };
    let mut nothing = prepared("true".as_ref(), &[]);
    let mut help = prepared(program, &["--help".as_ref()]);
    let mut replay = prepared(program, &["replay".as_ref(), &stream]);
    let mut shortest = [Duration::MAX; 3];
    for _ in 0..STARTS {
        for (start, shortest) in [&mut nothing, &mut help, &mut replay].into_iter().zip(&mut shortest) {
            let begun = Instant::now();
            let status = start.status().context("cannot start a program")?;
            *shortest = begun.elapsed().min(*shortest);
            ensure!(status.success(), "{start:?}: {status}");
        }
    }
    let [nothing, help, replay] = shortest.map(|time| Value::Nanoseconds(time.as_secs_f64() * 1e9));
    let row = |what: &str, value| Row {
        what: what.to_owned(),
        value,
        floor: Some(("a program that does nothing".to_owned(), nothing)),
        goal: START_GOAL,
    };
    Ok(vec![row("`codex-turns --help`", help), row("`codex-turns replay` of a small stream", replay)])
}

/// How many crates are compiled for it, without those of its tests.
fn crates(package: &str) -> Result<u64> {
    let tree = ["tree", "--locked", "--package", package, "--edges", "normal,build", "--prefix", "none"];
    let output = in_workspace(&tree).output().context("cannot start cargo")?;
    ensure!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).context("cargo tree prints text")?;
    // The same crate is told again with a star behind it.
    let crates: BTreeSet<&str> = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    Ok(crates.len() as u64)
}

fn in_workspace(arguments: &[&str]) -> Command {
    let mut cargo = cargo();
    cargo.current_dir(workspace_root()).args(arguments);
    cargo
}

fn float(count: u64) -> f64 {
    f64::from(u32::try_from(count).expect("nothing that is counted here has billions"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_a_long_line_is_read_from_its_row() {
        let printed = "test every ... | a line of 64 MiB | completed | whole | 9 ms of 30 s | 128.0 of 141 MiB of memory | yes |";
        let row = long_line(printed).unwrap().to_string();
        assert_eq!(
            row,
            "| memory for a line of 64 MiB, raw and as an event | 134.2 MB | 67.1 MB: the line | 2.00 | ratio 2.2 | yes |"
        );
        assert!(long_line("ok").is_none());
    }
}
