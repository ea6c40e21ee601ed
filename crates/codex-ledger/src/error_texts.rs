//! What the errors of this crate say: all of them, in one snapshot.

use codex_fixtures::{ErrorTexts, error_texts};

use crate::claims::ClaimError;
use crate::git::VcsError;
use crate::manifest::{Manifest, ManifestError};
use crate::read::IndexFinding;
use crate::record::GitMode;
use crate::reports::{ReportError, parse_coverage, parse_junit};
use crate::values::{InvalidRepoPath, Oid, RepoPath, TurnId};
use crate::{LedgerError, samples};

/// The first sample of this variant.
fn pick<E>(samples: Vec<(&'static str, E)>, variant: &str) -> E {
    let is_of = |name: &str| name.rsplit("::").next() == Some(variant);
    let found = samples.into_iter().find(|(name, _)| is_of(name));
    found.unwrap_or_else(|| panic!("{variant} has no sample")).1
}

fn manifest_error(text: &str) -> ManifestError {
    Manifest::read(text.as_bytes()).expect_err("it is no manifest")
}

#[test]
fn every_error_of_the_ledger_is_a_sentence() {
    let mut texts = ErrorTexts::new();
    let ledger = |variant| pick(samples::ledger_errors(), variant);
    let claim = |variant| pick(samples::claim_errors(), variant);
    let vcs = |variant| pick(samples::vcs_errors(), variant);
    error_texts!(
        texts,
        LedgerError {
            Git: ledger("Git"),
            Disk: ledger("Disk"),
            Claim: ledger("Claim"),
            Manifest: ledger("Manifest"),
            Integrity: ledger("Integrity"),
            ReadOnly: ledger("ReadOnly"),
            Gone: ledger("Gone"),
            Replaced: ledger("Replaced"),
            NotInitialised: ledger("NotInitialised"),
            Busy: ledger("Busy"),
            Refused: ledger("Refused"),
        }
    );
    error_texts!(
        texts,
        ClaimError {
            Git: claim("Git"),
            Disk: claim("Disk"),
            GaveUp: claim("GaveUp"),
            Denied: claim("Denied"),
            Unreachable: claim("Unreachable"),
            Exhausted: claim("Exhausted"),
        }
    );
    error_texts!(
        texts,
        VcsError {
            Start: vcs("Start"),
            TooOld: vcs("TooOld"),
            Failed: vcs("Failed"),
            TimedOut: vcs("TimedOut"),
            Aborted: vcs("Aborted"),
            Unreadable: vcs("Unreadable"),
            Io: vcs("Io"),
            NoWorktree: vcs("NoWorktree"),
            Obstructed: vcs("Obstructed"),
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
