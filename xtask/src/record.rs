//! `cargo xtask record-fixtures`: runs scenarios with real releases of Codex and keeps or compares what they print.

mod child;
mod compare;
mod play;
mod scenario;
mod scratch;
mod store;
pub(crate) mod substitute;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail, ensure};
use codex_fixtures::PINNED_CODEX_VERSION;

use self::play::{Bench, PlayedTurn};
use self::scenario::Scenario;
use self::store::Store;
use crate::codex;
use crate::process::{command, workspace_root};

/// More would change the timing that the recordings show.
const RUNS_AT_ONCE: usize = 2;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Compares with what is stored and writes nothing.
    #[arg(long)]
    check: bool,
    /// Only this scenario; may be given several times.
    #[arg(long)]
    scenario: Vec<String>,
    /// The release of Codex; `all` for every one that has scenarios.
    #[arg(long, default_value = PINNED_CODEX_VERSION)]
    codex_version: String,
    /// Runs the scenarios that make sense with a real model with your own account, and keeps what they print below
    /// target/live-streams. It costs tokens.
    #[arg(long, conflicts_with = "check")]
    live: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let root = workspace_root();
    let scenarios = Scenario::all(&root.join("fixtures").join("scenarios"))?;
    let names: BTreeSet<&str> = scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    if let Some(unknown) = arguments.scenario.iter().find(|name| !names.contains(name.as_str())) {
        bail!(
            "no scenario {unknown}: fixtures/scenarios has {}",
            names.into_iter().collect::<Vec<_>>().join(", ")
        );
    }
    let versions = if arguments.codex_version == "all" {
        scenarios.iter().flat_map(|scenario| scenario.setup.versions.clone()).collect()
    } else {
        BTreeSet::from([arguments.codex_version.clone()])
    };
    let probe = build_probe()?;
    let mut failures = 0;
    for version in versions {
        let chosen: Vec<&Scenario> = scenarios
            .iter()
            .filter(|scenario| scenario.setup.versions.contains(&version))
            .filter(|scenario| arguments.scenario.is_empty() || arguments.scenario.contains(&scenario.name))
            .filter(|scenario| !arguments.live || scenario.setup.live)
            .collect();
        ensure!(!chosen.is_empty(), "no scenario of that name is recorded with codex {version}");
        let codex = codex::provision(&version)?;
        let folder =
            if arguments.live { root.join("target/live-streams") } else { codex_fixtures::streams_dir() };
        let store = Store::new(&folder.join(&version));
        let bench = Bench { version, codex, probe: probe.clone(), live: arguments.live };
        failures += run_release(&bench, &chosen, &store, arguments);
    }
    ensure!(failures == 0, "{failures} scenarios failed; each says above what was wrong");
    Ok(())
}

/// Runs the scenarios of one release, two at a time, and counts those that failed.
fn run_release(bench: &Bench, scenarios: &[&Scenario], store: &Store, arguments: &Arguments) -> usize {
    let next = AtomicUsize::new(0);
    let failures = AtomicUsize::new(0);
    let printing = Mutex::new(());
    let work = || {
        while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
            let outcome = play::record(bench, scenario)
                .and_then(|recorded| keep_or_compare(&recorded, &scenario.name, store, arguments.check));
            let _one_at_a_time = printing.lock();
            match outcome {
                Ok(note) => println!("codex {} {}: {note}", bench.version, scenario.name),
                Err(error) => {
                    failures.fetch_add(1, Ordering::Relaxed);
                    println!("codex {} {}: FAILED: {error:#}", bench.version, scenario.name);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..RUNS_AT_ONCE {
            scope.spawn(work);
        }
    });
    let mut failures = failures.into_inner();
    if arguments.check && arguments.scenario.is_empty() {
        for stale in stale_streams(scenarios, store) {
            println!("codex {} {stale}: FAILED: it is stored, but no scenario makes it", bench.version);
            failures += 1;
        }
    }
    failures
}

fn keep_or_compare(recorded: &PlayedTurn, scenario: &str, store: &Store, check: bool) -> Result<String> {
    if check {
        for recording in &recorded.recordings {
            let (stream, meta) = store.read(&recording.name)?;
            let differences = compare::differences((&stream, &meta), (&recording.stream, &recording.meta));
            ensure!(
                differences.is_empty(),
                "{} differs from what is stored\n  {}",
                recording.name,
                differences.join("\n  ")
            );
        }
        return Ok("same".to_owned());
    }
    store.write(scenario, recorded)?;
    let ends: Vec<String> = recorded.recordings.iter().map(play::PlayedProcess::end).collect();
    Ok(ends.join(", "))
}

fn stale_streams(scenarios: &[&Scenario], store: &Store) -> Vec<String> {
    let mut names = store.names();
    for scenario in scenarios {
        names.remove(&scenario.name);
        for step in 1..=scenario.processes() {
            names.remove(&format!("{}_{step}", scenario.name));
        }
    }
    names.into_iter().collect()
}

/// The MCP server of the scenarios lies beside this program.
fn build_probe() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = command(cargo)
        .args(["build", "--quiet", "--package", "codex-fixtures", "--bin", "mcp-probe"])
        .current_dir(workspace_root())
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "cargo could not build mcp-probe");
    let this = std::env::current_exe().context("this program has no path")?;
    let probe = this.with_file_name("mcp-probe");
    ensure!(probe.is_file(), "no {}", probe.display());
    Ok(probe)
}
