//! An agent that changes what was recorded before.

use std::fs;
use std::os::unix::fs::symlink;

use codex_ledger::manifest::RecordState;
use codex_ledger::{GitMode, Reader, VerifyLevel};
use rstest::rstest;

use crate::project::{Project, codes, turn_in};
use crate::scratch::LEDGER;

#[rstest]
#[case::record(GitMode::Record)]
#[case::commit(GitMode::Commit)]
fn an_agent_that_edits_an_older_record_marks_its_own(#[case] mode: GitMode) {
    let project = Project::with_three(mode);
    let path = project.record_path(1, "adr.md");
    let before = fs::read(&path).unwrap();
    let recorded = turn_in(&project.ledger(), mode, || {
        fs::write(&path, "Nothing happened.\n").unwrap();
        fs::remove_dir_all(project.record_path(2, "")).unwrap();
        fs::write(project.record_path(3, "more.txt"), "x").unwrap();
    });
    assert_eq!((recorded.state, recorded.reason.as_deref()), (RecordState::Failed, Some("ledger-touched")));
    assert_eq!(fs::read(&path).unwrap(), before, "the old content is kept");
    let found = project.verify();
    assert!(codes(&found).iter().all(|code| *code == "marked-turn"), "{:#?}", found.findings);
    assert!(found.findings.iter().any(|finding| finding.sentence.contains("turns/1/adr.md")));
    assert_eq!(found.exit_code(), 0);
}

#[test]
fn an_agent_that_edits_between_two_turns_is_found() {
    let project = Project::with_three(GitMode::Record);
    fs::write(project.record_path(2, "changelog.md"), "# Turn: 2\n").unwrap();
    project.turn(GitMode::Record, "src/more.rs", "x\n");
    let found = project.errors(&VerifyLevel::Files);
    let words: Vec<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(words, ["artifact-changed", "changelog-differs"]);
}

#[test]
fn pipes_and_links_are_never_opened() {
    let project = Project::with_three(GitMode::Record);
    let adr = project.record_path(3, "adr.md");
    fs::remove_file(&adr).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, &adr, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0)
        .unwrap();
    let index = project.scratch.root.join(LEDGER).join("turns_index.csv");
    fs::remove_file(&index).unwrap();
    symlink("/dev/zero", &index).unwrap();
    let found = project.verify();
    assert_eq!(codes(&found), ["index-unreadable", "artifact-replaced"], "{:#?}", found.findings);
    let record = Reader::at(&project.scratch.root).record("3".parse().unwrap()).unwrap().unwrap();
    assert!(record.read_file("adr.md").is_err());
    assert!(record.read_file("../2/adr.md").is_err());
}
