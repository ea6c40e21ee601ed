//! `cargo xtask bench`: runs the benchmarks, all or one, and reports what they measured.

mod memory;
mod programs;
mod report;
mod samples;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};
use toml::{Table, Value};

use self::report::BenchReport;
use self::samples::Samples;
use crate::process::{cargo, workspace_root};
use crate::steps::succeed;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The benchmark; all of them if it is left out.
    name: Option<String>,
    /// Measures quickly, and writes a page with all that was measured, beside its floors and goals, to target/bench-report.md or
    /// to this file.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "target/bench-report.md")]
    report: Option<PathBuf>,
    /// What criterion takes: a filter, `--save-baseline NAME`, `--baseline NAME`.
    #[arg(last = true)]
    rest: Vec<String>,
}

/// One `[[bench]]` of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Benchmark {
    package: String,
    name: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let all = benchmarks()?;
    let known: Vec<String> = all.iter().map(|benchmark| benchmark.name.clone()).collect();
    let is_wanted =
        |benchmark: &Benchmark| arguments.name.as_ref().is_none_or(|name| *name == benchmark.name);
    let wanted: Vec<Benchmark> = all.into_iter().filter(is_wanted).collect();
    let name = arguments.name.as_deref().unwrap_or_default();
    ensure!(!wanted.is_empty(), "no benchmark {name}: there are {}", known.join(", "));
    match &arguments.report {
        None => wanted.iter().try_for_each(|benchmark| benchmark.run(&arguments.rest)),
        Some(file) => report(&wanted, arguments, file),
    }
}

/// How often a benchmark runs for a report, each time after its floor: what is compared on two cores is compared over some time.
fn rounds(benchmark: &Benchmark) -> usize {
    if benchmark.name == "stream" { 3 } else { 1 }
}

/// What criterion is told for a report: the shortest time is soon found.
const QUICKLY: [&str; 5] = ["--noplot", "--warm-up-time", "0.3", "--measurement-time", "0.5"];

fn report(wanted: &[Benchmark], arguments: &Arguments, file: &Path) -> Result<()> {
    let root = workspace_root();
    let quickly: Vec<String> = QUICKLY.map(str::to_owned).into_iter().chain(arguments.rest.clone()).collect();
    let mut samples = Samples::default();
    for (number, benchmark) in (1..).zip(wanted) {
        for round in 1..=rounds(benchmark) {
            eprintln!("=== {number} of {}, round {round} of {}", wanted.len(), rounds(benchmark));
            let begun = SystemTime::now();
            benchmark.run(&quickly)?;
            samples.read(&root.join("target/criterion"), begun)?;
        }
    }
    let mut report = BenchReport::of(&samples);
    if arguments.name.is_none() {
        report.add(programs::measure()?);
    }
    let file = root.join(file);
    fs::write(&file, report.to_string()).with_context(|| format!("cannot write {}", file.display()))?;
    println!("{report}");
    let missed = report.missed();
    ensure!(missed.is_empty(), "missed: {}", missed.join("; "));
    Ok(())
}

impl Benchmark {
    fn run(&self, arguments: &[String]) -> Result<()> {
        let Self { package, name } = self;
        eprintln!("=== {package}: {name}");
        let mut bench = cargo();
        bench.current_dir(workspace_root()).args([
            "bench",
            "--locked",
            "--all-features",
            "--package",
            package,
        ]);
        succeed(bench.args(["--bench", name, "--"]).args(arguments))
            .with_context(|| format!("the benchmark {name} of {package} failed"))?;
        Ok(())
    }
}

fn benchmarks() -> Result<Vec<Benchmark>> {
    let mut found = Vec::new();
    let folder = workspace_root().join("crates");
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let manifest = entry.context("cannot read the folder of crates")?.path().join("Cargo.toml");
        let Ok(text) = fs::read_to_string(&manifest) else { continue };
        found.extend(benchmarks_of(&text).with_context(|| format!("cannot read {}", manifest.display()))?);
    }
    found.sort_by(|one, other| (&one.package, &one.name).cmp(&(&other.package, &other.name)));
    Ok(found)
}

fn benchmarks_of(manifest: &str) -> Result<Vec<Benchmark>> {
    let table: Table = manifest.parse()?;
    let name = |value: &Value| value.get("name").and_then(Value::as_str).map(str::to_owned);
    let package = table.get("package").and_then(name).context("the package has no name")?;
    let benches = table.get("bench").and_then(Value::as_array).into_iter().flatten().filter_map(name);
    Ok(benches.map(|name| Benchmark { package: package.clone(), name }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_benchmarks_of_a_manifest_are_found() {
        let manifest =
            "[package]\nname = \"a\"\n[[bench]]\nname = \"b\"\nharness = false\n[[bench]]\nname = \"c\"\n";
        let named = |name: &str| Benchmark { package: "a".to_owned(), name: name.to_owned() };
        assert_eq!(benchmarks_of(manifest).unwrap(), [named("b"), named("c")]);
        assert_eq!(benchmarks_of("[package]\nname = \"a\"\n").unwrap(), []);
    }
}
