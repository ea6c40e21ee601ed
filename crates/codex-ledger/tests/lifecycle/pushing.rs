//! Seals go to a remote: those of new records, and those that earlier pushes have left.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use codex_ledger::claims::ClaimMode;
use codex_ledger::{FileLedger, GitMode, LedgerError, LedgerOptions};
use rstest::rstest;

use crate::fate::{Blow, Fate};
use crate::scratch::run;
use crate::world::{World, options};

/// A world with one record and a remote that has none of it.
fn world_with_remote(mode: GitMode) -> World {
    let world = World::new(mode);
    let bare = remote(&world);
    run(&world.root(), &["init", "-q", "--bare", bare.to_str().unwrap()], &[]);
    world.git(&["remote", "add", "origin", bare.to_str().unwrap()]);
    world
}

fn remote(world: &World) -> PathBuf {
    world.beside("remote.git")
}

fn pushing() -> LedgerOptions {
    let mut options = options();
    options.push = Some("origin".to_owned());
    options
}

fn ledger(world: &World, blow: Blow, options: LedgerOptions) -> FileLedger {
    world.ledger_at(&world.root(), &Fate::new(blow), options)
}

/// Records a turn, and returns its warnings.
fn turn(world: &World, number: u32, options: LedgerOptions) -> Vec<String> {
    world.turn(&ledger(world, Blow::None, options), number).unwrap().warnings
}

fn refs_of(bare: &Path) -> Vec<String> {
    let output = run(bare, &["for-each-ref", "--format=%(refname)"], &[]);
    String::from_utf8(output).unwrap().lines().map(str::to_owned).collect()
}

fn refuse_seals(world: &World) {
    let hook = remote(world).join("hooks/update");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    let script = "#!/bin/sh\ncase $1 in refs/turns-seal/*) echo 'hidden ref' >&2; exit 1;; esac\n";
    fs::write(&hook, script).unwrap();
    fs::set_permissions(hook, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn the_seal_of_a_record_is_pushed_with_its_trees() {
    let world = world_with_remote(GitMode::Record);
    assert_eq!(turn(&world, 2, pushing()), Vec::<String>::new());
    assert_eq!(
        refs_of(&remote(&world)),
        ["refs/turns-seal/2"],
        "what was recorded without a push stays here"
    );
    let clone = world.beside("clone");
    run(&remote(&world), &["clone", "-q", ".", clone.to_str().unwrap()], &[]);
    run(&clone, &["fetch", "-q", "origin", "refs/turns-seal/*:refs/turns-seal/*"], &[]);
    let file = run(&clone, &["show", "refs/turns-seal/2:after/src/new_2.rs"], &[]);
    assert_eq!(file, b"fn new() {}\n");
}

#[rstest]
fn what_a_push_has_left_goes_with_the_next_record_by_one_push(
    #[values(GitMode::Record, GitMode::Commit)] mode: GitMode,
) {
    let world = world_with_remote(mode);
    fs::rename(remote(&world), world.beside("away.git")).unwrap();
    for number in [2, 3] {
        let warnings = turn(&world, number, pushing());
        assert!(matches!(&warnings[..], [one] if one.contains("was not pushed to origin")), "{warnings:?}");
        assert_eq!(world.leftovers(), Vec::<PathBuf>::new());
    }
    fs::rename(world.beside("away.git"), remote(&world)).unwrap();
    let fate = Fate::new(Blow::None);
    world.turn(&world.ledger_at(&world.root(), &fate, pushing()), 4).unwrap();
    assert_eq!(fate.effects().iter().filter(|effect| *effect == "git push_refs").count(), 1);
    let prefix = if mode.commits() { "refs/tags/turn/" } else { "refs/turns-seal/" };
    assert_eq!(refs_of(&remote(&world)), [2, 3, 4].map(|number| format!("{prefix}{number}")));
}

#[test]
fn recover_pushes_what_a_push_has_left() {
    let world = world_with_remote(GitMode::Record);
    fs::rename(remote(&world), world.beside("away.git")).unwrap();
    turn(&world, 2, pushing());
    let recover = || ledger(&world, Blow::None, pushing()).recover();
    assert!(matches!(recover(), Err(LedgerError::Refused { .. })), "the remote is away");
    fs::rename(world.beside("away.git"), remote(&world)).unwrap();
    assert_eq!(recover().unwrap(), []);
    assert_eq!(refs_of(&remote(&world)), ["refs/turns-seal/2"]);
    let fate = Fate::new(Blow::None);
    world.ledger_at(&world.root(), &fate, pushing()).recover().unwrap();
    assert!(!fate.effects().iter().any(|effect| effect == "git push_refs"), "nothing is left to push");
}

#[test]
fn what_was_recovered_is_told_although_the_remote_is_away() {
    let world = world_with_remote(GitMode::Record);
    drop(ledger(&world, Blow::None, pushing()).open_turn(world.header()).unwrap());
    fs::rename(remote(&world), world.beside("away.git")).unwrap();
    let recovered = ledger(&world, Blow::None, pushing()).recover().unwrap();
    let warnings: Vec<&String> = recovered.iter().flat_map(|found| &found.record.warnings).collect();
    assert_eq!(recovered.len(), 1);
    assert!(matches!(warnings[..], [one] if one.contains("was not pushed to origin")), "{warnings:?}");
}

#[test]
fn a_seal_that_a_crash_kept_from_being_pushed_goes_with_the_next_record() {
    let world = world_with_remote(GitMode::Record);
    let fate = Fate::new(Blow::None);
    let golden = world.copy();
    golden.turn(&golden.ledger_at(&golden.root(), &fate, pushing()), 2).unwrap();
    run(&remote(&world), &["update-ref", "-d", "refs/turns-seal/2"], &[]);
    let push = 1 + fate.effects().iter().position(|effect| effect == "git push_refs").unwrap();
    let _ = world.turn(&ledger(&world, Blow::KillBefore(push), pushing()), 2);
    assert_eq!(turn(&world, 3, pushing()), Vec::<String>::new());
    assert_eq!(refs_of(&remote(&world)), ["refs/turns-seal/2", "refs/turns-seal/3"]);
}

#[test]
fn a_host_that_refuses_seals_is_a_warning_with_a_remedy() {
    let world = world_with_remote(GitMode::Record);
    refuse_seals(&world);
    let warnings = turn(&world, 2, pushing());
    let [warning] = &warnings[..] else { panic!("{warnings:?}") };
    assert!(warning.starts_with("origin refuses refs/turns-seal/2: "), "{warning}");
    assert!(warning.contains("set `ledger.git = \"commit\"`"), "{warning}");
    assert_eq!(turn(&world, 3, pushing()).len(), 1, "one sentence for two seals");
    fs::remove_file(remote(&world).join("hooks/update")).unwrap();
    assert_eq!(turn(&world, 4, pushing()), Vec::<String>::new());
    assert_eq!(refs_of(&remote(&world)).len(), 3);
}

#[test]
fn claims_on_a_remote_alone_push_no_seal() {
    let world = world_with_remote(GitMode::Record);
    let mut options = options();
    options.claim.mode = ClaimMode::remote("origin");
    turn(&world, 2, options);
    assert_eq!(refs_of(&remote(&world)), ["refs/turns/2"]);
}
