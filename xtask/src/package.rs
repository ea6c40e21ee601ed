//! `cargo xtask package`: packs every crate as it would be published, and looks whether all is in it.

use anyhow::{Context, Result, ensure};

use crate::libraries::{Package, published};
use crate::process::{cargo, workspace_root};
use crate::steps::succeed;

/// What a person finds in a package first.
const IN_EVERY_PACKAGE: &[&str] = &["Cargo.toml", "README.md", "LICENSE-APACHE", "LICENSE-MIT"];

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Also builds each package from what is in it, against the packages of the others. It takes minutes.
    #[arg(long)]
    build: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    println!("package: {}", pack(arguments.build)?);
    Ok(())
}

/// Packs all; says what was packed.
pub(crate) fn pack(build: bool) -> Result<String> {
    let packages = published()?;
    for package in &packages {
        looks_whole(package)?;
    }
    let mut pack = cargo();
    pack.current_dir(workspace_root()).args(["package", "--quiet", "--locked", "--allow-dirty"]);
    for package in &packages {
        pack.args(["--package", &package.name]);
    }
    // Cargo keeps what it has unpacked of a version below a folder: in one that is used again it would build the packages of the
    // last time.
    let folder = tempfile::tempdir().context("there is no room for a folder to build in")?;
    if build {
        pack.arg("--target-dir").arg(folder.path());
    } else {
        pack.arg("--no-verify");
    }
    succeed(&mut pack).context("cargo could not pack the crates")?;
    Ok(packages.iter().map(|package| package.name.as_str()).collect::<Vec<_>>().join(", "))
}

fn looks_whole(package: &Package) -> Result<()> {
    let list = ["package", "--list", "--quiet", "--locked", "--allow-dirty", "--package", &package.name];
    let output = cargo().args(list).current_dir(workspace_root()).output().context("cannot start cargo")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    let listed = String::from_utf8_lossy(&output.stdout);
    for file in IN_EVERY_PACKAGE {
        ensure!(listed.lines().any(|line| line == *file), "the package {} has no {file}", package.name);
    }
    Ok(())
}
