//! The worktree as a tree: the same that git's own `add` would make, and nothing of the user's is touched.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use codex_ledger::git::{Exclude, ReadObjects as _, Refs as _, Worktree as _};

use crate::scratch::{LEDGER, Scratch, exclude, run, snapshot};

/// Files of all kinds, some tracked and changed, some not tracked.
fn messy() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(".gitignore", "*.log\n/out/\n");
    scratch.write("run.sh", "#!/bin/sh\n");
    scratch.write("old", "gone soon\n");
    scratch.write(&format!("{LEDGER}/turns/1/manifest.json"), "{}\n");
    scratch.write("forced.log", "tracked although ignored\n");
    scratch.git(&["add", "-f", "forced.log"]);
    scratch.commit_all("second");
    fs::set_permissions(scratch.path(b"run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::remove_file(scratch.path(b"old")).unwrap();
    scratch.write("forced.log", "changed\n");
    scratch.write("ignored.log", "no\n");
    scratch.write("out/x", "no\n");
    scratch.write("crlf.txt", "a\r\nb\r\n");
    scratch.write("binary", b"\0\xff\0");
    scratch.write_bytes(b"with\nnewline\tand \"quote\"", "x");
    scratch.write_bytes(b"caf\xe9", "latin 1");
    scratch.write("-rf", "dash");
    scratch.write(":(exclude)x", "a pathspec by its looks");
    scratch.write("*", "star");
    scratch.write("deep/er/and/deeper", "x");
    symlink("nowhere", scratch.path(b"link")).unwrap();
    scratch.write(&format!("{LEDGER}/turns/2/manifest.json"), "{}\n");
    scratch.write("ai/other", "not the ledger's\n");
    scratch
}

#[test]
fn a_snapshot_is_what_git_would_add() {
    let scratch = messy();
    assert_eq!(snapshot(&scratch.cli()), scratch.tree_by_git());
}

#[test]
fn the_users_index_worktree_and_refs_are_not_touched() {
    let scratch = messy();
    scratch.git(&["add", "crlf.txt"]);
    let state = || {
        let index = fs::read(scratch.path(b".git/index")).unwrap();
        (index, scratch.git(&["status", "--porcelain", "-z"]), scratch.git(&["for-each-ref"]))
    };
    let before = state();
    snapshot(&scratch.cli());
    scratch.cli().look(&exclude()).unwrap();
    scratch.cli().folder_tree(&LEDGER.parse().unwrap()).unwrap();
    assert!(state() == before, "the index, the status or the refs differ");
    let left = fs::read_dir(scratch.path(b".git/turns/index")).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(left.iter().all(|name| name.starts_with("kept-")), "{left:?}");
}

#[test]
fn the_ledger_is_left_out_whether_it_is_tracked_or_not() {
    let scratch = messy();
    let cli = scratch.cli();
    let tree = snapshot(&cli);
    assert_eq!(cli.entry(&tree, &LEDGER.parse().unwrap()).unwrap(), None);
    assert!(cli.entry(&tree, &"ai/other".parse().unwrap()).unwrap().is_some());
    scratch.write(&format!("{LEDGER}/turns/1/manifest.json"), "{ }\n");
    assert_eq!(snapshot(&cli), tree);
    let other = cli.snapshot(&Exclude::ledger_root("deep".parse().unwrap())).unwrap().tree;
    assert!(cli.entry(&other, &"deep".parse().unwrap()).unwrap().is_none());
    assert!(cli.entry(&other, &LEDGER.parse().unwrap()).unwrap().is_some());
}

#[test]
fn a_repository_without_a_commit_and_one_without_a_file_have_snapshots() {
    let scratch = Scratch::unborn();
    let cli = scratch.cli();
    let empty = snapshot(&cli);
    assert!(cli.entries(&empty, None).unwrap().is_empty());
    assert_eq!((cli.head().unwrap(), cli.branch().unwrap().as_deref()), (None, Some("main")));
    scratch.write("first", "x");
    assert_eq!(snapshot(&cli), scratch.tree_by_git());
    assert_eq!(cli.changes(Some(&empty), &snapshot(&cli)).unwrap().added().count(), 1);
}

#[test]
fn a_repository_with_sha_256_works_alike() {
    let scratch = Scratch::with(&["--object-format=sha256"]);
    let cli = scratch.cli();
    scratch.write("a", "x\n");
    let tree = snapshot(&cli);
    assert_eq!(tree.as_str().len(), 64);
    let changes = cli.changes(None, &tree).unwrap();
    assert_eq!((changes.files_changed(), changes.lines_added()), (1, 1));
    let by_git = scratch.git(&["show", "--format=", "--full-index", &scratch.commit_all("a").to_string()]);
    assert_eq!(cli.patch(None, &tree, 1000).unwrap().bytes, Some(by_git));
}

#[test]
fn a_linked_worktree_has_its_own_files_and_the_common_refs() {
    let scratch = messy();
    let linked = scratch.beside("linked");
    scratch.git(&["worktree", "add", "-q", "--detach", linked.to_str().unwrap()]);
    fs::write(linked.join("only here"), "x").unwrap();
    let cli = Scratch::cli_at(&linked);
    let tree = snapshot(&cli);
    assert!(cli.entry(&tree, &"only here".parse().unwrap()).unwrap().is_some());
    assert!(cli.entry(&tree, &"binary".parse().unwrap()).unwrap().is_none());
    assert_eq!((cli.branch().unwrap(), cli.worktree_root()), (None, linked.as_path()));
    assert_ne!(cli.git_dir(), cli.common_dir());
    assert_eq!(cli.common_dir(), scratch.cli().common_dir());
    assert_eq!(cli.head().unwrap(), scratch.cli().head().unwrap());
}

#[test]
fn the_worktree_is_found_from_a_folder_within_whatever_its_name() {
    let scratch = Scratch::new();
    scratch.write("a/b/c", "x");
    assert_eq!(Scratch::cli_at(&scratch.path(b"a/b")).worktree_root(), scratch.root);
    let odd = scratch.beside("odd\nname ");
    run(&scratch.beside(""), &["init", "-q", odd.to_str().unwrap()], &[]);
    assert_eq!(Scratch::cli_at(&odd).worktree_root(), odd);
    let error = Scratch::builder().discover(&scratch.beside("")).unwrap_err();
    assert!(matches!(error, codex_ledger::git::VcsError::NoWorktree { .. }), "{error}");
}

#[test]
fn a_submodule_is_a_commit_and_an_unborn_repository_inside_is_no_obstacle() {
    let scratch = Scratch::new();
    let other = Scratch::new();
    scratch.git(&["submodule", "--quiet", "add", other.root.to_str().unwrap(), "sub"]);
    scratch.commit_all("submodule");
    let cli = scratch.cli();
    let before = snapshot(&cli);
    assert_eq!(before, scratch.tree_by_git());
    run(&scratch.path(b"sub"), &["commit", "-q", "--allow-empty", "-m", "moved"], &[]);
    scratch.write("sub/dirty", "not part of the superproject");
    let after = snapshot(&cli);
    let changes = cli.changes(Some(&before), &after).unwrap();
    let moved: Vec<String> = changes.submodules().map(ToString::to_string).collect();
    assert_eq!((moved.as_slice(), changes.modified().count()), (["sub".to_owned()].as_slice(), 1));
    run(&scratch.root, &["init", "-q", "inner"], &[]);
    scratch.write("inner/file", "x");
    scratch.write("after", "x");
    let seen = cli.snapshot(&exclude()).unwrap();
    assert_eq!(seen.unreadable, ["inner".parse().unwrap()]);
    assert!(cli.entry(&seen.tree, &"after".parse().unwrap()).unwrap().is_some());
}

/// Git skips names that some file systems take for `.git`, and reports success.
#[test]
fn names_that_git_will_not_take_are_named() {
    let scratch = Scratch::new();
    scratch.commit_all("first");
    let refused = [".GIT/run.sh", "git~1/run.sh", "sub/.git./run.sh", "sub/.git::$INDEX_ALLOCATION/run.sh"];
    for path in refused {
        scratch.write(path, "#!/bin/sh\n");
    }
    symlink("text", scratch.path(b".gitmodules")).unwrap();
    scratch.write("sub/taken", "x");
    let seen = scratch.cli().snapshot(&exclude()).unwrap();
    let named: Vec<String> = seen.unreadable.iter().map(ToString::to_string).collect();
    assert_eq!(named, [&[refused[0], ".gitmodules"][..], &refused[1..]].concat());
    assert!(scratch.cli().entry(&seen.tree, &"sub/taken".parse().unwrap()).unwrap().is_some());
}

#[test]
fn pipes_and_sockets_are_no_files_also_in_the_place_of_one() {
    let scratch = Scratch::new();
    scratch.write("file", "x");
    scratch.write("other", "x");
    scratch.commit_all("files");
    let cli = scratch.cli();
    let pipe = |path: &[u8]| {
        let mode = rustix::fs::Mode::from_raw_mode(0o644);
        rustix::fs::mknodat(rustix::fs::CWD, scratch.path(path), rustix::fs::FileType::Fifo, mode, 0)
            .unwrap();
    };
    pipe(b"pipe");
    let _socket = UnixListener::bind(scratch.path(b"socket")).unwrap();
    assert_eq!(snapshot(&cli), scratch.oid("HEAD^{tree}"));
    fs::remove_file(scratch.path(b"file")).unwrap();
    pipe(b"file");
    scratch.write("other", "changed");
    let tree = snapshot(&cli);
    let changes = cli.changes(Some(&scratch.oid("HEAD^{tree}")), &tree).unwrap();
    let deleted: Vec<String> = changes.deleted().map(ToString::to_string).collect();
    let modified: Vec<String> = changes.modified().map(ToString::to_string).collect();
    assert_eq!((deleted, modified), (vec!["file".to_owned()], vec!["other".to_owned()]));
}

/// The system's clock has coarse ticks: the second content is written within the tick of the index.
#[test]
fn a_change_of_the_same_size_in_the_same_moment_is_seen() {
    let scratch = Scratch::new();
    let cli = scratch.cli();
    for round in 0..20_u8 {
        scratch.write("file", format!("{round:04}\n"));
        scratch.git(&["add", "file"]);
        scratch.write("file", format!("{round:03}x\n"));
        let entry = cli.entry(&snapshot(&cli), &"file".parse().unwrap()).unwrap().unwrap();
        let content = cli.read_object(&entry.oid).unwrap().unwrap().bytes;
        assert_eq!(String::from_utf8(content).unwrap(), format!("{round:03}x\n"));
    }
}

#[test]
fn a_merge_in_progress_is_taken_as_it_lies_in_the_worktree() {
    let scratch = Scratch::new();
    scratch.git(&["checkout", "-q", "-b", "side"]);
    scratch.write("README.md", "side\n");
    scratch.commit_all("side");
    scratch.git(&["checkout", "-q", "main"]);
    scratch.write("README.md", "main\n");
    scratch.commit_all("main");
    assert!(!crate::scratch::try_run(&scratch.root, &["merge", "side"], &[]).status.success());
    assert_eq!(snapshot(&scratch.cli()), scratch.tree_by_git());
}

#[test]
fn files_that_come_and_go_meanwhile_are_no_error() {
    let scratch = Scratch::new();
    let cli = scratch.cli();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                for name in 0..40 {
                    scratch.write(&format!("tmp/{name}/file"), "x");
                }
                fs::remove_dir_all(scratch.path(b"tmp")).unwrap();
            }
        });
        let trees: Result<Vec<_>, _> = (0..15).map(|_| cli.snapshot(&exclude())).collect();
        stop.store(true, Ordering::Relaxed);
        trees.unwrap();
    });
    assert_eq!(snapshot(&cli), scratch.oid("HEAD^{tree}"));
}

