//! An agent writes where the ledger is.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use codex_ledger::GitMode;
use codex_ledger::manifest::RecordState;
use codex_ledger::values::LEDGER_ROOT;
use rstest::rstest;

use crate::fate::{Blow, Fate};
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

/// Overwrites a file with other bytes of the same number, and sets its time back.
fn edit_unnoticed(path: &std::path::Path) {
    let modified = fs::metadata(path).unwrap().modified().unwrap();
    let mut bytes = fs::read(path).unwrap();
    bytes[0] ^= 1;
    fs::write(path, bytes).unwrap();
    fs::File::options().write(true).open(path).unwrap().set_modified(modified).unwrap();
}

#[test]
fn an_edit_of_the_same_size_and_time_is_found_at_once() {
    let touched = touch(GitMode::Record, |world| {
        edit_unnoticed(&world.root().join(LEDGER_ROOT).join("turns/1/logs/task.log"));
        edit_unnoticed(&world.root().join(LEDGER_ROOT).join("turns_index.csv"));
    });
    assert_eq!(touched, ["turns/1/logs/task.log", "turns_index.csv"]);
}

#[test]
fn an_edit_of_the_same_size_and_time_is_found_in_what_had_settled() {
    let world = World::new(GitMode::Record);
    let root = world.root().join(LEDGER_ROOT);
    let newest = || {
        let paths = ["turns/1/logs/task.log", "turns/1/manifest.json", "turns_index.csv", ".gitattributes"];
        paths.iter().map(|path| fs::metadata(root.join(path)).unwrap().ctime()).max().unwrap()
    };
    let began = Instant::now();
    while SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() < newest().unsigned_abs() + 4 {
        assert!(began.elapsed() < Duration::from_secs(30), "the clock stands still");
        std::thread::sleep(Duration::from_millis(50));
    }
    let before = fs::read(root.join("turns/1/logs/task.log")).unwrap();
    let recorded =
        world.turn_with(&world.ledger(), 2, |_| edit_unnoticed(&root.join("turns/1/logs/task.log"))).unwrap();
    assert_eq!(recorded.reason.as_deref(), Some("ledger-touched"));
    assert_eq!(fs::read(root.join("turns/1/logs/task.log")).unwrap(), before);
    world.verify("settled");
}

#[test]
fn files_that_changed_places_are_put_back() {
    let touched = touch(GitMode::Record, |world| {
        let logs = world.root().join(LEDGER_ROOT).join("turns/1/logs");
        fs::rename(logs.join("task.log"), logs.join("aside")).unwrap();
        fs::rename(logs.join("llm_prompt.txt"), logs.join("task.log")).unwrap();
        fs::rename(logs.join("aside"), logs.join("llm_prompt.txt")).unwrap();
    });
    assert_eq!(touched, ["turns/1/logs/llm_prompt.txt", "turns/1/logs/task.log"]);
}

#[test]
fn a_file_that_is_only_looked_at_or_written_as_it_was_is_not_touched() {
    let world = World::new(GitMode::Record);
    let recorded = world
        .turn_with(&world.ledger(), 2, |world| {
            let path = world.root().join(LEDGER_ROOT).join("turns/1/adr.md");
            let bytes = fs::read(&path).unwrap();
            fs::write(&path, bytes).unwrap();
        })
        .unwrap();
    assert_eq!(recorded.state, RecordState::Completed);
}

#[rstest]
fn what_came_into_the_ledger_between_turns_is_kept_as_well(
    #[values(GitMode::Record, GitMode::Commit)] mode: GitMode,
    #[values(1, 70)] notes: u32,
) {
    let world = World::new(mode);
    let place = format!("{LEDGER_ROOT}/patterns/deep");
    for note in 0..notes {
        world.write(&format!("{LEDGER_ROOT}/note-{note}.md"), "mine\n");
        world.write(&format!("{place}/{note}.md"), "mine too\n");
    }
    fs::remove_dir_all(world.root().join(LEDGER_ROOT).join("turns/1")).unwrap();
    let recorded = world.turn_with(&world.ledger(), 2, |world| {
        world.write(&format!("{LEDGER_ROOT}/note-0.md"), "not yours\n");
        fs::remove_dir_all(world.root().join(&place)).unwrap();
        world.write(&format!("{LEDGER_ROOT}/turns/1/manifest.json"), "{}");
    });
    assert_eq!(recorded.unwrap().reason.as_deref(), Some("ledger-touched"));
    let files = world.files();
    assert_eq!(files["note-0.md"], b"mine\n");
    assert_eq!(files["patterns/deep/0.md"], b"mine too\n");
    assert!(!files.contains_key("turns/1/manifest.json"), "what was gone before stays so");
}

#[test]
fn what_was_there_long_ago_can_be_restored_after_git_has_collected_its_garbage() {
    let world = World::new(GitMode::Record);
    world.turn(&world.ledger(), 2).unwrap();
    world.git(&["gc", "-q", "--prune=now"]);
    let before = world.files();
    let recorded = world
        .turn_with(&world.ledger(), 3, |world| {
            fs::remove_dir_all(world.root().join(LEDGER_ROOT).join("turns")).unwrap();
            fs::remove_file(world.root().join(LEDGER_ROOT).join(".gitattributes")).unwrap();
        })
        .unwrap();
    assert_eq!(recorded.reason.as_deref(), Some("ledger-touched"));
    let files = world.files();
    for (name, bytes) in before.iter().filter(|(name, _)| *name != "turns_index.csv") {
        assert_eq!(files.get(name), Some(bytes), "{name}");
    }
}

/// What is known of the ledger is used: git is asked for the whole of it once, and then no more.
#[test]
fn git_reads_the_ledger_once_for_many_turns() {
    let world = World::empty(GitMode::Record);
    let asked = |number| {
        let fate = Fate::new(Blow::None);
        world.turn(&world.fated(&fate), number).unwrap();
        fate.effects().iter().filter(|effect| *effect == "git folder_tree").count()
    };
    assert_eq!([asked(1), asked(2), asked(3)], [1, 0, 0], "the record itself is written without a question");
}
