//! `cargo xtask api`: what each library shows to its users, as a listing beside its manifest.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::libraries::{Package, published};
use crate::process::{cargo, command, workspace_root};
use crate::steps::succeed;

/// Rustdoc shows its JSON to those who ask a nightly; this lets the pinned toolchain say it, and rustdoc alone: with the
/// variable in the environment of cargo, half of the dependencies would be built anew.
const RUSTDOC: &str = "#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec rustdoc \"$@\"\n";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Writes nothing, and fails where a listing would differ.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let said = if arguments.check { check()? } else { write()? };
    println!("api: {said}");
    Ok(())
}

fn write() -> Result<String> {
    let mut written = Vec::new();
    for (package, listing) in listings()? {
        let file = checked_in(&package);
        fs::write(&file, listing).with_context(|| format!("cannot write {}", file.display()))?;
        written.push(format!("{}/api.txt", package.folder));
    }
    Ok(written.join(", "))
}

/// Compares the listings with those that are checked in.
pub(crate) fn check() -> Result<String> {
    let mut differing = Vec::new();
    let mut items = 0;
    for (package, listing) in listings()? {
        let old = fs::read_to_string(checked_in(&package)).unwrap_or_default();
        items += listing.lines().count();
        if old != listing {
            show_difference(&package.name, &old, &listing);
            differing.push(package.name);
        }
    }
    if !differing.is_empty() {
        bail!(
            "what {} show is not as listed: run `cargo xtask api`, and read the difference",
            differing.join(", ")
        );
    }
    Ok(format!("{items} items are as listed"))
}

/// The items that are in one listing alone.
fn show_difference(name: &str, old: &str, new: &str) {
    let only_in = |lines: &str, others: &str, mark: char| {
        let others: Vec<&str> = others.lines().collect();
        for line in lines.lines().filter(|line| !others.contains(line)) {
            println!("{name}: {mark} {line}");
        }
    };
    only_in(old, new, '-');
    only_in(new, old, '+');
}

fn checked_in(package: &Package) -> PathBuf {
    workspace_root().join(&package.folder).join("api.txt")
}

fn listings() -> Result<Vec<(Package, String)>> {
    let root = workspace_root();
    let lister = ["build", "--quiet", "--locked", "--package", "api-listing"];
    succeed(cargo().current_dir(&root).args(lister)).context("cargo could not build api-listing")?;
    let this = std::env::current_exe().context("this program has no path")?;
    let lister = this.with_file_name("api-listing");
    let scratch = tempfile::tempdir().context("there is no room for a scratch folder")?;
    let rustdoc = scratch.path().join("rustdoc");
    fs::write(&rustdoc, RUSTDOC).context("cannot write the starter of rustdoc")?;
    fs::set_permissions(&rustdoc, fs::Permissions::from_mode(0o755)).context("cannot make it executable")?;

    let mut listings = Vec::new();
    for package in published()?.into_iter().filter(|package| package.has_library) {
        let json = document(&package, &rustdoc)?;
        let listing = scratch.path().join("listing.txt");
        succeed(command(&lister).arg(&json).arg(&listing))
            .with_context(|| format!("what {} shows cannot be listed", package.name))?;
        let text = fs::read_to_string(&listing).context("the listing cannot be read")?;
        listings.push((package, text));
    }
    Ok(listings)
}

/// Has rustdoc say what it knows of a library, with all of its features.
fn document(package: &Package, rustdoc: &Path) -> Result<PathBuf> {
    let arguments = ["rustdoc", "--quiet", "--locked", "--lib", "--all-features", "--package", &package.name];
    let json = ["--", "-Z", "unstable-options", "--output-format", "json", "--cap-lints", "allow"];
    let mut command = cargo();
    command.current_dir(workspace_root()).args(arguments).args(json).env("RUSTDOC", rustdoc);
    succeed(&mut command).with_context(|| format!("rustdoc could not read {}", package.name))?;
    Ok(package.target_folder.join("doc").join(format!("{}.json", package.name.replace('-', "_"))))
}
