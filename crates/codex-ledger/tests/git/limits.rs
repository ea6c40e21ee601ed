//! Git that hangs, prints without end, leaves a process behind or is too old.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;
use std::time::{Duration, Instant};

use codex_ledger::GitCli;
use codex_ledger::git::{GitCliBuilder, GitLimits, Refs as _, VcsError};
use codex_ledger::system::Abort;
use rstest::rstest;

use crate::scratch::Scratch;

/// A program that is git until `marker` is there, and `script` afterwards; it may take two seconds.
fn impostor(scratch: &Scratch, script: &str) -> GitCli {
    let mut limits = GitLimits::default();
    limits.quick = Duration::from_secs(2);
    impostor_of(scratch, script, Scratch::builder().limits(limits))
}

fn impostor_of(scratch: &Scratch, script: &str, builder: GitCliBuilder) -> GitCli {
    let (program, marker) = (scratch.beside("git"), scratch.beside("marker"));
    let text = format!("#!/bin/sh\n[ -e '{}' ] || exec git \"$@\"\n{script}\n", marker.display());
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let cli = builder.program(program).discover(&scratch.root).unwrap();
    fs::write(marker, "").unwrap();
    cli
}

#[test]
fn git_that_hangs_is_killed_with_what_it_started() {
    let scratch = Scratch::new();
    let pids = scratch.beside("pids");
    let cli = impostor(&scratch, &format!("sleep 60 & echo $! > '{}'; wait", pids.display()));
    let error = cli.head().unwrap_err();
    assert!(matches!(error, VcsError::TimedOut { .. }), "{error}");
    assert_ends(fs::read_to_string(pids).unwrap().trim());
}

/// Waits until a process is gone, or nobody has asked yet how it ended.
fn assert_ends(pid: &str) {
    let start = Instant::now();
    let state = || fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    while !matches!(state().split(' ').nth(2), None | Some("Z")) {
        assert!(start.elapsed() < Duration::from_secs(10), "{}", state());
        thread::yield_now();
    }
}

#[test]
fn an_abort_kills_git_with_what_it_started_and_starts_no_other() {
    let scratch = Scratch::new();
    let (pids, abort) = (scratch.beside("pids"), Abort::new());
    // It hears no request to end.
    let script = format!(
        "trap '' TERM; sleep 600 & echo \"$$ $!\" > '{0}.new'; mv '{0}.new' '{0}'; wait",
        pids.display()
    );
    let cli = impostor_of(&scratch, &script, Scratch::builder().abort(abort.clone()));
    let start = Instant::now();
    let asked = thread::spawn(move || (cli.head(), cli.branch()));
    while !pids.exists() {
        assert!(start.elapsed() < Duration::from_secs(30), "git was not started");
        thread::yield_now();
    }
    let pulled = Instant::now();
    abort.pull();
    let (running, next) = asked.join().unwrap();
    assert!(matches!(running, Err(VcsError::Aborted { .. })), "{running:?}");
    assert!(matches!(next, Err(VcsError::Aborted { .. })), "{next:?}");
    assert!(pulled.elapsed() < Duration::from_secs(20), "{:?}", pulled.elapsed());
    fs::read_to_string(pids).unwrap().split_whitespace().for_each(assert_ends);
}

#[test]
fn a_process_that_git_leaves_behind_holds_nobody_up() {
    let scratch = Scratch::new();
    let cli = impostor(&scratch, "sleep 30 >/dev/null & echo refs/heads/main");
    let start = Instant::now();
    assert_eq!(cli.branch().unwrap().as_deref(), Some("main"));
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[test]
fn output_that_does_not_end_with_git_is_an_error_and_no_shorter_answer() {
    let scratch = Scratch::new();
    let cli = impostor(&scratch, "(sleep 30; echo /more) & printf refs/heads/main");
    let start = Instant::now();
    let error = cli.branch().unwrap_err();
    assert!(
        matches!(&error, VcsError::Unreadable { reason, .. } if reason.contains("holds the pipe")),
        "{error}"
    );
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[test]
fn what_git_complains_of_is_kept_at_its_end() {
    let scratch = Scratch::new();
    let cli = impostor(&scratch, "seq 100000 >&2; echo the reason >&2; exit 3");
    let error = cli.branch().unwrap_err();
    let VcsError::Failed { code: Some(3), stderr, .. } = &error else { panic!("{error}") };
    assert!(stderr.ends_with("the reason") && stderr.len() < 5000, "{}", stderr.len());
}

#[test]
fn a_program_that_is_not_there_is_named_as_such() {
    let scratch = Scratch::new();
    let error = GitCli::builder().program("/nowhere/git").discover(&scratch.root).unwrap_err();
    assert!(matches!(error, VcsError::Start { .. }), "{error}");
}

#[rstest]
#[case::without_the_option("--attr-source*) echo \"unknown option: $word\" >&2; exit 129;;")]
#[case::printing_what_it_does_not_know("--path-format*) echo \"$word\"; exit 0;;")]
fn a_git_that_is_too_old_is_refused_by_its_name(#[case] answer: &str) {
    let scratch = Scratch::new();
    let program = scratch.beside("old-git");
    let text = format!(
        "#!/bin/sh\nfor word in \"$@\"; do case \"$word\" in\n\
         --version) echo 'git version 2.39.5'; exit 0;;\n{answer}\nesac; done"
    );
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let error = Scratch::builder().program(program).discover(&scratch.root).unwrap_err();
    assert_eq!(error.to_string(), "git version 2.39.5 is too old: git 2.41 or later is needed");
}

#[test]
fn a_limit_on_the_size_of_files_is_a_full_disk() {
    let scratch = Scratch::new();
    let limited = scratch.beside("limited-git");
    fs::write(&limited, "#!/bin/sh\nulimit -f 0\nexec git \"$@\"\n").unwrap();
    fs::set_permissions(&limited, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let cli = Scratch::builder().program(&limited).discover(&scratch.root).unwrap();
    let error = codex_ledger::git::WriteObjects::write_blob(&cli, b"new").unwrap_err();
    let error = codex_ledger::LedgerError::of_git("write the claim", error);
    assert!(error.is_disk_full(), "{error:?}");
}

#[test]
fn indexes_that_a_killed_process_left_are_removed_and_those_in_use_are_not() {
    let scratch = Scratch::new();
    let cli = scratch.cli();
    crate::scratch::snapshot(&cli);
    let folder = scratch.path(b".git/turns/index");
    let left = ["999-0123456789abcdef", "999-0123456789abcdef.lock"].map(|name| folder.join(name));
    for path in &left {
        fs::write(path, "").unwrap();
    }
    let user = fs::File::open(&folder).unwrap();
    user.lock_shared().unwrap();
    crate::scratch::snapshot(&cli);
    assert_eq!(left.each_ref().map(|path| path.exists()), [true; 2], "another process uses the folder");
    drop(user);
    crate::scratch::snapshot(&cli);
    assert_eq!(left.map(|path| path.exists()), [false; 2]);
}
