//! What people do with git every day is no false alarm.

use std::fs;
use std::path::Path;

use codex_ledger::prove::FindingCode as Code;
use codex_ledger::{GitMode, TurnId, Verification, VerifyLevel};
use rstest::rstest;

use crate::project::{Project, clone, codes, ledger_at, turn_in, verify_at};
use crate::scratch::{Scratch, run};

#[rstest]
#[case::record(GitMode::Record)]
#[case::commit(GitMode::Commit)]
#[case::branch(GitMode::Branch)]
fn what_was_just_recorded_is_clean(#[case] mode: GitMode) {
    let project = Project::with_three(mode);
    let found = project.verify();
    assert_eq!(codes(&found), [""; 0], "{:#?}", found.findings);
    assert_eq!((found.records, found.exit_code()), (3, 0));
}

#[rstest]
#[case::record(GitMode::Record)]
#[case::commit(GitMode::Commit)]
fn garbage_collection_takes_nothing(#[case] mode: GitMode) {
    let project = Project::with_three(mode);
    project.scratch.git(&["reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all"]);
    project.scratch.git(&["gc", "-q", "--prune=now"]);
    assert_clean(&project.verify(), &[]);
}

#[test]
fn a_rebase_is_recognised() {
    let project = Project::with_three(GitMode::Commit);
    let scratch = &project.scratch;
    scratch.git(&["switch", "-q", "-c", "work"]);
    scratch.git(&["switch", "-q", "main"]);
    scratch.git(&["reset", "-q", "--hard", "HEAD~6"]);
    scratch.write("other.txt", "other\n");
    scratch.commit_all("other");
    scratch.git(&["switch", "-q", "work"]);
    scratch.git(&["rebase", "-q", "main"]);
    let rebased = [(Code::Rebased, 1), (Code::Rebased, 2), (Code::Rebased, 3)];
    assert_clean(&project.verify(), &rebased);
}

#[test]
fn a_cherry_pick_onto_another_branch_is_recognised() {
    let project = Project::with_three(GitMode::Commit);
    let scratch = &project.scratch;
    scratch.git(&["switch", "-q", "-c", "release", "HEAD~6"]);
    scratch.write("other.txt", "other\n");
    scratch.commit_all("other");
    scratch.git(&["cherry-pick", "--allow-empty", "main~6..main"]);
    let picked = [(Code::Rebased, 1), (Code::Rebased, 2), (Code::Rebased, 3)];
    assert_clean(&project.verify(), &picked);
}

#[test]
fn a_squash_is_recognised() {
    let project = Project::with_three(GitMode::Commit);
    let scratch = &project.scratch;
    scratch.git(&["reset", "-q", "--soft", "HEAD~6"]);
    scratch.git(&["commit", "-q", "-m", "all of it"]);
    let squashed = [(Code::Squashed, 1), (Code::Squashed, 2), (Code::Squashed, 3)];
    assert_clean(&project.verify(), &squashed);
}

#[test]
fn one_turn_squashed_with_its_record_is_recognised() {
    let project = Project::with_three(GitMode::Commit);
    let scratch = &project.scratch;
    scratch.git(&["reset", "-q", "--soft", "HEAD~2"]);
    scratch.git(&["commit", "-q", "-m", "the third"]);
    assert_clean(&project.verify(), &[(Code::Rebased, 3)]);
}

#[test]
fn an_amended_record_and_an_amended_work_are_recognised() {
    let project = Project::with_three(GitMode::Commit);
    let scratch = &project.scratch;
    scratch.git(&["commit", "-q", "--amend", "-m", "another message"]);
    assert_clean(&project.verify(), &[]);
    scratch.git(&["reset", "-q", "--soft", "HEAD~2"]);
    scratch.write("src/file3.rs", "fn by_hand() {}\n");
    scratch.git(&["add", "src/file3.rs"]);
    scratch.git(&["commit", "-q", "-m", "amended"]);
    assert_clean(&project.verify(), &[(Code::Rewritten, 3)]);
}

#[test]
fn an_amend_below_records_that_nobody_committed_is_no_alarm() {
    let project = Project::with_three(GitMode::Record);
    let scratch = &project.scratch;
    scratch.git(&["commit", "-q", "--amend", "-m", "another message"]);
    scratch.git(&["reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all"]);
    scratch.git(&["gc", "-q", "--prune=now"]);
    assert_clean(&project.verify(), &[]);
}

#[rstest]
#[case::record(GitMode::Record)]
#[case::commit(GitMode::Commit)]
fn line_endings_of_windows_change_no_record(#[case] mode: GitMode) {
    let project = Project::with_three(mode);
    if mode == GitMode::Record {
        project.scratch.commit_all("records");
    }
    let options = ["-c", "core.autocrlf=true"];
    let there = clone(&project, "windows", &options);
    let text = fs::read(there.join("README.md")).unwrap();
    assert!(text.ends_with(b"\r\n"), "the clone has the endings of Windows");
    assert_clean_but_elsewhere(&verify_at(&there, &VerifyLevel::Git));

    project.scratch.git(&["config", "core.autocrlf", "true"]);
    project.turn(GitMode::Record, "src/unix.rs", "one\ntwo\n");
    assert_clean(&project.verify(), &[]);
}

#[rstest]
#[case::record(GitMode::Record, &["seal-elsewhere"])]
#[case::commit(GitMode::Commit, &[])]
#[case::branch(GitMode::Branch, &[])]
fn a_fresh_clone_is_clean(#[case] mode: GitMode, #[case] notes: &[&str]) {
    let project = Project::with_three(mode);
    if mode == GitMode::Record {
        project.scratch.commit_all("records");
    }
    let there = clone(&project, "clone", &[]);
    let found = verify_at(&there, &VerifyLevel::Git);
    assert_eq!(codes(&found), notes, "{:#?}", found.findings);
    assert_eq!((found.records, found.exit_code()), (3, 0));
}

