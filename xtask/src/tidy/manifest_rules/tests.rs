//! Manifests that break one rule each.

use super::*;

const HEAD: &str = "description = \"a\"\nversion.workspace = true\nedition.workspace = true\n\
    rust-version.workspace = true\nlicense.workspace = true\nrepository.workspace = true\n\
    keywords.workspace = true\ncategories.workspace = true\n[lints]\nworkspace = true\n";

fn check(text: &str, rules: &[&str]) {
    let file = WorkspaceFile::new("crates/a/Cargo.toml", text.to_owned());
    let found = findings(&[file]).unwrap();
    assert_eq!(found.iter().map(RuleFinding::rule).collect::<Vec<_>>(), rules, "{text}\n{found:?}");
}

fn uses(package: &str, table: &str, dependency: &str) -> String {
    format!("[package]\nname = \"{package}\"\n{HEAD}[{table}]\n{dependency}.workspace = true\n")
}

#[test]
fn arrows_of_the_design_pass() {
    for (from, table, to) in [
        ("codex-exec", "dependencies", "codex-protocol"),
        ("codex-turn", "dependencies", "codex-exec"),
        ("codex-cli", "dependencies", "codex-turn"),
        ("codex-ledger", "dependencies", "codex-protocol"),
        ("codex-protocol", "dev-dependencies", "codex-fixtures"),
        ("codex-protocol", "dev-dependencies", "insta"),
        ("xtask", "dependencies", "codex-fixtures"),
    ] {
        check(&uses(from, table, to), &[]);
    }
}

#[test]
fn other_arrows_are_found() {
    for (from, table, to) in [
        ("codex-protocol", "dependencies", "codex-exec"),
        ("codex-protocol", "dev-dependencies", "codex-exec"),
        ("codex-exec", "dependencies", "codex-turn"),
        ("codex-exec", "dependencies", "codex-fixtures"),
        ("codex-turn", "dependencies", "codex-cli"),
        ("codex-ledger", "dependencies", "codex-exec"),
        ("codex-ledger", "dependencies", "tokio"),
        ("codex-fixtures", "dev-dependencies", "codex-protocol"),
        ("xtask", "dependencies", "codex-turn"),
        ("codex-protocol", "dependencies", "tokio"),
        ("codex-exec", "target.'cfg(unix)'.dependencies", "codex-turn"),
        ("newcomer", "dependencies", "serde"),
    ] {
        check(&uses(from, table, to), &["arrows-between-layers"]);
    }
}

#[test]
fn what_is_not_inherited_is_found() {
    let whole = uses("codex-cli", "dependencies", "clap");
    for name in INHERITED {
        check(&whole.replace(&format!("\n{name}.workspace = true"), ""), &["fields-are-inherited"]);
    }
    check(&whole.replace("description = \"a\"\n", ""), &["package-says-what-it-is"]);
    check(&whole.replace("[lints]\nworkspace = true\n", ""), &["lints-are-inherited"]);
}

#[test]
fn a_version_outside_the_workspace_is_found() {
    let whole = uses("codex-cli", "dependencies", "clap");
    for value in ["clap = \"4\"", "clap = { version = \"4\" }", "clap = { path = \"../clap\" }"] {
        check(&whole.replace("clap.workspace = true", value), &["versions-stand-in-one-place"]);
    }
}

#[test]
fn a_dependency_that_no_source_names_is_found() {
    for (table, path, text, rules) in [
        ("dependencies", "src/lib.rs", "use serde_json::Value;", &[][..]),
        (
            "dependencies",
            "src/lib.rs",
            "use my_serde_json::Value; struct serde_jsonish;",
            &["dependencies-are-used"],
        ),
        ("dependencies", "tests/all.rs", "use serde_json::Value;", &["dependencies-are-used"]),
        ("dev-dependencies", "tests/all.rs", "use serde_json::Value;", &[]),
        ("dev-dependencies", "src/lib.rs", "", &["dependencies-are-used"]),
    ] {
        let manifest = WorkspaceFile::new("crates/a/Cargo.toml", uses("codex-cli", table, "serde_json"));
        let source = WorkspaceFile::new(&format!("crates/a/{path}"), text.to_owned());
        let found = findings(&[manifest, source]).unwrap();
        assert_eq!(found.iter().map(RuleFinding::rule).collect::<Vec<_>>(), rules, "{table}, {path}: {text}");
    }
}
