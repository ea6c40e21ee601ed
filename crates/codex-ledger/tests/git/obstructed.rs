//! Git that something in the worktree keeps from its work, and git that was never set up well.

use std::fs;
use std::time::{Duration, Instant};

use codex_ledger::git::{GitLimits, ReadObjects as _, VcsError, Worktree as _};
use codex_ledger::{Cause, FileLedger, GitCli, LedgerError, RedactionRules};
use rstest::rstest;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::scratch::{Scratch, exclude};

fn pipe(scratch: &Scratch, path: &str) {
    let path = scratch.path(path.as_bytes());
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let _ = fs::remove_file(&path);
    mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o644), 0).unwrap();
}

/// A repository whose configuration includes a file of the worktree.
fn including() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("git.inc", "[alias]\n\tst = status\n");
    scratch.git(&["config", "include.path", "../git.inc"]);
    scratch
}

fn opened(scratch: &Scratch) -> Result<GitCli, LedgerError> {
    let mut limits = GitLimits::default();
    limits.quick = Duration::from_secs(2);
    let builder = Scratch::builder().limits(limits);
    FileLedger::builder(&scratch.root, RedactionRules::none()).git(builder.clone()).open()?;
    Ok(builder.discover(&scratch.root).unwrap())
}

fn assert_names_the_include(scratch: &Scratch, error: &VcsError) {
    let VcsError::Obstructed { path, .. } = error else { panic!("{error:?}") };
    assert_eq!(*path, scratch.path(b"git.inc"), "{error}");
}

#[rstest]
#[case::broken("[alias")]
#[case::without_value("[user]\n\tname\n")]
#[case::bad_value("[core]\n\tautocrlf = perhaps\n\tbigFileThreshold = much\n")]
#[case::circular("[include]\n\tpath = git.inc\n")]
#[case::forged("[include]\n\tpath = \"x: No space left on device\"\n")]
fn an_included_file_that_git_cannot_use_is_named(#[case] text: &str) {
    let scratch = including();
    opened(&scratch).unwrap();
    scratch.write("x: No space left on device", "[alias");
    scratch.write("git.inc", text);
    let error = opened(&scratch).unwrap_err();
    assert_eq!(error.cause(), Cause::Repository, "{error:?}");
    let LedgerError::Git { source, .. } = &error else { panic!("{error:?}") };
    assert_names_the_include(&scratch, source);
}

#[test]
fn an_included_file_that_is_a_folder_or_a_pipe_is_named() {
    let scratch = including();
    let cli = opened(&scratch).unwrap();
    fs::remove_file(scratch.path(b"git.inc")).unwrap();
    fs::create_dir(scratch.path(b"git.inc")).unwrap();
    let error = opened(&scratch).unwrap_err();
    assert_eq!(error.cause(), Cause::Repository, "{error:?}");
    fs::remove_dir(scratch.path(b"git.inc")).unwrap();
    pipe(&scratch, "git.inc");
    let error = opened(&scratch).unwrap_err();
    assert_eq!(error.cause(), Cause::Repository, "{error:?}");
    assert_names_the_include(&scratch, &cli.snapshot(&exclude()).unwrap_err());
}

#[test]
fn a_configuration_that_was_never_right_is_of_the_environment() {
    let scratch = Scratch::new();
    fs::write(scratch.beside("mine.inc"), "[alias").unwrap();
    scratch.git(&["config", "include.path", scratch.beside("mine.inc").to_str().unwrap()]);
    let error = opened(&scratch).unwrap_err();
    assert_eq!(error.cause(), Cause::Environment, "included from outside of the worktree: {error:?}");
    let scratch = including();
    let own = scratch.path(b".git/config");
    let text = fs::read_to_string(&own).unwrap();
    fs::write(&own, format!("{text}[broken\n")).unwrap();
    let error = opened(&scratch).unwrap_err();
    assert_eq!(error.cause(), Cause::Environment, "its own: {error:?}");
    let scratch = including();
    fs::remove_file(scratch.path(b".git/HEAD")).unwrap();
    let error = opened(&scratch).unwrap_err();
    assert_eq!(error.cause(), Cause::Environment, "no repository: {error:?}");
}

