//! `cargo xtask ci`: all that a change must pass, one step after the other.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use codex_fixtures::PINNED_CODEX_VERSION;

use crate::libraries::published;
use crate::process::{cargo, workspace_root};
use crate::steps::{Steps, status, succeed};
use crate::{api, package, test, tidy};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Leaves the tests out, where `cargo xtask test` has just run them.
    #[arg(long)]
    without_tests: bool,
    /// Records every scenario of the pinned Codex again and compares it with what is stored. It takes minutes.
    #[arg(long)]
    recordings: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut steps = Steps::default();
    steps.run("format", || succeed(here().args(["fmt", "--all", "--check"])));
    steps.run("tidy", || tidy::check().map(|()| String::new()));
    steps.run("dependencies", dependencies);
    steps.run("clippy", || {
        let clippy = ["clippy", "--workspace", "--all-targets", "--all-features", "--locked", "--quiet"];
        succeed(here().args(clippy).args(["--", "-D", "warnings"]))
    });
    steps.run("each library alone", each_library_alone);
    steps.run("no host tools unasked", no_host_tools_unasked);
    steps.run("documentation", || {
        let doc = ["doc", "--no-deps", "--workspace", "--all-features", "--locked", "--quiet"];
        succeed(here().args(doc).env("RUSTDOCFLAGS", "-D warnings"))
    });
    steps.run("public interfaces", api::check);
    steps.run("packages", || package::pack(false));
    if !arguments.without_tests {
        test::add_to(&mut steps, &[]);
    }
    if arguments.recordings {
        steps.run("recordings", || {
            let again = ["xtask", "record-fixtures", "--check", "--codex-version", PINNED_CODEX_VERSION];
            succeed(here().args(again))
        });
    }
    steps.finish("ci")
}

fn here() -> std::process::Command {
    let mut cargo = cargo();
    cargo.current_dir(workspace_root()).stdin(Stdio::null());
    cargo
}

/// Together the packages lend each other features; alone each must name what it uses.
fn each_library_alone() -> Result<String> {
    let libraries: Vec<String> =
        published()?.into_iter().filter(|package| package.has_library).map(|package| package.name).collect();
    for library in &libraries {
        for features in [&[][..], &["--no-default-features"]] {
            succeed(here().args(["check", "--quiet", "--locked", "--package", library]).args(features))?;
        }
    }
    Ok(libraries.join(", "))
}

/// Whoever wants no host tools compiles neither an HTTP server nor the protocol.
fn no_host_tools_unasked() -> Result<String> {
    let used = |features: &[&str]| -> Result<BTreeSet<String>> {
        let tree = ["tree", "--locked", "--package", "codex-turn", "--edges", "normal"];
        let mut tree_of = here();
        tree_of.args(tree).args(["--prefix", "none", "--format", "{p}"]).args(features);
        let output = tree_of.output().context("cannot start cargo")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let names = String::from_utf8_lossy(&output.stdout);
        Ok(names.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect())
    };
    let (without, with) = (used(&[])?, used(&["--features", "tools"])?);
    for package in ["rmcp", "hyper", "hyper-util", "schemars", "base64"] {
        ensure!(with.contains(package), "codex-turn does not use {package} for host tools any more");
        ensure!(!without.contains(package), "codex-turn compiles {package} without the feature `tools`");
    }
    Ok(format!("{} packages without them, {} with them", without.len(), with.len()))
}

/// Has cargo-deny check `deny.toml`, where it is installed.
fn dependencies() -> Result<String> {
    if !is_installed("cargo-deny") {
        return Ok("cargo-deny is not installed: bans, licences and sources were checked by tidy, \
                   advisories were not checked"
            .to_owned());
    }
    succeed(here().args(["deny", "--all-features", "check", "bans", "licenses", "sources"]))?;
    if !status(here().args(["deny", "fetch", "db"]).stderr(Stdio::null()))?.success() {
        return Ok("cargo-deny checked bans, licences and sources; advisories were not checked, \
                   their database cannot be fetched from here"
            .to_owned());
    }
    let advisories =
        status(here().args(["deny", "--all-features", "check", "--disable-fetch", "advisories"]))?;
    ensure!(advisories.success(), "an advisory speaks against a dependency; it is named above");
    Ok("cargo-deny checked bans, licences, sources and advisories".to_owned())
}

/// Whether a program of this name lies on the search path or beside cargo.
fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let beside_cargo =
        std::env::var_os("CARGO").map(PathBuf::from).and_then(|cargo| Some(cargo.parent()?.to_owned()));
    std::env::split_paths(&path).chain(beside_cargo).any(|folder| folder.join(program).is_file())
}
