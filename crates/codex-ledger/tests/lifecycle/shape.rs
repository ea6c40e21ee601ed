//! Folders, links and permissions of the ledger are what they were after a turn.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use codex_ledger::GitMode;
use codex_ledger::manifest::RecordState;
use codex_ledger::values::LEDGER_ROOT;
use rstest::rstest;

use crate::world::World;

fn mode(world: &World, path: &str) -> u32 {
    fs::metadata(world.root().join(LEDGER_ROOT).join(path)).unwrap().permissions().mode() & 0o777
}

fn set_mode(world: &World, path: &str, mode: u32) {
    let path = world.root().join(LEDGER_ROOT).join(path);
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn touched(world: &World) -> Vec<String> {
    let manifest = world.manifest(2);
    let violations = manifest["ledger"]["violations"].as_array().unwrap().iter();
    violations
        .map(|one| format!("{}: {}", one["path"].as_str().unwrap(), one["kind"].as_str().unwrap()))
        .collect()
}

#[rstest]
#[case::top("", 0o777)]
#[case::records("turns", 0o777)]
#[case::record("turns/1", 0o700)]
#[case::inside("turns/1/logs", 0o000)]
#[case::file("turns/1/manifest.json", 0o666)]
#[case::locked_file("turns_index.csv", 0o000)]
#[case::program("turns/1/adr.md", 0o755)]
fn permissions_are_put_back(#[case] path: &str, #[case] changed: u32) {
    let world = World::new(GitMode::Record);
    let before = mode(&world, path);
    let recorded = world.turn_with(&world.ledger(), 2, |world| set_mode(world, path, changed)).unwrap();
    assert_eq!(recorded.reason.as_deref(), Some("ledger-touched"));
    assert_eq!(mode(&world, path), before);
    let named = if path.is_empty() { LEDGER_ROOT.to_owned() } else { format!("{LEDGER_ROOT}/{path}") };
    assert_eq!(touched(&world), [format!("{named}: ledger-touched")]);
    world.verify("permissions");
}

#[test]
fn empty_folders_are_kept_and_new_ones_removed() {
    let world = World::new(GitMode::Record);
    let root = world.root().join(LEDGER_ROOT);
    fs::create_dir_all(root.join("patterns/empty")).unwrap();
    world
        .turn_with(&world.ledger(), 2, |_| {
            fs::remove_dir(root.join("patterns/empty")).unwrap();
            fs::create_dir_all(root.join("patterns/new/deep")).unwrap();
        })
        .unwrap();
    assert!(root.join("patterns/empty").is_dir() && !root.join("patterns/new").exists());
    let expected =
        ["patterns/empty", "patterns/new"].map(|path| format!("{LEDGER_ROOT}/{path}: ledger-touched"));
    assert_eq!(touched(&world), expected);
}

#[test]
fn no_write_goes_through_another_name_of_the_index() {
    let world = World::new(GitMode::Record);
    let root = world.root();
    let index = root.join(LEDGER_ROOT).join("turns_index.csv");
    let before = fs::read(&index).unwrap();
    let recorded =
        world.turn_with(&world.ledger(), 2, |_| fs::hard_link(&index, root.join("mine.csv")).unwrap());
    assert_eq!(recorded.unwrap().state, RecordState::Completed);
    assert_eq!(fs::read(root.join("mine.csv")).unwrap(), before);
    assert_ne!(fs::read(&index).unwrap(), before, "it has the new row");
    world.verify("another name");
}

#[test]
fn a_forged_manifest_with_the_uid_of_the_turn_is_not_the_record() {
    let world = World::new(GitMode::Record);
    let log = world.ledger().open_turn(world.header()).unwrap();
    let turns = world.root().join(LEDGER_ROOT).join("turns");
    // The uid is in the journal, which an agent can read.
    let manifest = fs::read_to_string(turns.join("1/manifest.json")).unwrap();
    let journals = fs::read_dir(world.root().join(".git/turns/journal")).unwrap();
    let uid = journals.map(|entry| entry.unwrap().file_name().into_string().unwrap()).next().unwrap();
    let own = "00000000-0000-7000-8000-000000000001";
    assert!(manifest.contains(own), "{manifest}");
    let forged = manifest.replace(own, &uid).replace("\"turnId\": 1", "\"turnId\": 2");
    world.write(&format!("{LEDGER_ROOT}/turns/2/manifest.json"), forged);
    drop(log);
    let recovered = world.ledger().recover().unwrap();
    assert_eq!(recovered[0].record.state, RecordState::Interrupted);
    assert_eq!(world.manifest(2)["ledger"]["reason"], "crash");
    assert_eq!(touched(&world), [format!("{LEDGER_ROOT}/turns/2: ledger-touched")]);
    world.verify("forged");
}

#[test]
fn a_link_in_the_place_of_a_folder_above_is_never_followed() {
    let world = World::new(GitMode::Record);
    let outside = world.beside("outside");
    fs::create_dir_all(outside.join("agentic-pipeline/turns")).unwrap();
    world
        .turn_with(&world.ledger(), 2, |world| {
            fs::rename(world.root().join("ai"), world.beside("moved")).unwrap();
            symlink(&outside, world.root().join("ai")).unwrap();
        })
        .unwrap();
    assert_eq!(fs::read_dir(outside.join("agentic-pipeline/turns")).unwrap().count(), 0);
    assert!(world.root().join("ai").symlink_metadata().unwrap().is_dir());
    world.verify("linked");
}
