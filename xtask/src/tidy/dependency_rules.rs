//! What is asked of the packages that we depend on, as `deny.toml` says: licences, sources, doubles and bans.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::finding::RuleFinding;
use super::licence::is_allowed;
use crate::process::{cargo, workspace_root};

/// The part of `deny.toml` that is checked here; cargo-deny reads the rest.
#[derive(Debug, Deserialize)]
pub(super) struct Deny {
    graph: Graph,
    licenses: Licenses,
    bans: Bans,
    sources: PackageSources,
}

#[derive(Debug, Deserialize)]
struct Graph {
    targets: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    #[serde(default)]
    skip: Vec<Named>,
    #[serde(default)]
    deny: Vec<Named>,
}

/// `name` or `name@version`, where the version may be only its first numbers.
#[derive(Debug, Deserialize)]
struct Named {
    #[serde(rename = "crate")]
    spec: String,
    #[serde(default)]
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct PackageSources {
    allow_registry: Vec<String>,
}

/// What `cargo metadata` prints.
#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<PackageManifest>,
}

#[derive(Debug, Deserialize)]
struct PackageManifest {
    name: String,
    version: String,
    source: Option<String>,
    license: Option<String>,
}

impl Deny {
    pub(super) fn read(text: &str) -> Result<Self> {
        toml::from_str(text).context("deny.toml cannot be read")
    }
}

/// Asks cargo for all packages and checks each.
pub(super) fn findings(deny: &Deny) -> Result<Vec<RuleFinding>> {
    let mut metadata = cargo();
    metadata.args(["metadata", "--format-version", "1", "--locked", "--all-features"]);
    for target in &deny.graph.targets {
        metadata.args(["--filter-platform", target]);
    }
    let output = metadata.current_dir(workspace_root()).output().context("cannot start cargo")?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo metadata failed: {}", complaint.trim());
    let metadata: Metadata =
        serde_json::from_slice(&output.stdout).context("cargo metadata is not as expected")?;
    Ok(check(deny, &metadata.packages))
}

fn check(deny: &Deny, packages: &[PackageManifest]) -> Vec<RuleFinding> {
    let finding = |rule, sentence| RuleFinding::new("Cargo.lock", 1, rule, sentence);
    let licences: Vec<&str> = deny.licenses.allow.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    let mut versions: BTreeMap<&str, Vec<&PackageManifest>> = BTreeMap::new();
    for package in packages {
        let label = format!("{} {}", package.name, package.version);
        let licence = package.license.as_deref().unwrap_or("none");
        if !is_allowed(licence, &licences) {
            found.push(finding("licences-are-listed", format!("{label} has the licence {licence}")));
        }
        if let Some(source) = package.source.as_deref().filter(|source| !deny.sources.allow(source)) {
            found.push(finding("sources-are-listed", format!("{label} comes from {source}")));
        }
        if let Some(ban) = deny.bans.deny.iter().find(|ban| ban.is(package)) {
            found.push(finding("banned", format!("{label} is not used here: {}", ban.reason)));
        }
        if !deny.bans.skip.iter().any(|skip| skip.is(package)) {
            versions.entry(&package.name).or_default().push(package);
        }
    }
    for (name, packages) in versions.iter().filter(|(_, packages)| packages.len() > 1) {
        let versions: Vec<&str> = packages.iter().map(|package| package.version.as_str()).collect();
        let sentence = format!(
            "{name} is there as {}: agree on one, or give a reason among the `skip` of deny.toml",
            versions.join(" and ")
        );
        found.push(finding("one-version-of-each", sentence));
    }
    let named = deny.bans.skip.iter().chain(&deny.bans.deny);
    for entry in named.filter(|entry| entry.reason.trim().is_empty()) {
        let sentence = format!("{} is listed without a reason", entry.spec);
        found.push(RuleFinding::new("deny.toml", 1, "exceptions-have-reasons", sentence));
    }
    found
}

impl PackageSources {
    fn allow(&self, source: &str) -> bool {
        let registry = source.strip_prefix("registry+").or_else(|| source.strip_prefix("sparse+"));
        registry.is_some_and(|registry| self.allow_registry.iter().any(|allowed| allowed == registry))
    }
}

impl Named {
    fn is(&self, package: &PackageManifest) -> bool {
        match self.spec.split_once('@') {
            None => self.spec == package.name,
            Some((name, version)) => {
                let rest = package.version.strip_prefix(version);
                name == package.name && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DENY: &str = r#"
        graph.targets = []
        licenses.allow = ["MIT"]
        bans.skip = [{ crate = "old@1", reason = "a reason" }]
        bans.deny = [{ crate = "bad", reason = "it is bad" }]
        sources.allow-registry = ["https://registry.example"]
    "#;

    fn package(name: &str, version: &str) -> PackageManifest {
        PackageManifest {
            name: name.to_owned(),
            version: version.to_owned(),
            source: Some("registry+https://registry.example".to_owned()),
            license: Some("MIT".to_owned()),
        }
    }

    fn rules(packages: &[PackageManifest]) -> Vec<&'static str> {
        check(&Deny::read(DENY).unwrap(), packages).iter().map(RuleFinding::rule).collect()
    }

    #[test]
    fn an_ordinary_package_passes() {
        assert!(rules(&[package("a", "1.0.0"), package("b", "1.0.0")]).is_empty());
        assert!(rules(&[PackageManifest { source: None, ..package("ours", "0.1.0") }]).is_empty());
    }

    #[test]
    fn each_rule_finds_what_breaks_it() {
        let copyleft = PackageManifest { license: Some("GPL-3.0".to_owned()), ..package("a", "1.0.0") };
        assert_eq!(rules(&[copyleft]), ["licences-are-listed"]);
        assert_eq!(
            rules(&[PackageManifest { license: None, ..package("a", "1.0.0") }]),
            ["licences-are-listed"]
        );
        let git =
            PackageManifest { source: Some("git+https://example.com/a".to_owned()), ..package("a", "1.0.0") };
        assert_eq!(rules(&[git]), ["sources-are-listed"]);
        assert_eq!(rules(&[package("bad", "1.0.0")]), ["banned"]);
        assert_eq!(rules(&[package("a", "1.0.0"), package("a", "2.0.0")]), ["one-version-of-each"]);
    }

    #[test]
    fn a_double_with_a_reason_passes() {
        assert!(rules(&[package("old", "1.2.3"), package("old", "2.0.0")]).is_empty());
        assert_eq!(rules(&[package("old", "10.0.0"), package("old", "2.0.0")]), ["one-version-of-each"]);
    }

    #[test]
    fn an_exception_without_a_reason_is_found() {
        let deny = Deny::read(&DENY.replace("a reason", " ")).unwrap();
        let found = check(&deny, &[]);
        assert_eq!(found.iter().map(RuleFinding::rule).collect::<Vec<_>>(), ["exceptions-have-reasons"]);
    }

    #[test]
    fn the_file_of_this_workspace_can_be_read() {
        Deny::read(include_str!("../../../deny.toml")).unwrap();
    }
}
