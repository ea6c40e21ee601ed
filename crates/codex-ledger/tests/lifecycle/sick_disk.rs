//! The disk says no, at every write and every sync.

use std::io;

use codex_ledger::GitMode;
use rstest::rstest;

use crate::fate::{Blow, Fate};
use crate::world::World;

/// A turn on a sick disk: what it leaves is made good once the disk is well, and what was acknowledged is there.
fn survives(base: &World, golden: &World, blow: Blow) {
    let world = base.copy();
    let outcome = world.turn(&world.fated(&Fate::new(blow)), 2);
    let early = outcome.as_ref().ok().map(|recorded| {
        let path = recorded.directory.join("manifest.json");
        assert_eq!(
            codex_ledger::values::sha256_hex(&std::fs::read(path).unwrap()),
            recorded.manifest_sha256,
            "{blow:?}"
        );
        recorded.manifest_sha256.clone()
    });
    world.ledger().recover().unwrap_or_else(|error| panic!("{blow:?}: {error}"));
    assert_eq!(world.leftovers(), Vec::<std::path::PathBuf>::new(), "{blow:?}");
    let files = world.files();
    for (name, bytes) in base.files() {
        assert!(files[&name].starts_with(&bytes), "{blow:?}: {name}");
    }
    let Some(manifest) = files.get("turns/2/manifest.json") else {
        assert_eq!(early, None, "{blow:?}");
        assert!(!world.refs().contains("refs/turns/2 "), "{blow:?}");
        return;
    };
    if let Some(early) = early {
        assert_eq!(codex_ledger::values::sha256_hex(manifest), early, "{blow:?}");
    }
    let manifest = world.manifest(2);
    let violations = manifest["ledger"]["violations"].as_array().unwrap();
    match manifest["ledger"]["state"].as_str().unwrap() {
        // What the disk did not take is said; else the record is as it always is.
        "completed" if violations.is_empty() => assert_eq!(files, golden.files(), "{blow:?}"),
        "completed" => assert!(
            violations.iter().all(|violation| {
                ["journal-incomplete", "lines-lost"].contains(&violation["kind"].as_str().unwrap())
            }),
            "{blow:?}: {violations:?}"
        ),
        state => assert_eq!(state, "interrupted", "{blow:?}"),
    }
}

#[rstest]
fn no_write_that_fails_costs_a_record(
    #[values(GitMode::Record, GitMode::Commit)] mode: GitMode,
    #[values(io::ErrorKind::StorageFull, io::ErrorKind::Other)] kind: io::ErrorKind,
) {
    let base = World::new(mode);
    let golden = base.copy();
    let fate = Fate::new(Blow::None);
    golden.turn(&golden.fated(&fate), 2).unwrap();
    for at in 1..=fate.effects().len() {
        if fate.effects()[at - 1].starts_with("git ") {
            continue;
        }
        let full = kind == io::ErrorKind::StorageFull;
        survives(&base, &golden, if full { Blow::FailFrom(at, kind) } else { Blow::FailOnce(at, kind) });
    }
}

#[test]
fn a_disk_that_is_full_from_the_second_line_on_loses_lines_and_says_so() {
    let world = World::new(GitMode::Record);
    let fate = Fate::new(Blow::None);
    let golden = world.copy();
    golden.turn(&golden.fated(&fate), 2).unwrap();
    let second = 1 + fate.effects().iter().position(|effect| effect == "write a line").unwrap() + 1;
    world.turn(&world.fated(&Fate::new(Blow::FailOnce(second, io::ErrorKind::StorageFull))), 2).unwrap();
    let manifest = world.manifest(2);
    let violation = &manifest["ledger"]["violations"][0];
    assert_eq!(violation["kind"], "lines-lost");
    assert_eq!(violation["detail"], "1 lines of the turn were not kept: no storage space");
    assert_eq!(manifest["ledger"]["state"], "completed");
    // What the lines said is in the record all the same.
    assert_eq!(manifest["ledger"]["turns"][0]["finalMessage"], "Done: the test passes.");
}
