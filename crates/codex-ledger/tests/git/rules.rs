//! A snapshot by the rules of an earlier moment: what somebody has hidden since is in it, and named.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use codex_ledger::GitCli;
use codex_ledger::git::{GitLimits, ReadObjects as _, Rules, Snapshot, VcsError, Worktree as _};
use codex_ledger::values::{Oid, RepoPath};
use rstest::rstest;

use crate::scratch::{Scratch, exclude};

/// The rules as they are now.
fn rules(cli: &GitCli) -> Rules {
    let snapshot = cli.look(&exclude()).unwrap().1;
    Rules::new(snapshot.tree, snapshot.ignored_rules)
}

/// What a snapshot has that the earlier tree does not have, and that is not as it was.
fn changed(cli: &GitCli, rules: &Rules, snapshot: &Snapshot) -> Vec<String> {
    let changes = cli.changes(Some(&rules.tree), &snapshot.tree).unwrap();
    changes.entries.iter().map(|change| change.path.to_string()).collect()
}

fn texts(paths: &[RepoPath]) -> Vec<String> {
    paths.iter().map(ToString::to_string).collect()
}

/// What is ignored before is left alone, wherever its rules lie.
fn project() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(".gitignore", "*.log\n/target/\n");
    scratch.write("src/lib.rs", "fn f() {}\n");
    scratch.commit_all("rules");
    scratch.write("target/debug/x", "x");
    scratch.write(".pytest_cache/.gitignore", "*\n");
    scratch.write(".pytest_cache/v/x", "x");
    fs::create_dir_all(scratch.path(b".git/info")).unwrap();
    scratch.write(".git/info/exclude", "private\n");
    scratch.write("private", "x");
    scratch
}

#[rstest]
#[case::beside_it("tests/.gitignore", ".gitignore\nconftest.py\n", "tests/conftest.py")]
#[case::at_the_top(".gitignore", "*.log\n/target/\nconftest.py\n", "conftest.py")]
#[case::all_of_a_folder("a b/.gitignore", "*\n", "a b/deep/conftest.py")]
#[case::a_folder(".gitignore", "*.log\n/target/\n/hidden/\n", "hidden/conftest.py")]
#[case::not_by_the_rules_before("target2/.gitignore", "/*\n", "target2/conftest.py")]
fn a_file_that_a_new_rule_hides_is_there_and_named(
    #[case] rule: &str,
    #[case] text: &str,
    #[case] hidden: &str,
) {
    let scratch = project();
    let cli = scratch.cli();
    let rules = rules(&cli);
    scratch.write(hidden, "import os\n");
    scratch.write(rule, text);
    scratch.write("target/debug/y", "x");
    scratch.write(".pytest_cache/v/y", "x");
    scratch.write("a.log", "x");
    let snapshot = cli.snapshot_by(&exclude(), &rules).unwrap();
    let mut expected = vec![rule.to_owned(), hidden.to_owned()];
    expected.sort();
    assert_eq!(changed(&cli, &rules, &snapshot), expected);
    assert_eq!(texts(&snapshot.broken.ignore_files), [rule]);
    assert!(texts(&snapshot.broken.hidden).contains(&hidden.to_owned()), "{snapshot:?}");
}

#[test]
fn nothing_is_said_where_no_rule_is_changed() {
    let scratch = project();
    let cli = scratch.cli();
    let rules = rules(&cli);
    scratch.write("src/lib.rs", "fn g() {}\n");
    scratch.write("target/debug/y", "x");
    scratch.write(".pytest_cache/v/y", "x");
    fs::write(scratch.path(b".gitignore"), "*.log\n/target/\n").unwrap();
    let snapshot = cli.snapshot_by(&exclude(), &rules).unwrap();
    assert_eq!(changed(&cli, &rules, &snapshot), ["src/lib.rs"]);
    assert_eq!(snapshot.broken, codex_ledger::git::BrokenRules::default());
}

#[test]
fn a_rule_that_is_gone_does_not_flood_the_snapshot() {
    let scratch = project();
    let cli = scratch.cli();
    let rules = rules(&cli);
    fs::remove_file(scratch.path(b".gitignore")).unwrap();
    fs::remove_file(scratch.path(b".pytest_cache/.gitignore")).unwrap();
    let snapshot = cli.snapshot_by(&exclude(), &rules).unwrap();
    assert_eq!(changed(&cli, &rules, &snapshot), [".gitignore"]);
    assert_eq!(texts(&snapshot.broken.ignore_files), [".gitignore", ".pytest_cache/.gitignore"]);
    assert_eq!(snapshot.broken.uncovered, 2);
}

