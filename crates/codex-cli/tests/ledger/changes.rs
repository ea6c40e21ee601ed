//! The commands that prove and change the ledger.

use std::fs;

use crate::project::{LEDGER, Project, files_below};

fn two_turns() -> Project {
    let project = Project::recorded();
    for _ in 0..2 {
        assert_eq!(project.work_turn(&[]).code, Some(0));
    }
    project
}

#[test]
fn a_ledger_is_made_once() {
    let project = Project::new();
    let ran = project.turns(&["ledger", "init"]);
    assert!(ran.stdout.contains("✓ from now on turns are recorded here"), "{ran:?}");
    let files = files_below(&project.work(LEDGER));
    assert_eq!(files, [".gitattributes", "turns_index.csv"]);
    let again = project.turns(&["ledger", "init"]);
    assert_eq!(again.code, Some(0));
    assert!(again.stdout.contains("already"), "{again:?}");
}

#[test]
fn a_changed_record_is_found() {
    let project = two_turns();
    project.write(&format!("{LEDGER}/turns/1/adr.md"), "other words\n");
    let ran = project.turns(&["ledger", "verify"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stdout.contains("✗ artifact-changed  ai/agentic-pipeline/turns/1/adr.md"), "{ran:?}");
    assert!(ran.stdout.ends_with("✗ 2 records, 1 error\n"), "{ran:?}");
    let json = project.turns(&["ledger", "verify", "--json"]);
    assert_eq!((json.code, &json.json()["exitCode"]), (Some(1), &1.into()));
    assert_eq!(json.json()["findings"][0]["code"], "artifact-changed");
}

#[test]
fn an_index_that_is_gone_is_written_again() {
    let project = two_turns();
    let before = project.rows();
    fs::remove_file(project.work(&format!("{LEDGER}/turns_index.csv"))).unwrap();
    let verified = project.turns(&["ledger", "verify"]);
    assert_eq!(verified.code, Some(1));
    assert!(verified.stdout.contains("`codex-turns ledger rebuild-index`"), "{verified:?}");
    let ran = project.turns(&["ledger", "rebuild-index"]);
    assert!(ran.stdout.contains("✓ the index was written again: 2 rows"), "{ran:?}");
    assert_eq!(project.rows(), before);
    project.assert_verified(&["--git"]);
}

#[test]
fn a_purged_file_is_gone_and_a_record_says_so() {
    let project = two_turns();
    let ran = project.turns(&["ledger", "purge", "1", "logs/llm_prompt.txt", "--reason", "a password"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("✓ logs/llm_prompt.txt of turn 1 is removed; turn 3 says so"), "{ran:?}");
    assert!(!project.has(&format!("{LEDGER}/turns/1/logs/llm_prompt.txt")));
    assert_eq!(project.manifest(3)["ledger"]["purged"][0]["reason"], "a password");
    assert!(ran.stdout.contains("refs/turns-seal/1"), "git still has the bytes: {ran:?}");
    project.assert_verified(&[]);
    assert!(ran.stdout.contains("changelog.md quotes the prompt"), "{ran:?}");
    for (turn, file) in
        [("1", "nothing.txt"), ("1", "manifest.json"), ("1", "../../../hello.txt"), ("9", "adr.md")]
    {
        let unknown = project.turns(&["ledger", "purge", turn, file, "--reason", "x"]);
        assert_eq!(unknown.code, Some(2), "{unknown:?}");
        assert!(unknown.stderr.contains("hint: "), "{unknown:?}");
    }
    assert_eq!(project.rows().len(), 3, "what is refused takes no number");
}

#[test]
fn old_logs_are_collected() {
    let project = two_turns();
    let ran = project.turns(&["ledger", "gc", "--keep", "1"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("turn 3 says so"), "{ran:?}");
    assert!(!project.has(&format!("{LEDGER}/turns/1/diff.patch")));
    assert!(project.has(&format!("{LEDGER}/turns/1/manifest.json")));
    project.assert_verified(&[]);
    assert!(project.turns(&["ledger", "gc", "--keep", "9"]).stdout.contains("✓ there is nothing to remove"));
}

#[test]
fn records_are_exported_and_read_from_there() {
    let project = two_turns();
    let ran = project.turns(&["ledger", "export", "../copy"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("✓ 2 records, nothing is wrong"), "{ran:?}");
    let copy = fs::read(project.path("copy").join(LEDGER).join("turns/2/manifest.json")).unwrap();
    assert_eq!(String::from_utf8(copy).unwrap(), project.artifact(2, "manifest.json"));
    let full = project.turns(&["ledger", "export", "../copy"]);
    assert_eq!(full.code, Some(6), "{full:?}");
}

#[test]
fn older_records_are_named() {
    let project = Project::new();
    project.write(&format!("{LEDGER}/turns/turn-7/manifest.json"), "{\"turnId\": 7}\n");
    project.commit("what somebody else has recorded");
    let ran = project.turns(&["ledger", "import"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("✓ turn 8 names 1 older turns"), "{ran:?}");
    project.assert_verified(&[]);
}

#[test]
fn a_missing_index_does_not_switch_the_records_off() {
    let project = two_turns();
    fs::remove_file(project.work(&format!("{LEDGER}/turns_index.csv"))).unwrap();
    let ran = project.work_turn(&[]);
    assert!(ran.stderr.contains("turn 3 recorded"), "{ran:?}");
    assert_eq!(project.rows().len(), 3);
    project.assert_verified(&["--git"]);
}

#[test]
fn an_index_of_another_kind_is_replaced_by_one_with_every_row() {
    let project = two_turns();
    project.write(&format!("{LEDGER}/turns_index.csv"), "foo,bar\n1,2\n");
    let ran = project.turns(&["ledger", "import"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(project.rows().len() >= 2, "{:?}", project.rows());
    assert_ne!(project.turns(&["ledger", "verify"]).code, Some(1), "no row is missing");
}
