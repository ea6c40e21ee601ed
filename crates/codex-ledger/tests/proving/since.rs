//! What came since a revision is verified, and what was there before is held against it.

use std::fs;

use codex_ledger::prove::{FindingCode as Code, verify_since};
use codex_ledger::{GitMode, Reader, Verification, VerifyLevel};
use rstest::rstest;

use crate::project::{codes, errors};
use crate::scratch::Scratch;
use crate::site::{Site, delete};

const RECORD: GitMode = GitMode::Record;
const COMMIT: GitMode = GitMode::Commit;

/// A branch with one record more than its base, which went on without it.
fn request(mode: GitMode) -> Site {
    let site = Site::new(mode);
    site.git(&["branch", "base"]);
    site.project.turn(mode, "src/request.rs", "fn request() {}\n");
    if mode == RECORD {
        site.commit();
    }
    site.git(&["switch", "-q", "base"]);
    site.project.scratch.write("base.txt", "x\n");
    site.project.scratch.commit_all("the base goes on");
    site.git(&["switch", "-q", "main"]);
    site
}

fn since(site: &Site, revision: &str) -> Verification {
    let git = Scratch::cli_at(site.root());
    verify_since(&Reader::at(site.root()), &git, &VerifyLevel::Git, Some(revision)).unwrap()
}

#[rstest]
#[case::branch("base")]
#[case::commit("base~1")]
fn only_what_came_since_is_looked_at(#[case] revision: &str, #[values(RECORD, COMMIT)] mode: GitMode) {
    let site = request(mode);
    let found = since(&site, revision);
    assert_eq!((found.records, codes(&found)), (1, vec![]), "{:#?}", found.findings);
    let git = Scratch::cli_at(site.root());
    let all = verify_since(&Reader::at(site.root()), &git, &VerifyLevel::Git, None).unwrap();
    assert_eq!(all.records, 4);
}

#[rstest]
#[case::of_the_request(4, Code::ArtifactChanged)]
#[case::of_the_base(2, Code::RecordChanged)]
fn a_log_that_the_request_changes_is_found(#[case] number: u64, #[case] code: Code) {
    let site = request(RECORD);
    fs::write(site.file(number, "logs/task.log"), "x\n").unwrap();
    site.commit();
    assert!(errors(&since(&site, "base")).contains(&(code, Some(number))));
}

#[test]
fn a_chain_that_the_request_writes_anew_is_found() {
    let site = request(RECORD);
    site.rechain(2);
    let found = errors(&since(&site, "base"));
    assert!(found.contains(&(Code::RecordChanged, Some(2))), "{found:?}");
    site.forget_refs();
    site.commit();
    let found = errors(&since(&site, "base"));
    assert!(found.contains(&(Code::RecordChanged, Some(2))), "{found:?}");
}

#[rstest]
#[case::at_the_end(3)]
#[case::at_the_beginning(1)]
fn a_record_of_the_base_that_the_request_removes_is_found(#[case] number: u64) {
    let site = request(RECORD);
    site.forget_refs();
    delete(&site, number);
    site.drop_rows(&[number]);
    site.commit();
    let found = errors(&since(&site, "base"));
    let is_found = |(code, turn): &(Code, Option<u64>)| {
        matches!(code, Code::RecordRemoved | Code::ParentMissing) && *turn == Some(number)
    };
    assert!(found.iter().any(is_found), "{found:?}");
}

#[test]
fn what_the_base_had_wrong_already_is_no_fault_of_the_request() {
    let site = Site::new(RECORD);
    fs::write(site.file(1, "logs/task.log"), "x\n").unwrap();
    site.commit();
    site.git(&["branch", "base"]);
    site.project.turn(RECORD, "src/request.rs", "fn request() {}\n");
    let found = since(&site, "base");
    assert_eq!((found.records, errors(&found)), (1, vec![]), "{:#?}", found.findings);
}

#[rstest]
#[case::no_such("nowhere", "nowhere names no commit of this repository; fetch it first")]
#[case::an_option("--all", "--all names no commit of this repository; fetch it first")]
#[case::of_another_history("orphan", "HEAD and orphan have no commit in common in this clone")]
fn a_revision_that_does_not_serve_is_refused(#[case] revision: &str, #[case] reason: &str) {
    let site = Site::new(RECORD);
    let tree = site.git(&["rev-parse", "HEAD^{tree}"]);
    let commit = site.git(&["commit-tree", "-m", "orphan", &tree]);
    site.git(&["branch", "orphan", &commit]);
    let git = Scratch::cli_at(site.root());
    let refused = verify_since(&Reader::at(site.root()), &git, &VerifyLevel::Git, Some(revision));
    assert_eq!(refused.unwrap_err().to_string(), format!("cannot verify what came since: {reason}"));
}