#[test]
fn a_shallow_clone_has_snapshots_and_says_that_it_is_shallow() {
    let scratch = messy();
    scratch.commit_all("third");
    let clone = scratch.beside("clone");
    let address = format!("file://{}", scratch.root.display());
    run(&scratch.root, &["clone", "-q", "--depth=1", &address, clone.to_str().unwrap()], &[]);
    let cli = Scratch::cli_at(&clone);
    assert!(cli.is_shallow().unwrap() && !scratch.cli().is_shallow().unwrap());
    assert_eq!(snapshot(&cli), snapshot(&scratch.cli()));
}

#[test]
fn the_tree_of_a_folder_has_its_bytes_as_they_are() {
    let scratch = messy();
    let cli = scratch.cli();
    let ledger = LEDGER.parse().unwrap();
    scratch.git(&["config", "core.autocrlf", "true"]);
    scratch.write(".gitattributes", "* text eol=crlf\n");
    scratch.write(&format!("{LEDGER}/note.log"), "a\r\nb\n");
    scratch.write(&format!("{LEDGER}/.gitattributes"), "* text\n");
    let tree = cli.folder_tree(&ledger).unwrap().unwrap();
    let note = cli.entry(&tree, &"note.log".parse().unwrap()).unwrap().unwrap();
    assert_eq!(cli.read_object(&note.oid).unwrap().unwrap().bytes, b"a\r\nb\n");
    assert_eq!(cli.folder_tree(&ledger).unwrap(), Some(tree.clone()));
    scratch.write(&format!("{LEDGER}/note.log"), "a\nb\n");
    assert_ne!(cli.folder_tree(&ledger).unwrap(), Some(tree));
    fs::remove_dir_all(scratch.path(LEDGER.as_bytes())).unwrap();
    assert_eq!(cli.folder_tree(&ledger).unwrap(), None);
}