#[rstest]
#[case::ignore_rules(".gitignore")]
#[case::inner_ignore_rules("a/.gitignore")]
#[case::attributes(".gitattributes")]
#[case::repository_inside("a/.git/HEAD")]
fn a_pipe_that_git_waits_for_is_named_long_before_the_limit(#[case] path: &str) {
    let scratch = Scratch::new();
    let cli = scratch.cli();
    if path.contains(".git/") {
        fs::create_dir_all(scratch.path(b"a/.git/objects")).unwrap();
        fs::create_dir_all(scratch.path(b"a/.git/refs")).unwrap();
    }
    scratch.write("a/file", "x\n");
    pipe(&scratch, path);
    let start = Instant::now();
    let error = cli.look(&exclude()).unwrap_err();
    assert!(start.elapsed() < Duration::from_mins(1), "{:?}", start.elapsed());
    let VcsError::Obstructed { path: named, .. } = &error else { panic!("{error:?}") };
    assert_eq!(*named, scratch.path(path.as_bytes()));
    let error = LedgerError::of_git("look", error);
    assert_eq!((error.cause(), error.cause_after_turn()), (Cause::Repository, Cause::Repository));
}

/// The names of the files say what git says of a full disk.
#[test]
fn more_files_than_git_can_convert_end_no_snapshot() {
    let scratch = Scratch::new();
    scratch.write(".gitattributes", "*.q working-tree-encoding=UTF-16\n");
    scratch.commit_all("attributes");
    for number in 0..210 {
        scratch.write(&format!("No space left on device {number}.q"), "x");
        // A repository without a commit, which git cannot add.
        let inner = scratch.path(format!("inner{number}/.git").as_bytes());
        fs::create_dir_all(inner.join("objects")).unwrap();
        fs::create_dir_all(inner.join("refs")).unwrap();
        fs::write(inner.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    }
    scratch.write("text", "taken");
    let cli = scratch.cli();
    let taken = cli.snapshot(&exclude()).unwrap();
    let of = |name: &str| taken.unreadable.iter().filter(|path| path.to_string().starts_with(name)).count();
    assert_eq!((of("No space"), of("inner")), (0, 210));
    for path in ["text", "No space left on device 7.q"] {
        assert!(
            cli.entry(&taken.tree, &path.parse().unwrap()).unwrap().is_some(),
            "{path} is stored as it is"
        );
    }
}

#[test]
fn in_a_linked_worktree_an_included_file_is_named_too() {
    let scratch = Scratch::new();
    scratch.write("git.inc", "[alias]\n\tst = status\n");
    scratch.commit_all("aliases");
    let linked = scratch.beside("linked");
    scratch.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
    scratch.git(&["config", "include.path", linked.join("git.inc").to_str().unwrap()]);
    let open = || Scratch::builder().discover(&linked);
    open().unwrap();
    fs::write(linked.join("git.inc"), "[alias").unwrap();
    let VcsError::Obstructed { path, .. } = open().unwrap_err() else { panic!("{:?}", open()) };
    assert_eq!(path, linked.join("git.inc").canonicalize().unwrap());
}

#[test]
fn an_ignore_file_that_does_not_fit_into_memory_is_named() {
    let scratch = Scratch::new();
    scratch.commit_all("first");
    let rules = scratch.path(b"deep/.gitignore");
    fs::create_dir_all(rules.parent().unwrap()).unwrap();
    fs::File::create(&rules).unwrap().set_len(1 << 43).unwrap();
    let error = scratch.cli().snapshot(&exclude()).unwrap_err();
    assert!(matches!(&error, VcsError::Obstructed { path, .. } if *path == rules), "{error:?}");
}

#[test]
fn a_worktree_that_takes_too_long_is_the_cause_itself() {
    let scratch = Scratch::new();
    scratch.commit_all("first");
    // Each pattern backtracks over all folders of the path.
    scratch.write(".gitignore", format!("{}x\n", "**/a*/".repeat(40)));
    scratch.write(&format!("{}file", "aaaa/".repeat(40)), "x");
    let mut limits = GitLimits::default();
    limits.snapshot = Duration::from_secs(2);
    limits.quick = Duration::from_secs(2);
    let cli = Scratch::builder().limits(limits).discover(&scratch.root).unwrap();
    let error = cli.snapshot(&exclude()).unwrap_err();
    let VcsError::Obstructed { path, reason, .. } = &error else { panic!("{error:?}") };
    assert!(reason.contains("too long") || reason.contains("longer than"), "{reason}");
    assert_eq!(*path, scratch.root);
}
