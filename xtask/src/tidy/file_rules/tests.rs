//! Each rule of a file finds a bad one.

use super::*;

fn rules(files: &[(&str, &str)]) -> Vec<&'static str> {
    let files: Vec<WorkspaceFile> =
        files.iter().map(|(path, text)| WorkspaceFile::new(path, (*text).to_owned())).collect();
    let machine = machine_folders(Path::new("/srv/build/tree"), Some(Path::new("/opt/ada")));
    findings(&files, &machine).iter().map(RuleFinding::rule).collect()
}

#[test]
fn a_file_without_a_first_sentence_is_found() {
    for text in ["", "use std::fmt;\n", "//!\n//! Late.\n", "\n//! A.\n", "// A.\n"] {
        assert_eq!(rules(&[("crates/a/src/b.rs", text)]), ["file-says-what-it-is"], "{text:?}");
    }
    assert!(rules(&[("crates/a/src/b.rs", "//! A.\n"), ("README.md", "# A")]).is_empty());
}

#[test]
fn a_file_over_the_length_is_found() {
    let text = |lines: usize| format!("//! A.\n{}", "\n".repeat(lines - 1));
    assert_eq!(rules(&[("crates/a/src/b.rs", &text(LONGEST_FILE_LINES + 1))]), ["file-is-short"]);
    assert!(rules(&[("crates/a/src/b.rs", &text(LONGEST_FILE_LINES))]).is_empty());
}

#[test]
fn a_module_without_a_name_is_found() {
    assert_eq!(rules(&[("crates/a/src/b/mod.rs", "//! A.\n")]), ["file-has-a-name"]);
}

#[test]
fn a_file_below_a_target_folder_is_found() {
    for path in ["target/a.json", "crates/a/target/criterion/b/new/sample.json"] {
        assert_eq!(rules(&[(path, "{}")]), ["no-build-output"], "{path}");
    }
    for path in ["docs/target.md", "crates/a/targets/b.json", "target"] {
        assert!(rules(&[(path, "{}")]).is_empty(), "{path}");
    }
}

#[test]
fn folders_of_a_machine_are_found() {
    for text in ["see /srv/build/tree/a", "`/opt/ada/x`", "/home/joe/x", "\"/Users/joe/x\"", "a:/root/x"] {
        assert_eq!(rules(&[("README.md", text)]), ["no-machine-paths"], "{text}");
    }
    for text in ["/home/user/x", "/home/.codex", "a/opt/ada/x", "$WORK/opt/ada/", "/srv/build/trees"] {
        assert!(rules(&[("README.md", text)]).is_empty(), "{text}");
    }
}

#[test]
fn a_second_place_with_unsafe_code_is_found() {
    let text = "//! A.\n#[expect(unsafe_code, reason = \"a\")]\n";
    assert!(rules(&[("crates/a/src/b.rs", text)]).is_empty());
    assert_eq!(
        rules(&[("crates/a/src/b.rs", text), ("fixtures/src/b.rs", text)]),
        ["unsafe-is-in-one-place"]
    );
}

#[test]
fn a_second_place_that_starts_processes_is_found() {
    let text = "//! A.\n#[expect(clippy::disallowed_methods, reason = \"a\")]\n";
    assert!(rules(&[("crates/codex-exec/src/b.rs", text), ("xtask/src/c.rs", text)]).is_empty());
    assert!(rules(&[("crates/codex-turn/tests/b.rs", text)]).is_empty());
    assert_eq!(rules(&[("crates/codex-turn/src/b.rs", text)]), ["processes-start-in-one-place"]);
    let twice = [("xtask/src/b.rs", text), ("xtask/src/c.rs", text)];
    assert_eq!(rules(&twice), ["processes-start-in-one-place"]);
}

#[test]
fn a_snapshot_whose_test_has_moved_is_found() {
    let snapshot = |source: &str| format!("---\nsource: {source}\nexpression: a\n---\nsource: other.rs\n");
    let test = ("crates/a/src/tests.rs", "//! Tests.\n");
    assert!(rules(&[("a.snap", &snapshot(test.0)), test]).is_empty());
    assert_eq!(rules(&[("a.snap", &snapshot("crates/a/src/gone.rs")), test]), ["snapshots-have-a-test"]);
    assert_eq!(rules(&[("a.snap", "no head")]), ["snapshots-have-a-test"]);
}
