//! `cargo xtask bench`: runs the benchmarks, all or one.

use std::fs;

use anyhow::{Context, Result, ensure};
use toml::{Table, Value};

use crate::process::{cargo, workspace_root};
use crate::steps::succeed;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The benchmark; all of them if it is left out.
    name: Option<String>,
    /// What criterion takes: a filter, `--save-baseline NAME`, `--baseline NAME`.
    #[arg(last = true)]
    rest: Vec<String>,
}

/// One `[[bench]]` of a package.
#[derive(Debug, PartialEq, Eq)]
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
    for Benchmark { package, name } in wanted {
        eprintln!("=== {package}: {name}");
        let mut bench = cargo();
        bench.current_dir(workspace_root()).args([
            "bench",
            "--locked",
            "--all-features",
            "--package",
            &package,
        ]);
        succeed(bench.args(["--bench", &name, "--"]).args(&arguments.rest))
            .with_context(|| format!("the benchmark {name} of {package} failed"))?;
    }
    Ok(())
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