#[test]
fn dirty_means_outside_of_the_ledger() {
    let scratch = Scratch::new();
    let cli = scratch.cli();
    scratch.write(&format!("{LEDGER}/turns/1/manifest.json"), "{}\n");
    assert!(!cli.look(&exclude()).unwrap().0.dirty);
    scratch.write("ai/new", "x");
    assert!(cli.look(&exclude()).unwrap().0.dirty);
    scratch.commit_all("all");
    assert!(!cli.look(&exclude()).unwrap().0.dirty);
    scratch.write(&format!("{LEDGER}/turns/1/manifest.json"), "{ }\n");
    assert!(!cli.look(&exclude()).unwrap().0.dirty);
    fs::remove_file(scratch.path(b"README.md")).unwrap();
    assert!(cli.look(&exclude()).unwrap().0.dirty);
}

#[test]
fn a_worktree_says_where_it_stands() {
    let scratch = Scratch::unborn();
    let cli = scratch.cli();
    let standing = cli.look(&exclude()).unwrap().0;
    assert_eq!((standing.head, standing.branch.as_deref(), standing.dirty), (None, Some("main"), false));
    scratch.write("a", "1");
    scratch.commit_all("first");
    scratch.git(&["checkout", "-q", "-b", "(detached)"]);
    let standing = cli.look(&exclude()).unwrap().0;
    assert_eq!((standing.head, standing.branch.as_deref()), (cli.head().unwrap(), Some("(detached)")));
    scratch.git(&["checkout", "-q", "--detach"]);
    let standing = cli.look(&exclude()).unwrap().0;
    assert_eq!((standing.head, standing.branch), (cli.head().unwrap(), None));
}