#[test]
fn a_fresh_clone_without_tags_is_clean() {
    let project = Project::with_three(GitMode::Commit);
    let there = clone(&project, "clone", &["--no-tags"]);
    let found = verify_at(&there, &VerifyLevel::Git);
    assert_eq!(codes(&found), ["seal-elsewhere"], "{:#?}", found.findings);
}

#[rstest]
#[case::record(GitMode::Record)]
#[case::commit(GitMode::Commit)]
fn a_shallow_clone_is_clean(#[case] mode: GitMode, #[values("1", "3")] depth: &str) {
    let project = Project::with_three(mode);
    if mode == GitMode::Record {
        project.scratch.commit_all("records");
    }
    let there = clone(&project, "shallow", &["--depth", depth]);
    let found = verify_at(&there, &VerifyLevel::Git);
    assert_clean_but_elsewhere(&found);
    assert_eq!(found.records, 3);
}

#[rstest]
#[case::record(GitMode::Record)]
#[case::commit(GitMode::Commit)]
fn records_of_linked_worktrees_are_elsewhere(#[case] mode: GitMode) {
    let project = Project::with_three(mode);
    let there = project.scratch.beside("linked");
    project.scratch.git(&["worktree", "add", "-q", "-b", "linked", there.to_str().unwrap(), "HEAD~0"]);
    let ledger = ledger_at(&there, codex_ledger::LedgerOptions::default());
    ledger.init().unwrap();
    let recorded = turn_in(&ledger, mode, || fs::write(there.join("linked.txt"), "x\n").unwrap());
    assert_eq!(recorded.turn_id, TurnId::new(4).unwrap());
    let here = project.verify();
    assert_eq!(codes(&here), ["elsewhere"], "{:#?}", here.findings);
    let there = verify_at(&there, &VerifyLevel::Git);
    let expected: &[&str] = if mode == GitMode::Record { &["elsewhere"] } else { &[] };
    assert_eq!(codes(&there), expected, "{:#?}", there.findings);
    assert_eq!(there.exit_code(), 0);
}

#[test]
fn records_of_two_branches_are_both_parents_after_a_merge() {
    let project = Project::with_three(GitMode::Commit);
    let scratch = &project.scratch;
    scratch.git(&["switch", "-q", "-c", "side"]);
    project.turn(GitMode::Commit, "side.txt", "side\n");
    scratch.git(&["switch", "-q", "main"]);
    assert_eq!(codes(&project.verify()), ["elsewhere"]);
    project.turn(GitMode::Commit, "main.txt", "main\n");
    scratch.git(&["merge", "-q", "-m", "merge", "side"]);
    assert_clean(&project.verify(), &[]);
    project.turn(GitMode::Commit, "after.txt", "after\n");
    let reader = codex_ledger::Reader::at(&scratch.root);
    let last = reader.head().unwrap().unwrap();
    let parents = last.manifest().ledger.as_ref().unwrap().parents.iter();
    assert_eq!(parents.map(|parent| parent.turn_id.get()).collect::<Vec<_>>(), [4, 5]);
    assert_eq!(reader.heads().unwrap().len(), 1);
    assert_clean(&project.verify(), &[]);
}

#[test]
fn an_older_commit_that_is_checked_out_has_fewer_records() {
    let project = Project::with_three(GitMode::Commit);
    project.scratch.git(&["checkout", "-q", "HEAD~2"]);
    let found = project.verify();
    assert_eq!(codes(&found), ["elsewhere"], "{:#?}", found.findings);
    assert_eq!(found.records, 2);
}

#[test]
fn records_that_nobody_committed_stay_with_the_worktree_over_branches() {
    let project = Project::with_three(GitMode::Record);
    let scratch = &project.scratch;
    scratch.git(&["switch", "-q", "-c", "side"]);
    assert_clean(&project.verify(), &[]);
    scratch.git(&["add", "ai"]);
    scratch.git(&["commit", "-q", "-m", "records"]);
    scratch.git(&["stash", "-q", "-u"]);
    scratch.git(&["switch", "-q", "--detach", "main"]);
    let found = project.verify();
    assert_eq!(codes(&found), ["elsewhere"], "{:#?}", found.findings);
}

fn assert_clean(found: &Verification, notes: &[(Code, u64)]) {
    let of = |finding: &codex_ledger::Finding| (finding.code, finding.turn_id.map_or(0, TurnId::get));
    let all: Vec<_> = found.findings.iter().map(of).collect();
    assert_eq!(all, notes, "{:#?}", found.findings);
    assert_eq!(found.exit_code(), 0);
}

/// Only what other clones have is missed.
fn assert_clean_but_elsewhere(found: &Verification) {
    let is_fine = |finding: &codex_ledger::Finding| {
        matches!(finding.code, Code::SealElsewhere | Code::TreesElsewhere | Code::HistoryCut)
    };
    assert!(found.findings.iter().all(is_fine), "{:#?}", found.findings);
}

#[test]
fn a_bare_copy_of_git_is_not_needed_to_read() {
    let project = Project::with_three(GitMode::Commit);
    let there = project.scratch.beside("without-git");
    run(&project.scratch.root, &["worktree", "list"], &[]);
    codex_ledger::upkeep::export(&codex_ledger::Reader::at(&project.scratch.root), &there).unwrap();
    assert!(Scratch::builder().discover(Path::new(&there)).is_err());
    assert_eq!(codex_ledger::Reader::at(&there).records().unwrap().count(), 3);
}
