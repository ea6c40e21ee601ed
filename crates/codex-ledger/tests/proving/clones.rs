//! Clones of all kinds, stashes and pruned tags, seen more closely than in the table.

use std::fs;

use codex_ledger::{GitMode, LedgerOptions, Reader, VerifyLevel};
use rstest::rstest;

use crate::harmless::prune_tags;
use crate::project::{Project, clone, codes, ledger_at, turn_in, verify_at};
use crate::scratch::{Scratch, run};
use crate::site::{Site, turn};

const RECORD: GitMode = GitMode::Record;
const COMMIT: GitMode = GitMode::Commit;

#[rstest]
#[case::with_claims(&["+refs/turns/*:refs/turns/*"], "seal-elsewhere")]
#[case::with_seals(&["+refs/turns/*:refs/turns/*", "+refs/turns-seal/*:refs/turns-seal/*"], "")]
fn a_clone_with_the_refs_of_the_ledger_is_clean(#[case] refs: &[&str], #[case] note: &str) {
    let site = Site::new(RECORD);
    let there = clone(&site.project, "checking", &[]);
    run(&there, &[&["fetch", "-q", "origin"], refs].concat(), &[]);
    let found = verify_at(&there, &VerifyLevel::Git);
    let notes = codes(&found).join(" ");
    assert_eq!((notes.as_str(), found.exit_code()), (note, 0), "{:#?}", found.findings);
    // The clone makes records of its own, and still misses only what others made.
    let ledger = ledger_at(&there, LedgerOptions::default());
    turn_in(&ledger, RECORD, || fs::write(there.join("own.txt"), "x\n").unwrap());
    let found = verify_at(&there, &VerifyLevel::Git);
    assert_eq!(found.exit_code(), 0, "{:#?}", found.findings);
    assert_eq!(codes(&found).join(" "), note);
}

#[rstest]
#[case::partial(&["--filter=blob:none"])]
#[case::of_one_branch(&["--single-branch"])]
#[case::bare_of_files(&["--no-checkout"])]
#[case::with_other_line_ends(&["-c", "core.autocrlf=true"])]
fn clones_of_all_kinds_are_clean(#[case] options: &[&str], #[values(RECORD, COMMIT)] mode: GitMode) {
    let site = Site::new(mode);
    site.git(&["config", "uploadpack.allowFilter", "true"]);
    let there = clone(&site.project, "clone", options);
    if options.contains(&"--no-checkout") {
        run(&there, &["checkout", "-q", "main"], &[]);
    }
    for level in [VerifyLevel::Files, VerifyLevel::Git] {
        let found = verify_at(&there, &level);
        assert_eq!((found.records, found.exit_code()), (3, 0), "{:#?}", found.findings);
    }
}

#[test]
fn a_record_of_a_stash_answers_for_the_parent_that_a_later_one_names() {
    let site = Site::new(RECORD);
    turn(&site, 4);
    site.git(&["stash", "-q", "-u"]);
    site.git(&["stash", "apply", "-q"]);
    turn(&site, 5);
    fs::remove_dir_all(site.record(4)).unwrap();
    site.drop_rows(&[4]);
    let found = verify_at(site.root(), &VerifyLevel::Files);
    assert_eq!(codes(&found), ["elsewhere"], "{:#?}", found.findings);
    assert!(found.findings[0].sentence.contains("in the stash"), "{:#?}", found.findings);
}

#[test]
fn a_note_of_a_pruned_tag_has_the_command_that_brings_it_back() {
    let site = Site::new(COMMIT);
    prune_tags(&site);
    let found = verify_at(site.root(), &VerifyLevel::Git);
    for finding in &found.findings {
        let command = finding.sentence.split('`').nth(1).unwrap();
        run(site.root(), &command.split(' ').skip(1).collect::<Vec<_>>(), &[]);
    }
    let found = verify_at(site.root(), &VerifyLevel::Git);
    assert_eq!(codes(&found), [""; 0], "{:#?}", found.findings);
}

#[test]
fn what_a_repository_has_is_read_without_its_own_configuration() {
    let project = Project::with_three(COMMIT);
    for (key, value) in [
        ("log.showSignature", "true"),
        ("log.decorate", "full"),
        ("log.follow", "true"),
        ("diff.renames", "copies"),
        ("diff.noprefix", "true"),
        ("core.quotePath", "false"),
        ("core.abbrev", "7"),
        ("log.date", "relative"),
        ("color.ui", "always"),
    ] {
        project.scratch.git(&["config", key, value]);
    }
    assert_eq!(codes(&project.verify()), [""; 0]);
    assert!(Reader::at(&project.scratch.root).head().unwrap().is_some());
    assert!(Scratch::builder().discover(&project.scratch.root).is_ok());
}
