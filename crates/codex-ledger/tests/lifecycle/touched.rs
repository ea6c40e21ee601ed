//! An agent writes where the ledger is.

use std::fs;
use std::os::unix::fs::symlink;

use codex_ledger::{GitMode, LEDGER_ROOT, RecordState};
use rstest::rstest;

use crate::world::World;

/// Does something to the ledger during a turn, and gives what the record says was done.
fn touch(mode: GitMode, meanwhile: impl FnOnce(&World)) -> Vec<String> {
    let world = World::new(mode);
    let before = world.files();
    let recorded = world.turn_with(&world.ledger(), 2, meanwhile).unwrap();
    assert_eq!(recorded.state, RecordState::Failed);
    assert_eq!(recorded.reason.as_deref(), Some("ledger-touched"));
    let mut files = world.files();
    files.retain(|name, _| !name.starts_with("turns/2/"));
    let index = files.insert("turns_index.csv".to_owned(), before["turns_index.csv"].clone()).unwrap();
    assert!(index.starts_with(&before["turns_index.csv"]), "rows that were there are there");
    assert_eq!(files, before, "the old content is kept");
    world.verify("touched");
    let manifest = world.manifest(2);
    assert_eq!(manifest["ledger"]["turns"][0]["verdict"], "completed", "the verdict stays Codex's");
    assert_eq!(manifest["metrics"]["filesChanged"], 2, "the ledger is no part of the changes");
    let violations = manifest["ledger"]["violations"].as_array().unwrap();
    let path = |violation: &serde_json::Value| {
        assert_eq!(violation["kind"], "ledger-touched", "{violation}");
        let path = violation["path"].as_str().unwrap();
        path.strip_prefix(&format!("{LEDGER_ROOT}/")).unwrap().to_owned()
    };
    violations.iter().map(path).collect()
}

#[rstest]
fn a_changed_record_is_restored(#[values(GitMode::Record, GitMode::Commit)] mode: GitMode) {
    let touched = touch(mode, |world| {
        world.write(&format!("{LEDGER_ROOT}/turns/1/manifest.json"), "{}");
    });
    assert_eq!(touched, ["turns/1/manifest.json"]);
}

#[test]
fn a_deleted_record_and_a_made_up_one_are_undone() {
    let touched = touch(GitMode::Record, |world| {
        fs::remove_dir_all(world.root().join(LEDGER_ROOT).join("turns/1/logs")).unwrap();
        world.write(&format!("{LEDGER_ROOT}/turns/7/logs/deep/x"), "mine");
        world.write(&format!("{LEDGER_ROOT}/turns/7/manifest.json"), "mine");
        world.write(&format!("{LEDGER_ROOT}/turns_index.csv"), "forged\n");
    });
    let expected = [
        "turns/1/logs/events.jsonl",
        "turns/1/logs/llm_prompt.txt",
        "turns/1/logs/llm_response.txt",
        "turns/1/logs/task.log",
        "turns/7/logs/deep/x",
        "turns/7/manifest.json",
        "turns_index.csv",
    ];
    assert_eq!(touched, expected);
}

#[test]
fn a_folder_that_became_a_link_is_a_folder_again() {
    let touched = touch(GitMode::Record, |world| {
        let turns = world.root().join(LEDGER_ROOT).join("turns");
        fs::rename(&turns, world.beside("elsewhere")).unwrap();
        symlink(world.beside("elsewhere"), turns).unwrap();
    });
    assert!(touched.contains(&"turns".to_owned()) && touched.contains(&"turns/1/adr.md".to_owned()));
}
