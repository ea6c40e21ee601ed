//! Reports that count, and reports that do not.

use rstest::rstest;

use super::CheckEntries;
use crate::manifest::CheckStatus;
use crate::record::record_end::{CheckResult, RecordEnd, ReportFile};
use crate::values::Places;

const ONE_OF_TWO: &str =
    r#"<testsuite><testcase name="a"/><testcase name="b"><failure/></testcase></testsuite>"#;

fn read(report: CheckResult) -> CheckEntries {
    let end = RecordEnd::new().tests(report);
    let started = "2025-09-05T17:42:10.900Z".parse().unwrap();
    CheckEntries::read(&end, started, &Places::below("/nowhere"), &mut Vec::new())
}

fn file(bytes: &str, modified: &str) -> ReportFile {
    ReportFile::new("t.xml", bytes, modified.parse().unwrap())
}

#[rstest]
#[case::older("2025-09-05T17:42:09.999Z", None)]
#[case::the_same_second("2025-09-05T17:42:10Z", Some(1))]
#[case::later("2025-09-05T17:43:00Z", Some(1))]
fn a_report_counts_if_it_is_not_older_than_the_record(#[case] modified: &str, #[case] passed: Option<u64>) {
    let checks = read(CheckResult::new(CheckStatus::Failed).file(file(ONE_OF_TWO, modified)));
    assert_eq!((checks.tests_passed, checks.tests_failed), (passed, passed));
    assert_eq!(checks.tests, CheckStatus::Failed);
}

#[test]
fn a_command_that_passes_over_failures_has_not_passed() {
    let checks = read(CheckResult::new(CheckStatus::Passed).file(file(ONE_OF_TWO, "2025-09-05T17:43:00Z")));
    assert_eq!(checks.tests, CheckStatus::Failed);
}

#[test]
fn what_did_not_run_has_no_numbers() {
    let checks = CheckEntries::read(
        &RecordEnd::new(),
        "2025-09-05T17:42:10Z".parse().unwrap(),
        &Places::below("/nowhere"),
        &mut Vec::new(),
    );
    assert_eq!((checks.tests, checks.tests_passed, checks.coverage_delta), (CheckStatus::NotRun, None, None));
}
