//! `cargo xtask fuzz`: looks for bytes that a reader does not bear, by libFuzzer.

use std::ffi::OsString;
use std::fs;

use anyhow::{Context, Result, ensure};

use crate::process::{cargo, command, workspace_root};
use crate::steps::succeed;

/// The targets, and where the seeds of each lie.
const TARGETS: &[(&str, &str)] = &[
    ("decode", "fixtures/streams/0.169.0"),
    ("rollout", "crates/codex-protocol/tests/rollouts"),
    ("csv", "crates/codex-ledger/tests/parsers/seeds/csv"),
    ("junit", "crates/codex-ledger/tests/parsers/seeds/junit"),
    ("coverage", "crates/codex-ledger/tests/parsers/seeds/coverage"),
    ("manifest", "crates/codex-ledger/src/manifest/samples"),
    ("contexts", "crates/codex-runner/tests/parsers/seeds/contexts"),
    ("pipeline", "crates/codex-runner/tests/parsers/seeds/pipeline"),
    ("markdown", "crates/codex-ledger/tests/parsers/seeds/markdown"),
    ("redaction", "crates/codex-ledger/tests/parsers/seeds/redaction"),
];

/// What cargo-fuzz tells the compiler, without the sanitizers that only a nightly one has.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Cdebug-assertions -Coverflow-checks -Ccodegen-units=1";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The target; all of them, one after the other, if it is left out.
    target: Option<String>,
    /// For how long each is run.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    let is_wanted = |name: &str| arguments.target.as_ref().is_none_or(|target| target == name);
    let wanted: Vec<_> = TARGETS.iter().filter(|(name, _)| is_wanted(name)).collect();
    let target = arguments.target.as_deref().unwrap_or_default();
    ensure!(!wanted.is_empty(), "no target {target}: there are {}", names.join(", "));
    let root = workspace_root();
    let target_folder = root.join("target/fuzz");
    let triple = host()?;
    let mut build = cargo();
    build.current_dir(root.join("fuzz")).env("RUSTFLAGS", FLAGS).env_remove("CARGO_ENCODED_RUSTFLAGS");
    // With a target named, the flags are not those of build scripts.
    build.args(["build", "--locked", "--release", "--target", &triple, "--target-dir"]).arg(&target_folder);
    succeed(&mut build).context("the targets cannot be built; libFuzzer needs a compiler of C++")?;
    for (name, seeds) in wanted {
        eprintln!("=== {name}, {} s", arguments.seconds);
        let corpus = target_folder.join("corpus").join(name);
        let found = target_folder.join("found").join(name);
        for folder in [&corpus, &found] {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let mut prefix = OsString::from("-artifact_prefix=");
        prefix.push(found.join(""));
        let mut fuzz = command(target_folder.join(&triple).join("release").join(name));
        fuzz.current_dir(&root).arg(&corpus).arg(root.join(seeds)).arg(prefix);
        fuzz.args(["-max_len=8192", "-timeout=10", "-print_final_stats=1"]);
        fuzz.arg(format!("-max_total_time={}", arguments.seconds));
        succeed(&mut fuzz).with_context(|| {
            format!("{name} broke a promise; the bytes are in {}, for the seeds in {seeds}", found.display())
        })?;
    }
    Ok(())
}

/// The target that the compiler builds for where none is named.
fn host() -> Result<String> {
    let output = command("rustc").arg("-vV").output().context("cannot start rustc")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    Ok(host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_in_the_manifest_and_has_seeds() {
        let manifest = fs::read_to_string(workspace_root().join("fuzz/Cargo.toml")).unwrap();
        assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
        for (name, seeds) in TARGETS {
            assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
            assert!(fs::read_dir(workspace_root().join(seeds)).unwrap().count() > 0, "{seeds}");
        }
    }
}
