//! What is asked of the manifests: the arrows between the layers, what a package inherits and uses, where versions
//! stand.

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::finding::RuleFinding;
use super::source_file::WorkspaceFile;

/// Which of our packages each of our packages may use. Any of them but fixtures may use fixtures in its tests.
///
/// A new arrow needs a sentence in `ARCHITECTURE.md`.
const ARROWS: &[(&str, &[&str])] = &[
    ("codex-protocol", &[]),
    ("codex-exec", &["codex-protocol"]),
    ("codex-ledger", &["codex-protocol"]),
    ("codex-turn", &["codex-protocol", "codex-exec"]),
    ("codex-runner", &["codex-protocol", "codex-exec", "codex-turn", "codex-ledger"]),
    ("codex-cli", &["codex-protocol", "codex-exec", "codex-turn", "codex-ledger", "codex-runner"]),
    ("codex-book", &["codex-protocol", "codex-exec", "codex-turn", "codex-ledger", "codex-runner"]),
    (
        "codex-soak",
        &["codex-protocol", "codex-exec", "codex-turn", "codex-ledger", "codex-runner", "codex-fixtures"],
    ),
    ("codex-fixtures", &[]),
    ("xtask", &["codex-fixtures"]),
    ("api-listing", &[]),
];
/// Packages that may use none of others but these.
const ONLY: &[(&str, &[&str])] = &[("codex-protocol", &["serde", "serde_json", "thiserror"])];
/// Packages of others that a package of ours may not use.
const NEVER: &[(&str, &[&str])] = &[
    ("codex-ledger", &["tokio", "codex-exec"]),
    ("codex-exec", &["tracing-subscriber", "anyhow"]),
    ("codex-turn", &["tracing-subscriber", "anyhow", "rustix", "libc"]),
    ("codex-runner", &["tracing-subscriber", "anyhow", "clap", "anstream"]),
];
/// Packages whose sources are pages: the programs on them use what the manifest lists.
const OF_PAGES: &[&str] = &["codex-book"];
const INHERITED: &[&str] = &["version", "edition", "rust-version", "license", "repository"];

/// Asks every manifest but that of the workspace, and that of the fuzzer, which is not of the workspace.
pub(super) fn findings(files: &[WorkspaceFile]) -> Result<Vec<RuleFinding>> {
    let mut found = Vec::new();
    let is_asked = |path: &str| path.ends_with("/Cargo.toml") && !path.starts_with("fuzz/");
    for file in files.iter().filter(|file| is_asked(&file.path)) {
        let table: Table = file.text.parse().with_context(|| format!("{} is no TOML", file.path))?;
        let folder = file.path.trim_end_matches("Cargo.toml");
        let sources: Vec<&WorkspaceFile> =
            files.iter().filter(|source| source.path.starts_with(folder) && source.is_rust()).collect();
        found.extend(CargoManifest { file, table: &table, folder, sources }.findings());
    }
    Ok(found)
}

struct CargoManifest<'a> {
    file: &'a WorkspaceFile,
    table: &'a Table,
    /// The folder of the package, with its slash.
    folder: &'a str,
    /// The Rust files in it.
    sources: Vec<&'a WorkspaceFile>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Shipped,
    Tests,
}