#[test]
fn hidden_files_beyond_the_limit_are_counted() {
    let scratch = project();
    let mut limits = GitLimits::default();
    limits.hidden_files = 2;
    let cli = Scratch::builder().limits(limits).discover(&scratch.root).unwrap();
    let rules = rules(&cli);
    scratch.write("many/.gitignore", "*\n");
    for number in 0..9 {
        scratch.write(&format!("many/{number}"), "x");
    }
    let broken = cli.snapshot_by(&exclude(), &rules).unwrap().broken;
    assert_eq!((broken.hidden.len(), broken.hidden_beyond_the_limit), (2, 8));
}

#[rstest]
#[case("* -diff\n")]
#[case("* binary\n")]
#[case("* diff=x\n")]
#[case("* working-tree-encoding=UTF-16\n")]
#[case("* ident text eol=crlf\n")]
#[case("* filter=x\n")]
fn a_new_attribute_makes_nothing_unreadable_and_runs_nothing(#[case] attributes: &str) {
    let scratch = project();
    let (program, mark) = (scratch.beside("filter"), scratch.beside("ran"));
    fs::write(&program, format!("#!/bin/sh\ntouch '{}'\n", mark.display())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    for key in ["filter.x.clean", "diff.x.command", "diff.x.textconv"] {
        scratch.git(&["config", key, program.to_str().unwrap()]);
    }
    let cli = scratch.cli();
    let rules = rules(&cli);
    scratch.write(".gitattributes", attributes);
    scratch.write("src/lib.rs", "fn g() {}\n");
    scratch.write("new.py", "import os  # $Id$\n");
    let snapshot = cli.snapshot_by(&exclude(), &rules).unwrap();
    assert_eq!(texts(&snapshot.broken.attribute_files), [".gitattributes"]);
    let changes = cli.changes(Some(&rules.tree), &snapshot.tree).unwrap();
    assert_eq!((changes.lines_added(), changes.lines_deleted(), changes.binary().count()), (3, 1, 0));
    let patch = cli.patch(Some(&rules.tree), &snapshot.tree, 1 << 20).unwrap().bytes.unwrap();
    assert!(String::from_utf8(patch).unwrap().contains("+import os  # $Id$\n"));
    cli.advance_index(&rules.tree, &snapshot.tree).unwrap();
    assert!(!mark.exists());
}

fn sparse(scratch: &Scratch, path: &str, bytes: u64) {
    File::create(scratch.path(path.as_bytes())).unwrap().set_len(bytes).unwrap();
}

#[test]
fn a_file_that_is_too_large_is_named_and_not_read() {
    let scratch = project();
    let cli = scratch.cli();
    let rules = rules(&cli);
    sparse(&scratch, "new", 300 << 30);
    sparse(&scratch, "src/lib.rs", 301 << 30 | 1);
    let start = Instant::now();
    let snapshot = cli.snapshot_by(&exclude(), &rules).unwrap();
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    let large: Vec<(String, u64)> =
        snapshot.too_large.iter().map(|file| (file.path.to_string(), file.bytes)).collect();
    assert_eq!(large, [("new".to_owned(), 300 << 30), ("src/lib.rs".to_owned(), 301 << 30 | 1)]);
    assert_eq!(snapshot.tree, rules.tree);
}

/// A pipe in the place of a HEAD, which git opens to see whether a folder is a repository.
#[test]
fn a_snapshot_that_hangs_ends_at_its_limit() {
    let scratch = project();
    let mut limits = GitLimits::default();
    limits.snapshot = Duration::from_secs(2);
    let cli = Scratch::builder().limits(limits).discover(&scratch.root).unwrap();
    let rules = rules(&Scratch::cli_at(&scratch.root));
    fs::create_dir_all(scratch.path(b"x/.git/objects")).unwrap();
    fs::create_dir_all(scratch.path(b"x/.git/refs")).unwrap();
    let mode = rustix::fs::Mode::from_raw_mode(0o644);
    let pipe = scratch.path(b"x/.git/HEAD");
    rustix::fs::mknodat(rustix::fs::CWD, pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let start = Instant::now();
    let error = cli.snapshot_by(&exclude(), &rules).unwrap_err();
    // What it has waited for is looked for at the end.
    assert!(matches!(error, VcsError::Obstructed { .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn what_was_in_the_earlier_tree_stays_whatever_the_index_says() {
    let scratch = project();
    let cli = scratch.cli();
    scratch.write("untracked.py", "x\n");
    let rules = rules(&cli);
    scratch.git(&["rm", "-q", "--cached", "src/lib.rs"]);
    scratch.write(".gitignore", "*.log\n/target/\n*.py\nsrc/\n");
    scratch.git(&["add", ".gitignore"]);
    let snapshot = cli.snapshot_by(&exclude(), &rules).unwrap();
    assert_eq!(changed(&cli, &rules, &snapshot), [".gitignore"]);
    let tree: &Oid = &snapshot.tree;
    assert!(cli.entry(tree, &"src/lib.rs".parse().unwrap()).unwrap().is_some());
}
