//! Turns that run, and turns that ended without being recorded.

use codex_ledger::{GitMode, TaskHeader, TurnBegin, TurnHeader};

use crate::project::{Project, codes};

fn open(project: &Project) -> (codex_ledger::FileLedger, Box<dyn codex_ledger::TurnLog>) {
    let ledger = project.ledger();
    let header = TurnHeader::new(TaskHeader::named("a task"), "codex@1.0.0", "tests@1.0.0");
    let mut log = ledger.open_turn(header).unwrap();
    log.begin_turn(TurnBegin::new("Do it.\n"));
    (ledger, log)
}

#[test]
fn a_running_turn_is_a_note_and_a_lost_one_is_unfinished_until_it_is_recovered() {
    let project = Project::with_three(GitMode::Record);
    let (ledger, log) = open(&project);
    let found = project.verify();
    assert_eq!(codes(&found), ["running-turn"], "{:#?}", found.findings);
    assert_eq!(found.findings[0].sentence, "turn 4 is running");
    assert_eq!(found.exit_code(), 0);
    drop(log);
    let found = project.verify();
    assert_eq!(codes(&found), ["unfinished-turn"], "{:#?}", found.findings);
    assert_eq!(found.exit_code(), 7);
    assert_eq!(serde_json::to_value(&found).unwrap()["findings"][0]["severity"], "unfinished");
    ledger.recover().unwrap();
    let found = project.verify();
    assert_eq!(codes(&found), [""; 0], "{:#?}", found.findings);
    assert_eq!(found.records, 4);
}

#[test]
fn an_error_is_graver_than_an_unfinished_turn() {
    let project = Project::with_three(GitMode::Record);
    drop(open(&project));
    std::fs::remove_file(project.record_path(1, "adr.md")).unwrap();
    assert_eq!(codes(&project.verify()), ["artifact-missing", "unfinished-turn"]);
    assert_eq!(project.verify().exit_code(), 1);
}
