//! Claims under contention: no number twice, none lost.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use codex_ledger::claims::{Claim, ClaimBlob, ClaimError, ClaimMode, ClaimOptions, Claims, VisibleIds};
use codex_ledger::git::{PrivateDirs, ReadObjects as _, Refs as _};
use codex_ledger::system::{
    DiskRoot, RealDisk, SkippingWaiter, SystemClock, SystemIdentities, SystemWaiter, Waiter,
};
use codex_ledger::{GitCli, TurnId};

use crate::scratch::{Scratch, run};

/// One who claims, with all that he needs.
pub(crate) struct Claimant {
    pub(crate) cli: GitCli,
    disk: RealDisk,
    options: ClaimOptions,
}

impl Claimant {
    pub(crate) fn at(folder: &Path) -> Self {
        let cli = Scratch::cli_at(folder);
        let roots = PrivateDirs::disk_roots(&cli);
        Self { disk: RealDisk::within(roots), options: ClaimOptions::default(), cli }
    }

    pub(crate) fn remote(folder: &Path, limit: Duration) -> Self {
        let mut claimant = Self::at(folder);
        claimant.options.mode = ClaimMode::remote("origin");
        claimant.options.remote_limit = limit;
        claimant
    }

    pub(crate) fn with<T>(&self, waiter: &dyn Waiter, ask: impl FnOnce(&Claims<'_>) -> T) -> T {
        let (clock, identities) = (SystemClock::new(), SystemIdentities::new());
        ask(&Claims::new(&self.cli, &self.disk, &clock, &identities, waiter, &self.options))
    }

    pub(crate) fn claim(&self) -> Result<Claim, ClaimError> {
        self.claim_above(VisibleIds::none())
    }

    pub(crate) fn claim_above(&self, visible: VisibleIds) -> Result<Claim, ClaimError> {
        self.with(&SystemWaiter::new(), |claims| claims.allocate(visible))
    }
}

/// Has each claim `times` numbers at the same time as the others.
fn all_claim(claimants: &[Claimant], times: u64) -> Vec<Claim> {
    thread::scope(|scope| {
        let threads: Vec<_> = claimants
            .iter()
            .map(|claimant| {
                scope.spawn(move || (0..times).map(|_| claimant.claim().unwrap()).collect::<Vec<_>>())
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// The numbers are 1 to the last, each once, and each ref names the claim of the one who got the number.
fn check(claims: &[Claim], cli: &GitCli, expected: u64) {
    let numbers: BTreeSet<u64> = claims.iter().map(|claim| claim.turn_id.get()).collect();
    assert_eq!(numbers, (1..=expected).collect());
    assert_eq!(claims.len() as u64, expected);
    for claim in claims {
        let found = cli.read_ref(&claim.ref_name()).unwrap();
        if let Some(found) = found {
            assert_eq!(found, claim.oid);
            let blob = ClaimBlob::read(&cli.read_object(&found).unwrap().unwrap().bytes).unwrap();
            assert_eq!((blob.turn_id, &blob.uid), (claim.turn_id, &claim.uid));
        }
    }
}

#[test]
fn twenty_on_one_worktree_get_twenty_numbers_each_once() {
    let scratch = Scratch::new();
    let claimants: Vec<Claimant> = (0..20).map(|_| Claimant::at(&scratch.root)).collect();
    let claims = all_claim(&claimants, 2);
    check(&claims, &scratch.cli(), 40);
    assert_eq!(scratch.cli().list_refs("refs/turns/").unwrap().len(), 40);
}

/// Names the repository in which [`claim_as_a_process_of_its_own`] claims.
const REPOSITORY: &str = "CODEX_LEDGER_TEST_REPOSITORY";

#[test]
fn twenty_processes_on_one_worktree_get_twenty_numbers_each_once() {
    let scratch = Scratch::new();
    let claim = || {
        let test = ["--exact", "claims::claim_as_a_process_of_its_own"];
        again(&test).env(REPOSITORY, &scratch.root).stdout(std::process::Stdio::null()).spawn().unwrap()
    };
    let children: Vec<_> = (0..20).map(|_| claim()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let folder = scratch.path(b"won");
    let won: BTreeSet<u64> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(won, (1..=20).collect());
    assert_eq!(scratch.cli().list_refs("refs/turns/").unwrap().len(), 20);
}

/// Started by the test above it claims in the repository of that test, else in one of its own.
#[test]
fn claim_as_a_process_of_its_own() {
    let own = Scratch::new();
    let root = std::env::var_os(REPOSITORY).map_or_else(|| own.root.clone(), PathBuf::from);
    let claim = Claimant::at(&root).claim().unwrap();
    fs::create_dir_all(root.join("won")).unwrap();
    fs::File::create_new(root.join("won").join(claim.turn_id.to_string())).unwrap();
}

#[expect(clippy::disallowed_methods, reason = "this program itself, as another process")]
fn again(args: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(args);
    command
}

#[test]
fn twenty_on_four_linked_worktrees_get_numbers_each_once() {
    let scratch = Scratch::new();
    let mut claimants = Vec::new();
    for number in 0..4 {
        let linked = scratch.beside(&format!("linked-{number}"));
        scratch.git(&["worktree", "add", "-q", "--detach", linked.to_str().unwrap()]);
        claimants.extend((0..5).map(|_| Claimant::at(&linked)));
    }
    check(&all_claim(&claimants, 1), &scratch.cli(), 20);
    assert_eq!(scratch.cli().list_refs("refs/turns/").unwrap().len(), 20);
}

/// A bare repository `remote.git` and clones of it.
pub(crate) fn clones(scratch: &Scratch, count: usize) -> Vec<PathBuf> {
    let bare = scratch.beside("remote.git");
    scratch.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    (0..count)
        .map(|number| {
            let clone = scratch.beside(&format!("clone-{number}"));
            run(&bare, &["clone", "-q", ".", clone.to_str().unwrap()], &[]);
            clone
        })
        .collect()
}

#[test]
fn twenty_clones_of_one_remote_get_numbers_each_once() {
    let scratch = Scratch::new();
    let folders = clones(&scratch, 20);
    let claimants: Vec<Claimant> =
        folders.iter().map(|folder| Claimant::remote(folder, Duration::from_mins(1))).collect();
    let claims = all_claim(&claimants, 1);
    let bare =
        run(&scratch.beside("remote.git"), &["for-each-ref", "--format=%(objectname)", "refs/turns"], &[]);
    let there: BTreeSet<String> = String::from_utf8(bare).unwrap().lines().map(str::to_owned).collect();
    check(&claims, &claimants[0].cli, 20);
    assert_eq!(there, claims.iter().map(|claim| claim.oid.to_string()).collect());
    assert!(claims.iter().all(|claim| claim.scope == codex_ledger::manifest::ClaimScope::Remote));
}

/// Claims that others have made on the remote `remote.git`.
fn claims_of_others(scratch: &Scratch, numbers: &[u64]) {
    for number in numbers {
        let name = format!("refs/turns/{number}");
        run(&scratch.beside("remote.git"), &["update-ref", &name, "HEAD"], &[]);
    }
}

/// Each refusal says what else is taken, so that being far behind costs one.
#[test]
fn a_clone_that_is_far_behind_loses_once() {
    let scratch = Scratch::new();
    let folders = clones(&scratch, 1);
    let claimant = Claimant::remote(&folders[0], Duration::from_mins(1));
    claimant.claim().unwrap();
    claims_of_others(&scratch, &(2..=40).collect::<Vec<_>>());
    let objects = || run(&folders[0], &["cat-file", "--batch-all-objects", "--batch-check"], &[]);
    let count = || String::from_utf8(objects()).unwrap().lines().count();
    let before = count();
    assert_eq!(claimant.claim().unwrap().turn_id.get(), 41);
    assert_eq!(count() - before, 2, "there is a blob for each attempt");
}

#[test]
fn the_next_number_is_above_all_that_is_visible() {
    let scratch = Scratch::new();
    let claimant = Claimant::at(&scratch.root);
    let next = |visible| claimant.claim_above(visible).unwrap().turn_id.get();
    assert_eq!(next(VisibleIds::none()), 1);
    assert_eq!(next(VisibleIds::none().and(TurnId::new(7).unwrap())), 8);
    assert_eq!(next(VisibleIds::none()), 9);
    scratch.git(&["tag", "turn/10"]);
    assert_eq!(next(VisibleIds::none()), 11, "a tag that came with a fetch keeps its number");
    scratch.git(&["update-ref", "refs/turns-seal/20", "HEAD"]);
    fs::remove_file(scratch.path(b".git/turns/head.json")).unwrap();
    assert_eq!(next(VisibleIds::none()), 21, "without the cache everything is looked at");
    for broken in ["", "{}", "{\"v\":2,\"highest\":90}", "[]", "\u{0}"] {
        fs::write(scratch.path(b".git/turns/head.json"), broken).unwrap();
        assert!(next(VisibleIds::none()) > 21, "{broken:?}");
    }
}

#[test]
fn a_cache_that_is_behind_costs_a_look_and_gives_no_number_twice() {
    let scratch = Scratch::new();
    let claimant = Claimant::at(&scratch.root);
    for _ in 0..5 {
        claimant.claim().unwrap();
    }
    fs::write(scratch.path(b".git/turns/head.json"), "{\"v\":1,\"highest\":1}").unwrap();
    assert_eq!(claimant.claim().unwrap().turn_id.get(), 6);
    let claims = claimant.with(&SystemWaiter::new(), |claims| claims.list().unwrap());
    assert_eq!(claims.iter().map(|claim| claim.0.get()).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_lock_that_a_dead_git_left_is_named_with_its_age_and_not_removed() {
    let scratch = Scratch::new();
    let mut claimant = Claimant::at(&scratch.root);
    claimant.options.give_up = Duration::from_secs(3);
    let lock = scratch.path(b".git/refs/turns/1.lock");
    fs::create_dir_all(lock.parent().unwrap()).unwrap();
    fs::write(&lock, "").unwrap();
    let waiter = SkippingWaiter::new();
    let error = claimant.with(&waiter, |claims| claims.allocate(VisibleIds::none())).unwrap_err();
    let ClaimError::GaveUp { ref_name, lock_age, waited, .. } = &error else { panic!("{error}") };
    assert_eq!(ref_name, "refs/turns/1");
    assert!(lock_age.is_some() && *waited >= Duration::from_secs(3), "{error}");
    assert!(error.to_string().contains(".lock file is"), "{error}");
    assert!(lock.exists());
    fs::remove_file(lock).unwrap();
    assert_eq!(claimant.claim().unwrap().turn_id, TurnId::FIRST);
}

#[test]
fn hooks_and_settings_of_the_users_have_no_say() {
    let scratch = Scratch::new();
    let marker = scratch.beside("hook-ran");
    for hook in ["reference-transaction", "pre-push", "post-index-change"] {
        let path = scratch.path(format!(".git/hooks/{hook}").as_bytes());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\ntouch '{}'\nexit 1\n", marker.display())).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(path, mode).unwrap();
    }
    Claimant::at(&scratch.root).claim().unwrap();
    crate::scratch::snapshot(&scratch.cli());
    assert!(!marker.exists());
}

#[test]
fn a_claim_is_not_written_where_the_private_folder_is_a_link() {
    let scratch = Scratch::new();
    let elsewhere = scratch.beside("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, scratch.path(b".git/turns")).unwrap();
    // The cache is only a hint, so that the claim itself succeeds.
    Claimant::at(&scratch.root).claim().unwrap();
    assert_eq!(fs::read_dir(elsewhere).unwrap().count(), 0);
    let disk = RealDisk::within([DiskRoot::below(scratch.path(b".git"), "turns")]);
    let path = scratch.path(b".git/turns/x");
    let error = codex_ledger::system::Disk::write_new(&disk, &path, b"").unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
}
