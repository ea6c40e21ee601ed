//! What of a worktree is seen, and how it is named.

use std::fs::File;
use std::os::unix::fs::symlink;

use rustix::fs::OFlags;

use rustix::fs::{Mode, mkdirat, openat};

use super::*;

struct Worktree(tempfile::TempDir);

impl Worktree {
    fn new() -> Self {
        let worktree = Self(tempfile::tempdir().unwrap());
        worktree.write("AGENTS.md", "a");
        worktree.write("sub/.codex/config.toml", "b");
        worktree.write("src/lib.rs", "c");
        worktree.write(".git/AGENTS.md", "d");
        worktree
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn scan(&self, limit: usize) -> Watched {
        Watched::scan(&Watch::default(), self.0.path(), limit)
    }
}

fn named(violations: &[Violation]) -> Vec<(&str, &str)> {
    let name = |violation: &'_ Violation| violation.detail.find(" during").unwrap_or(0);
    violations.iter().map(|one| (one.path.as_deref().unwrap_or_default(), &one.detail[..name(one)])).collect()
}

#[test]
fn what_is_added_changed_and_deleted_is_named() {
    let worktree = Worktree::new();
    let before = worktree.scan(1000);
    assert_eq!(before.violations(&worktree.scan(1000)), []);
    worktree.write("AGENTS.md", "other");
    worktree.write("deep/er/agents.md", "x");
    worktree.write(".git/AGENTS.md", "x");
    worktree.write("src/lib.rs", "x");
    fs::remove_dir_all(worktree.0.path().join("sub/.codex")).unwrap();
    symlink("/tmp", worktree.0.path().join(".agents")).unwrap();
    let expected = [
        (".agents", "was added"),
        ("AGENTS.md", "was changed"),
        ("deep/er/agents.md", "was added"),
        ("sub/.codex/config.toml", "was deleted"),
    ];
    assert_eq!(named(&before.violations(&worktree.scan(1000))), expected);
}

#[test]
fn written_as_it_was_is_not_changed() {
    let worktree = Worktree::new();
    let before = worktree.scan(1000);
    worktree.write("AGENTS.md", "a");
    assert_eq!(before.violations(&worktree.scan(1000)), []);
}

#[test]
fn too_much_to_look_through_is_said_once() {
    let worktree = Worktree::new();
    let before = worktree.scan(20);
    for number in 0..30 {
        worktree.write(&format!("many/{number}"), "");
    }
    let after = worktree.scan(20);
    let violations = before.violations(&after);
    assert!(violations.iter().any(|one| one.kind == WATCH_INCOMPLETE), "{violations:?}");
    assert_eq!(after.violations(&worktree.scan(20)), [], "it was too much before");
}

#[test]
fn what_git_does_not_see_is_named() {
    let worktree = Worktree::new();
    worktree.write("old/.git/there", "before");
    let inner = worktree.0.path().join("inner/.git");
    for folder in ["objects", "refs"] {
        fs::create_dir_all(inner.join(folder)).unwrap();
    }
    fs::write(inner.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    let before = worktree.scan(1000);
    assert_eq!(before.violations(&worktree.scan(1000)), []);
    worktree.write("scripts/.git/deep/pre.sh", "x");
    worktree.write("scripts/.GIT/pre.sh", "x");
    worktree.write("file/.git", "#!/bin/sh\n");
    worktree.write("inner/.git/objects/pre.sh", "x");
    worktree.write(".GIT/pre.sh", "x");
    worktree.write("old/.git/there", "after");
    let seen: Vec<_> = before.violations(&worktree.scan(1000));
    assert!(seen.iter().all(|one| one.kind == UNSEEN), "{seen:?}");
    let paths: Vec<_> = seen.iter().filter_map(|one| one.path.as_deref()).collect();
    let expected =
        [".GIT/pre.sh", "file/.git", "old/.git/there", "scripts/.GIT/pre.sh", "scripts/.git/deep/pre.sh"];
    assert_eq!(paths, expected);
    for number in 0..60 {
        worktree.write(&format!("many/.git/{number}"), "");
    }
    let many = before.violations(&worktree.scan(1000));
    assert_eq!(many.len(), MOST_UNSEEN + 1);
    assert!(
        many.iter()
            .any(|one| one.path.is_none() && one.detail.starts_with("the same is true of 15 more paths")),
        "{many:?}"
    );
}

#[test]
fn files_of_a_repository_inside_are_not_lost_silently() {
    let worktree = Worktree::new();
    let plant = |at: &str| {
        let inner = worktree.0.path().join(at).join(".git");
        fs::create_dir_all(inner.join("objects")).unwrap();
        fs::create_dir_all(inner.join("refs")).unwrap();
        fs::write(inner.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    };
    plant("lib");
    worktree.write("lib/deep/file", "x");
    plant("lib/own");
    let before = worktree.scan(1000);
    assert_eq!(before.violations(&worktree.scan(1000)), []);
    let paths = || {
        let named = before.violations(&worktree.scan(1000));
        assert!(named.iter().all(|one| one.kind == UNSEEN), "{named:?}");
        named.into_iter().filter_map(|one| one.path).collect::<Vec<_>>()
    };
    worktree.write("lib/.git/objects/some", "what git keeps is not looked at");
    assert_eq!(paths(), Vec::<String>::new());
    worktree.write("lib/own/file", "x");
    assert_eq!(paths(), ["lib/own"]);
    worktree.write("lib/deep/other", "x");
    assert_eq!(paths(), ["lib", "lib/own"]);
    plant("new");
    assert_eq!(paths(), ["lib", "lib/own", "new"]);
}

/// Makes so many folders in each other, with names of 200 letters, and returns the last.
fn deep(worktree: &Worktree, levels: usize) -> File {
    let name = "d".repeat(200);
    let mut folder = File::open(worktree.0.path()).unwrap();
    for _ in 0..levels {
        mkdirat(&folder, name.as_str(), Mode::RWXU).unwrap();
        folder = openat(&folder, name.as_str(), OFlags::DIRECTORY, Mode::empty()).unwrap().into();
    }
    folder
}

/// A folder whose path just fits, and a file in it whose path does not.
#[test]
fn a_file_whose_path_is_too_long_is_named() {
    let worktree = Worktree::new();
    let before = worktree.scan(10_000);
    let flags = OFlags::CREATE | OFlags::WRONLY;
    openat(deep(&worktree, 20), "f".repeat(100), flags, Mode::RUSR | Mode::WUSR).unwrap();
    let named = before.violations(&worktree.scan(10_000));
    assert_eq!(named.iter().map(|one| one.kind.as_str()).collect::<Vec<_>>(), [UNSEEN]);
    assert!(named[0].path.as_ref().unwrap().len() > 4000, "{named:?}");
}

/// A folder so deep that its path is too long for the system.
#[test]
fn a_folder_that_cannot_be_listed_is_named() {
    let worktree = Worktree::new();
    let before = worktree.scan(10_000);
    deep(&worktree, 25);
    let named = before.violations(&worktree.scan(10_000));
    assert_eq!(named.iter().map(|one| one.kind.as_str()).collect::<Vec<_>>(), [UNSEEN]);
    assert!(named[0].path.as_ref().unwrap().len() > 3500, "{named:?}");
    assert_eq!(worktree.scan(10_000).violations(&worktree.scan(10_000)), []);
}
