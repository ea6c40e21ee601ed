//! `cargo xtask schema`: the JSON Schema of a manifest, as its types have it.

use std::fs;

use anyhow::{Context, Result, bail, ensure};

use crate::process::{cargo, workspace_root};

const FILE: &str = "crates/codex-ledger/schema/manifest.schema.json";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only says whether the file is as the types have it.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let path = workspace_root().join(FILE);
    let text = schema()?;
    if !arguments.check {
        fs::create_dir_all(path.parent().expect("the file is in a folder"))?;
        fs::write(&path, text).with_context(|| format!("cannot write {FILE}"))?;
        println!("{FILE} is written");
        return Ok(());
    }
    let found = fs::read_to_string(&path).with_context(|| format!("cannot read {FILE}"))?;
    if found != text {
        bail!("{FILE} is not as the types have it: run `cargo xtask schema`");
    }
    println!("{FILE} is as the types have it");
    Ok(())
}

/// The crate prints it itself, so that this program need not be built again with every change of the crate.
fn schema() -> Result<String> {
    let mut command = cargo();
    command.args(["run", "--quiet", "-p", "codex-ledger", "--example", "manifest_schema"]);
    let output = command.current_dir(workspace_root()).output().context("cannot start cargo")?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the schema could not be made: {}", complaint.trim());
    String::from_utf8(output.stdout).context("the schema is no text")
}
