//! What becomes of a turn that keeps git from its work.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use codex_ledger::git::VcsError;
use codex_ledger::manifest::RecordState;
use codex_ledger::{Cause, FileLedger, GitCli, GitMode, LedgerError};

use crate::world::{World, options, rules};

/// A world whose git reads a file of the worktree as configuration.
fn including(mode: GitMode) -> World {
    let world = World::empty(mode);
    world.write("git.inc", "[alias]\n\tst = status\n");
    world.git(&["add", "-A"]);
    world.git(&["commit", "-q", "-m", "aliases"]);
    world.git(&["config", "include.path", "../git.inc"]);
    world
}

#[test]
fn a_record_that_lacks_the_changes_has_failed() {
    let world = including(GitMode::Record);
    let recorded = world.turn_with(&world.ledger(), 1, |world| world.write("git.inc", "[alias")).unwrap();
    assert_eq!((recorded.state, recorded.reason.as_deref()), (RecordState::Failed, Some("worktree-unknown")));
    let named = recorded.violations.iter().find(|violation| violation.kind == "worktree-unknown").unwrap();
    assert!(named.detail.contains("git.inc"), "{}", named.detail);
    assert!(
        recorded.warnings[0].starts_with("what the turn changed is not in the record: "),
        "{:?}",
        recorded.warnings
    );
    world.write("git.inc", "[alias]\n");
    let recovered = world.ledger().recover().unwrap();
    assert_eq!(recovered.len(), 1, "what was left to do is done once git works again");
    world.verify("recovered");
}

#[test]
fn a_commit_that_git_cannot_make_any_more_is_of_the_repository() {
    let world = including(GitMode::Commit);
    let error = world.turn_with(&world.ledger(), 1, |world| world.write("git.inc", "[alias")).unwrap_err();
    assert_eq!(
        (error.cause(), error.cause_after_turn()),
        (Cause::Environment, Cause::Repository),
        "{error:?}"
    );
    assert!(matches!(error, LedgerError::Git { source: VcsError::Failed { .. }, .. }), "{error:?}");
}

#[test]
fn a_worktree_that_a_turn_locks_is_open_again() {
    let world = World::empty(GitMode::Record);
    let lock = |world: &World| fs::set_permissions(world.root(), fs::Permissions::from_mode(0o000)).unwrap();
    let recorded = world.turn_with(&world.ledger(), 1, lock).unwrap();
    assert_eq!(fs::metadata(world.root()).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(recorded.state, RecordState::Completed);
    assert_eq!(recorded.violations[0].kind, "worktree-locked");
    assert_eq!(world.manifest(1)["changes"]["modified"], serde_json::json!(["README.md"]));
    world.verify("unlocked");
}

#[test]
fn a_disk_that_is_full_for_git_fails_no_record_and_is_said() {
    let world = World::empty(GitMode::Record);
    let (program, full) = (world.beside("git"), world.beside("full"));
    let fails = "error: unable to write file .git/objects/x: No space left on device";
    let text = format!(
        "#!/bin/sh\nif [ -e '{}' ]; then case \"$*\" in *update-index*|*write-tree*) echo '{fails}' >&2; exit 128;; esac; fi\n\
         exec git \"$@\"\n",
        full.display()
    );
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let git = GitCli::builder().program(program);
    let ledger = FileLedger::builder(world.root(), rules()).git(git).options(options()).open().unwrap();
    let recorded = world.turn_with(&ledger, 1, |_| fs::write(&full, "").unwrap()).unwrap();
    assert_eq!((&recorded.state, &recorded.reason), (&RecordState::Completed, &None));
    assert!(recorded.violations.iter().any(|violation| violation.kind == "worktree-unknown"));
    let said = &recorded.warnings[0];
    assert!(
        said.starts_with("what the turn changed is not in the record: ") && said.contains("No space left"),
        "{said}"
    );
}
