//! [`TestsReport`]: one report of all tests, made of those that the tools have written.

use crate::reports::junit::{self, TestCounts};
use crate::reports::report_error::ReportError;
use crate::reports::report_xml::Document;

/// Holds `reports/tests.xml`: a report in UTF-8, and what it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestsReport {
    /// The report, with a line feed at its end.
    pub bytes: Vec<u8>,
    /// What it counts.
    pub counts: TestCounts,
}

/// Puts the suites of one or many `JUnit` reports below one root.
///
/// What declarations of entities a report has is left out, and nothing is expanded.
///
/// # Errors
///
/// One of the reports is none: see [`ReportError`]; the position of it comes with the error. No reports at all
/// are [`ReportError::Empty`].
///
/// ```
/// let reports: [&[u8]; 2] = [
///     br#"<testsuite name="a"><testcase name="x"/></testsuite>"#,
///     br#"<testsuites><testsuite name="b"><testcase name="y"/></testsuite></testsuites>"#,
/// ];
/// let report = codex_ledger::reports::tests_report(&reports).unwrap();
/// assert_eq!(report.counts.passed, 2);
/// assert_eq!(codex_ledger::reports::parse_junit(&report.bytes).unwrap(), report.counts);
/// ```
pub fn tests_report(reports: &[&[u8]]) -> Result<TestsReport, (usize, ReportError)> {
    if reports.is_empty() {
        return Err((0, ReportError::Empty));
    }
    let mut counts = TestCounts::default();
    let mut suites = String::new();
    for (position, bytes) in reports.iter().enumerate() {
        let document = Document::new(bytes);
        let (found, root) = junit::read(&document).map_err(|error| (position, error))?;
        counts += found;
        let range = if root.name == "testsuites" { root.inner } else { root.outer };
        let text = document.text()[range].trim();
        if !text.is_empty() {
            suites.push_str(text);
            suites.push('\n');
        }
    }
    let TestCounts { passed, failed, skipped, errors } = counts;
    let tests = passed + failed + skipped + errors;
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites tests=\"{tests}\" failures=\"{failed}\" errors=\"{errors}\" skipped=\"{skipped}\">\n\
         {suites}</testsuites>\n",
    );
    Ok(TestsReport { bytes: text.into_bytes(), counts })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_is_one_document_in_utf_8() {
        let utf16: Vec<u8> = "<testsuite><testcase name=\"\u{e9}\"/></testsuite>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let other = b"<?xml version='1.0'?>\n<testsuites>\n<testsuite/><testsuite/>\n</testsuites>";
        let report = tests_report(&[&utf16, other]).unwrap();
        assert_eq!(
            String::from_utf8(report.bytes).unwrap(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <testsuites tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">\n\
             <testsuite><testcase name=\"\u{e9}\"/></testsuite>\n\
             <testsuite/><testsuite/>\n\
             </testsuites>\n",
        );
    }

    #[test]
    fn the_report_that_is_none_is_named() {
        let (position, error) = tests_report(&[b"<testsuite/>", b"<html/>"]).unwrap_err();
        assert_eq!(position, 1);
        assert!(matches!(error, ReportError::Format { .. }));
    }
}
