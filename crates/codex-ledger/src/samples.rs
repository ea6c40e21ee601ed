//! Samples of the errors of this crate, for tests of what people are told.
//!
//! Each list has the variant's name beside its sample, and at least one of each variant.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::LedgerError;
use crate::claims::ClaimError;
use crate::git::VcsError;
use crate::manifest::Manifest;

fn denied() -> io::Error {
    io::Error::other("permission denied")
}

fn at(path: &str) -> PathBuf {
    PathBuf::from("/my/project").join(path)
}

fn git() -> VcsError {
    VcsError::failed("list refs", 128, "fatal: bad object")
}

fn too_old() -> VcsError {
    VcsError::TooOld { found: "git version 2.39.5".to_owned() }
}

/// Returns samples of why the ledger did not do what it must.
///
/// ```
/// for (name, error) in codex_ledger::samples::ledger_errors() {
///     assert!(!error.to_string().ends_with('.'), "{name}");
/// }
/// ```
///
/// # Panics
///
/// Never: a text that is cut is not a manifest.
pub fn ledger_errors() -> Vec<(&'static str, LedgerError)> {
    let not_json = Manifest::read(b"{").expect_err("it is cut");
    let refused = LedgerError::Refused {
        step: "commit what the turn will change",
        reason: "the worktree has other changes".to_owned(),
    };
    let integrity = LedgerError::Integrity { path: at("turns/1"), finding: "it is no folder".to_owned() };
    let busy = LedgerError::Busy { lock: at(".git/turns/lock"), age: Some(Duration::from_secs(9)) };
    let read_only = LedgerError::ReadOnly { root: at("ai"), format: "turns-ledger/2".to_owned() };
    vec![
        ("LedgerError::Git", LedgerError::of_git("open the ledger", git())),
        ("LedgerError::Git of an old git", LedgerError::of_git("open the ledger", too_old())),
        (
            "LedgerError::Disk",
            LedgerError::Disk { step: "write a file", path: at("turns/1"), source: denied() },
        ),
        ("LedgerError::Claim", LedgerError::Claim(ClaimError::Exhausted)),
        ("LedgerError::Manifest", LedgerError::Manifest { path: at("manifest.json"), source: not_json }),
        ("LedgerError::Integrity", integrity),
        ("LedgerError::ReadOnly", read_only),
        ("LedgerError::Gone", LedgerError::gone("/my/project")),
        ("LedgerError::Replaced", LedgerError::replaced(at("ai"), "a symbolic link")),
        ("LedgerError::NotInitialised", LedgerError::not_initialised("/my/project")),
        ("LedgerError::Busy", busy),
        ("LedgerError::Refused", refused),
    ]
}

/// Returns samples of why no number could be claimed.
pub fn claim_errors() -> Vec<(&'static str, ClaimError)> {
    let (remote, ref_name) = (|| "origin".to_owned(), || "refs/turns/7".to_owned());
    let gave_up = ClaimError::GaveUp {
        ref_name: ref_name(),
        waited: Duration::from_mins(1),
        reason: "File exists".to_owned(),
        lock_age: Some(Duration::from_secs(90)),
    };
    let reason = "deny updating a hidden ref".to_owned();
    let denied_by_remote = ClaimError::Denied { remote: remote(), ref_name: ref_name(), reason };
    let reason = "connection refused".to_owned();
    let unreachable = ClaimError::Unreachable { remote: remote(), ref_name: ref_name(), reason };
    vec![
        ("ClaimError::Git", ClaimError::Git { step: "list the refs", source: git() }),
        ("ClaimError::Disk", ClaimError::Disk { path: at(".git/turns/head"), source: denied() }),
        ("ClaimError::GaveUp", gave_up),
        ("ClaimError::Denied", denied_by_remote),
        ("ClaimError::Unreachable", unreachable),
        ("ClaimError::Exhausted", ClaimError::Exhausted),
    ]
}

/// Returns samples of why git did not do what it was asked.
pub fn vcs_errors() -> Vec<(&'static str, VcsError)> {
    let obstructed = VcsError::Obstructed {
        step: "read the worktree",
        path: at("a/.gitignore"),
        reason: "it is a pipe, which git waits for".to_owned(),
    };
    vec![
        ("VcsError::Start", VcsError::start("list refs", denied())),
        ("VcsError::TooOld", too_old()),
        ("VcsError::Failed", git()),
        ("VcsError::TimedOut", VcsError::timed_out("list refs", Duration::from_secs(10))),
        ("VcsError::Aborted", VcsError::Aborted { step: "read the worktree" }),
        ("VcsError::Unreadable", VcsError::unreadable("list refs", "a line has no name")),
        (
            "VcsError::Io",
            VcsError::Io { step: "take a snapshot", path: at(".git/turns/index"), source: denied() },
        ),
        ("VcsError::NoWorktree", VcsError::NoWorktree { path: at(""), reason: "no such folder".to_owned() }),
        ("VcsError::Obstructed", obstructed),
    ]
}