impl CargoManifest<'_> {
    fn findings(&self) -> Vec<RuleFinding> {
        let mut found = self.package();
        found.extend(self.lints());
        for (usage, dependencies) in self.dependencies() {
            for (name, value) in dependencies {
                found.extend(self.arrow(usage, name));
                found.extend(self.version(name, value));
                found.extend(self.unused(usage, name));
            }
        }
        found
    }

    fn name(&self) -> &str {
        self.table.get("package").and_then(|package| package.get("name")?.as_str()).unwrap_or_default()
    }

    fn finding(&self, beside: &str, rule: &'static str, sentence: String) -> RuleFinding {
        let line = self.file.text.lines().position(|line| line.starts_with(beside));
        RuleFinding::new(&self.file.path, line.unwrap_or(0) + 1, rule, sentence)
    }

    fn package(&self) -> Vec<RuleFinding> {
        let package = self.table.get("package").and_then(Value::as_table);
        let field = |name: &str| package.and_then(|package| package.get(name));
        let inherits = |name: &str| field(name).is_some_and(is_workspace);
        let missing = INHERITED.iter().filter(|name| !inherits(name));
        let mut found: Vec<RuleFinding> = missing
            .map(|name| {
                self.finding("[package]", "fields-are-inherited", format!("write `{name}.workspace = true`"))
            })
            .collect();
        if field("description").is_none() {
            let sentence = "say in `description` what the package is".to_owned();
            found.push(self.finding("[package]", "package-says-what-it-is", sentence));
        }
        found
    }

    fn lints(&self) -> Option<RuleFinding> {
        let inherits = self.table.get("lints").is_some_and(is_workspace);
        let sentence = "write `[lints]` and `workspace = true`".to_owned();
        (!inherits).then(|| self.finding("[lints]", "lints-are-inherited", sentence))
    }

    /// The tables of dependencies, those of platforms included.
    fn dependencies(&self) -> Vec<(Use, &Table)> {
        let targets = self.table.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
        let places = std::iter::once(self.table).chain(targets.filter_map(Value::as_table));
        let kinds = [
            ("dependencies", Use::Shipped),
            ("build-dependencies", Use::Shipped),
            ("dev-dependencies", Use::Tests),
        ];
        places
            .flat_map(|place| kinds.map(|(kind, usage)| (usage, place.get(kind).and_then(Value::as_table))))
            .filter_map(|(usage, table)| Some((usage, table?)))
            .collect()
    }

    fn arrow(&self, usage: Use, to: &str) -> Option<RuleFinding> {
        let from = self.name();
        let Some(arrows) = entry(ARROWS, from) else {
            let sentence = format!("{from} has no place among the layers: give it one in {}", file!());
            return Some(self.finding("name", "arrows-between-layers", sentence));
        };
        let is_ours = entry(ARROWS, to).is_some();
        let for_tests = usage == Use::Tests && to == "codex-fixtures" && from != "codex-fixtures";
        let is_refused = if is_ours {
            !arrows.contains(&to) && !for_tests
        } else {
            let left_out = entry(ONLY, from).is_some_and(|only| !only.contains(&to));
            let banned = entry(NEVER, from).is_some_and(|never| never.contains(&to));
            usage == Use::Shipped && (left_out || banned)
        };
        is_refused.then(|| self.finding(to, "arrows-between-layers", format!("{from} may not use {to}")))
    }

    fn version(&self, name: &str, value: &Value) -> Option<RuleFinding> {
        let sentence =
            format!("the version of {name} stands in the workspace: write `{name}.workspace = true`");
        (!is_workspace(value)).then(|| self.finding(name, "versions-stand-in-one-place", sentence))
    }

    /// A dependency that no source names costs everybody who builds the package.
    fn unused(&self, usage: Use, name: &str) -> Option<RuleFinding> {
        let library = format!("{}src/", self.folder);
        let word = name.replace('-', "_");
        let mut read =
            self.sources.iter().filter(|file| usage == Use::Tests || file.path.starts_with(&library));
        let is_asked = !self.sources.is_empty() && !OF_PAGES.contains(&self.name());
        let is_unused = is_asked && !read.any(|file| has_word(&file.text, &word));
        let sentence = format!("no source names {name}: take it out");
        is_unused.then(|| self.finding(name, "dependencies-are-used", sentence))
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(word).any(|(start, _)| {
        !text[..start].ends_with(is_part) && !text[start + word.len()..].starts_with(is_part)
    })
}

fn is_workspace(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

fn entry<'a>(list: &[(&str, &'a [&'a str])], name: &str) -> Option<&'a [&'a str]> {
    list.iter().find(|(key, _)| *key == name).map(|(_, values)| *values)
}

#[cfg(test)]
mod tests;
