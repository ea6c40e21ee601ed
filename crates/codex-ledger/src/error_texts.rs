//! What the errors of this crate say: all of them, in one snapshot.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use codex_fixtures::{ErrorTexts, error_texts};

use crate::report_error::ReportError;
use crate::turns_index::IndexFinding;
use crate::{
    ClaimError, GitMode, InvalidRepoPath, LedgerError, Manifest, ManifestError, Oid, RepoPath, TurnId,
    VcsError, parse_coverage, parse_junit,
};

fn denied() -> io::Error {
    io::Error::other("permission denied")
}

fn timed_out() -> VcsError {
    VcsError::TimedOut { step: "list refs", limit: Duration::from_secs(10) }
}

fn manifest_error(text: &str) -> ManifestError {
    Manifest::read(text.as_bytes()).expect_err("it is no manifest")
}

#[test]
fn every_error_of_the_ledger_is_a_sentence() {
    let mut texts = ErrorTexts::new();
    let at = |path: &str| PathBuf::from("/my/project").join(path);
    error_texts!(
        texts,
        LedgerError {
            Git: LedgerError::Git { step: "open the ledger", source: timed_out() },
            Disk: LedgerError::Disk { step: "write a file", path: at("turns/1"), source: denied() },
            Claim: LedgerError::Claim(ClaimError::Exhausted),
            Manifest: LedgerError::Manifest { path: at("manifest.json"), source: manifest_error("{") },
            Integrity: LedgerError::Integrity { path: at("turns/1"), finding: "it is no folder".to_owned() },
            ReadOnly: LedgerError::ReadOnly { root: at("ai"), format: "turns-ledger/2".to_owned() },
            Gone: LedgerError::Gone { root: at("") },
            Replaced: LedgerError::Replaced { path: at("ai"), by: "a symbolic link" },
            NotInitialised: LedgerError::NotInitialised { root: at("") },
            Busy: LedgerError::Busy { lock: at(".git/turns/lock"), age: Some(Duration::from_secs(9)) },
            Refused: LedgerError::Refused {
                step: "commit what the turn will change",
                reason: "the worktree has other changes".to_owned(),
            },
        }
    );
    let remote = || ("origin".to_owned(), "refs/turns/7".to_owned());
    error_texts!(
        texts,
        ClaimError {
            Git: ClaimError::Git { step: "list the refs", source: timed_out() },
            Disk: ClaimError::Disk { path: at(".git/turns/head"), source: denied() },
            GaveUp: ClaimError::GaveUp {
                ref_name: remote().1,
                waited: Duration::from_mins(1),
                reason: "File exists".to_owned(),
                lock_age: Some(Duration::from_secs(90)),
            },
            Denied: ClaimError::Denied {
                remote: remote().0,
                ref_name: remote().1,
                reason: "deny updating a hidden ref".to_owned(),
            },
            Unreachable: ClaimError::Unreachable {
                remote: remote().0,
                ref_name: remote().1,
                reason: "connection refused".to_owned(),
            },
            Exhausted: ClaimError::Exhausted,
        }
    );
    error_texts!(
        texts,
        VcsError {
            Start: VcsError::Start { step: "list refs", source: denied() },
            Failed: VcsError::Failed {
                step: "list refs",
                code: Some(128),
                stderr: "fatal: bad object".to_owned()
            },
            TimedOut: timed_out(),
            Aborted: VcsError::Aborted { step: "read the worktree" },
            Unreadable: VcsError::Unreadable { step: "list refs", reason: "a line has no name".to_owned() },
            Io: VcsError::Io { step: "take a snapshot", path: at(".git/turns/index"), source: denied() },
            NoWorktree: VcsError::NoWorktree { path: at(""), reason: "no such folder".to_owned() },
            Obstructed: VcsError::Obstructed {
                step: "read the worktree",
                path: at("a/.gitignore"),
                reason: "it is a pipe, which git waits for".to_owned(),
            },
        }
    );
    error_texts!(
        texts,
        ManifestError {
            Json: manifest_error("{}"),
            NewerMajor: manifest_error(r#"{"ledger":{"format":"turns-ledger/2"}}"#),
        }
    );
    texts.add("InvalidTurnId", &"07".parse::<TurnId>().expect_err("it has a zero"));
    texts.add("InvalidOid", &"HEAD".parse::<Oid>().expect_err("it is a name"));
    texts.add("UnknownGitMode", &"push".parse::<GitMode>().expect_err("it is no mode"));
    insta::assert_snapshot!(texts);
}

#[test]
fn every_error_of_a_file_that_is_read_is_a_sentence() {
    let mut texts = ErrorTexts::new();
    let junit = |text: &str| parse_junit(text.as_bytes()).expect_err("it is no report");
    let coverage = |text: &str| parse_coverage(text.as_bytes(), None).expect_err("it is no report");
    error_texts!(
        texts,
        ReportError {
            Empty: junit(""),
            Xml: junit("<testsuite></testcase>"),
            Truncated: junit("<testsuite><testcase>"),
            TooDeep: ReportError::TooDeep { line: 7, limit: 64 },
            Json: coverage("{\"data\":"),
            Format: junit("<html/>"),
            Number: ReportError::Number { name: "tests".to_owned(), value: "many".to_owned() },
            NoCases: ReportError::NoCases { tests: 3 },
            NoLines: ReportError::NoLines,
        }
    );
    let path = |text: &str| text.parse::<RepoPath>().expect_err("it is no path");
    error_texts!(
        texts,
        InvalidRepoPath {
            Empty: path(""),
            Absolute: path("/etc"),
            Part: path("../secret"),
            Nul: path("a\0b"),
            Quoting: path("\"a"),
        }
    );
    let turn_id = || TurnId::new(7).expect("it is a number");
    error_texts!(
        texts,
        IndexFinding {
            UnknownHeader: IndexFinding::UnknownHeader { header: "id,name".to_owned() },
            NoHeader: IndexFinding::NoHeader,
            ByteOrderMark: IndexFinding::ByteOrderMark,
            CarriageReturns: IndexFinding::CarriageReturns { lines: 3 },
            SecondHeader: IndexFinding::SecondHeader { line: 5 },
            ConflictMark: IndexFinding::ConflictMark { line: 5 },
            Ragged: IndexFinding::Ragged { line: 5, cells: 4 },
            Quotes: IndexFinding::Quotes { line: 5 },
            Column: IndexFinding::Column { line: 5, column: "turnId" },
            NotUtf8: IndexFinding::NotUtf8 { line: 5 },
            Repeated: IndexFinding::Repeated { line: 5, turn_id: turn_id() },
            Contradiction: IndexFinding::Contradiction { line: 5, turn_id: turn_id() },
            TornLine: IndexFinding::TornLine { line: 5, is_whole: false },
        }
    );
    insta::assert_snapshot!(texts);
}
