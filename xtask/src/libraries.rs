//! The packages of this workspace that others may use, as cargo knows them.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::process::{cargo, workspace_root};

/// A package of this workspace that others may use.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Its folder, from the root of the workspace on.
    pub(crate) folder: String,
    pub(crate) has_library: bool,
    /// Where cargo builds.
    pub(crate) target_folder: PathBuf,
}

/// The packages that are published, by name.
pub(crate) fn published() -> Result<Vec<Package>> {
    let metadata = ["metadata", "--format-version", "1", "--no-deps", "--locked"];
    let output =
        cargo().args(metadata).current_dir(workspace_root()).output().context("cannot start cargo")?;
    ensure!(output.status.success(), "cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata is no JSON")?;
    let target_folder =
        metadata["target_directory"].as_str().context("cargo metadata names no target folder")?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let mut published: Vec<Package> =
        packages.iter().filter_map(|value| package(value, target_folder)).collect();
    published.sort_by(|one, other| one.name.cmp(&other.name));
    ensure!(!published.is_empty(), "no package is published");
    Ok(published)
}

fn package(package: &Value, target_folder: &str) -> Option<Package> {
    // `publish` is null where it is not restricted, and an empty list where it is forbidden.
    if package["publish"].as_array().is_some_and(Vec::is_empty) {
        return None;
    }
    let manifest = package["manifest_path"].as_str()?;
    let folder = manifest.strip_prefix(workspace_root().to_str()?)?.strip_suffix("/Cargo.toml")?;
    let is_library =
        |target: &Value| target["kind"].as_array().is_some_and(|kinds| kinds.contains(&"lib".into()));
    Some(Package {
        name: package["name"].as_str()?.to_owned(),
        folder: folder.trim_start_matches('/').to_owned(),
        has_library: package["targets"].as_array()?.iter().any(is_library),
        target_folder: PathBuf::from(target_folder),
    })
}
