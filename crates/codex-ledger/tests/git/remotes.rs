//! Remotes that say no, say nothing, or ask for a password: the claim fails within the limit, and nobody is asked.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use codex_ledger::TurnId;
use codex_ledger::claims::{ClaimError, VisibleIds};
use codex_ledger::git::Refs as _;
use codex_ledger::system::SystemWaiter;

use crate::claims::{Claimant, clones};
use crate::scratch::{Scratch, run};

/// A hook in a bare repository.
fn hook(scratch: &Scratch, name: &str, script: &str) {
    let path = scratch.beside("remote.git").join("hooks").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn claim_within(claimant: &Claimant, limit: Duration) -> ClaimError {
    let start = Instant::now();
    let error = claimant.claim().unwrap_err();
    assert!(start.elapsed() < limit, "{:?}: {error}", start.elapsed());
    error
}

fn set_remote(folder: &Path, address: &str) {
    run(folder, &["remote", "set-url", "origin", address], &[]);
}

#[test]
fn a_remote_that_is_gone_is_unreachable() {
    let scratch = Scratch::new();
    let folders = clones(&scratch, 1);
    let claimant = Claimant::remote(&folders[0], Duration::from_secs(10));
    fs::rename(scratch.beside("remote.git"), scratch.beside("moved.git")).unwrap();
    let error = claim_within(&claimant, Duration::from_secs(10));
    assert!(matches!(error, ClaimError::Unreachable { .. }), "{error}");
    assert!(claimant.cli.list_refs("refs/turns/").unwrap().is_empty());
}

#[test]
fn a_remote_that_is_read_only_denies() {
    let scratch = Scratch::new();
    let folders = clones(&scratch, 1);
    hook(&scratch, "pre-receive", "echo 'this repository is read only' >&2; exit 1");
    let claimant = Claimant::remote(&folders[0], Duration::from_secs(10));
    let error = claim_within(&claimant, Duration::from_secs(20));
    let ClaimError::Denied { reason, .. } = &error else { panic!("{error}") };
    assert!(reason.contains("read only"), "{reason}");
    assert!(claimant.cli.list_refs("refs/turns/").unwrap().is_empty());
}

#[test]
fn a_remote_that_refuses_our_refs_takes_claims_as_tags() {
    let scratch = Scratch::new();
    let folders = clones(&scratch, 2);
    hook(&scratch, "update", "case $1 in refs/turns/*) echo 'deny updating a hidden ref' >&2; exit 1;; esac");
    let first = Claimant::remote(&folders[0], Duration::from_secs(10));
    assert_eq!(first.claim().unwrap().turn_id.get(), 1);
    assert_eq!(first.claim().unwrap().turn_id.get(), 2);
    let second = Claimant::remote(&folders[1], Duration::from_secs(10));
    let claim = second.claim().unwrap();
    assert_eq!(claim.turn_id.get(), 3);
    assert_eq!(second.cli.read_ref("refs/turns/3").unwrap(), Some(claim.oid));
    let refs = run(&scratch.beside("remote.git"), &["for-each-ref", "--format=%(refname)", "refs/tags"], &[]);
    assert_eq!(String::from_utf8(refs).unwrap().lines().count(), 3);
}

/// Claims at two places would give a number twice.
#[test]
fn a_remote_that_has_claims_and_denies_one_is_not_asked_to_take_a_tag() {
    let scratch = Scratch::new();
    let folders = clones(&scratch, 1);
    let claimant = Claimant::remote(&folders[0], Duration::from_secs(10));
    claimant.claim().unwrap();
    hook(&scratch, "update", "case $1 in refs/turns/*) echo 'not today' >&2; exit 1;; esac");
    let error = claim_within(&claimant, Duration::from_secs(20));
    assert!(matches!(error, ClaimError::Denied { .. }), "{error}");
}

#[test]
fn a_remote_that_asks_for_a_password_is_unreachable_and_nobody_is_asked() {
    let scratch = Scratch::new();
    let folders = clones(&scratch, 1);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    set_remote(&folders[0], &format!("http://{}/repository.git", listener.local_addr().unwrap()));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let answer = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\
                          Content-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let claimant = Claimant::remote(&folders[0], Duration::from_secs(10));
    let error = claim_within(&claimant, Duration::from_secs(10));
    assert!(matches!(error, ClaimError::Unreachable { .. }), "{error}");
}

#[test]
fn a_remote_that_says_nothing_is_given_up_at_the_limit() {
    let scratch = Scratch::new();
    let folders = clones(&scratch, 1);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    set_remote(&folders[0], &format!("http://{}/repository.git", listener.local_addr().unwrap()));
    let limit = Duration::from_secs(1);
    let error = claim_within(&Claimant::remote(&folders[0], limit), Duration::from_secs(5));
    let ClaimError::Unreachable { reason, .. } = &error else { panic!("{error}") };
    assert!(reason.contains("longer than 1s"), "{reason}");
}

/// The hook makes the remote take the ref and then keep silent until the limit.
#[test]
fn a_claim_of_which_the_remote_did_not_tell_is_noted_and_settled_later() {
    let scratch = Scratch::new();
    let folders = clones(&scratch, 1);
    let claimant = Claimant::remote(&folders[0], Duration::from_secs(3));
    assert_eq!(claimant.claim().unwrap().turn_id.get(), 1);
    hook(&scratch, "post-receive", "exec sleep 30");
    let error = claim_within(&claimant, Duration::from_secs(20));
    assert!(matches!(error, ClaimError::Unreachable { .. }), "{error}");
    assert_eq!(claimant.cli.read_ref("refs/turns/2").unwrap(), None);
    let settle = || claimant.with(&SystemWaiter::new(), |claims| claims.settle_unknown().unwrap());
    assert_eq!(settle(), [TurnId::new(2).unwrap()]);
    assert!(claimant.cli.read_ref("refs/turns/2").unwrap().is_some());
    assert_eq!(settle(), []);
    hook(&scratch, "post-receive", "exit 0");
    assert_eq!(claimant.claim_above(VisibleIds::none()).unwrap().turn_id.get(), 3);
}
