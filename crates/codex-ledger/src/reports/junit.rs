//! [`TestCounts`]: how many tests passed, from reports in `JUnit`'s XML.

use std::ops::{Add, AddAssign};

use crate::reports::report_error::ReportError;
use crate::reports::report_xml::{Document, Element, XmlNode};

/// Counts the tests of a report by how they ended; each test is counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestCounts {
    /// Tests that passed, those that failed at first and passed when they were run again among them.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
    /// Tests that did not run.
    pub skipped: u64,
    /// Tests, and whole suites, that broke instead of failing.
    pub errors: u64,
}

impl TestCounts {
    /// All that did not pass although they ran: failures and errors.
    pub fn not_passed(&self) -> u64 {
        self.failed + self.errors
    }
}

impl Add for TestCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
            errors: self.errors + other.errors,
        }
    }
}

impl AddAssign for TestCounts {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// Sums up the counts of several reports.
impl std::iter::Sum for TestCounts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}

/// Counts the test cases of a report in `JUnit`'s XML, whichever tool wrote it and however its suites are nested.
///
/// The cases are counted, not the totals that suites state, which tools reckon differently. A case is what the
/// worst of its children says; `flakyFailure` and `flakyError` belong to a case that passed in the end,
/// `rerunFailure` and `rerunError` to one that has failed already.
///
/// # Errors
///
/// The report is cut off, or no report: see [`ReportError`]. One with totals and without cases says too little
/// to be believed.
///
/// ```
/// let report = br#"<testsuite tests="9"><testcase name="a"/><testcase name="b"><failure/></testcase></testsuite>"#;
/// let counts = codex_ledger::reports::parse_junit(report)?;
/// assert_eq!((counts.passed, counts.failed), (1, 1));
/// # Ok::<(), codex_ledger::reports::ReportError>(())
/// ```
pub fn parse_junit(bytes: &[u8]) -> Result<TestCounts, ReportError> {
    Ok(read(&Document::new(bytes))?.0)
}

/// Counts the cases, and says where the root element is.
pub(crate) fn read(
    document: &Document<'_>,
) -> Result<(TestCounts, crate::reports::report_xml::Root), ReportError> {
    let mut counter = Counter::default();
    let root = document.visit(|depth, node| match node {
        XmlNode::Start(element) => counter.start(depth, &element),
        XmlNode::End => {
            counter.end(depth);
            Ok(())
        }
    })?;
    let has_cases = counter.counts != TestCounts::default();
    match counter.stated.filter(|stated| *stated > 0 && !has_cases) {
        Some(tests) => Err(ReportError::NoCases { tests }),
        None => Ok((counter.counts, root)),
    }
}

#[derive(Default)]
struct Counter {
    counts: TestCounts,
    /// The highest total that a suite states.
    stated: Option<u64>,
    case: Option<Case>,
    /// How deep the innermost suite is.
    suites: Vec<usize>,
}

struct Case {
    depth: usize,
    end: CaseEnd,
}

/// How a case ended; of several, the last here counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum CaseEnd {
    Passed,
    Skipped,
    Failed,
    Error,
}

impl Counter {
    fn start(&mut self, depth: usize, element: &Element<'_>) -> Result<(), ReportError> {
        let is_suite = matches!(element.name, "testsuite" | "testsuites");
        if depth == 0 && !is_suite {
            return Err(ReportError::Format {
                expected: "a JUnit report",
                found: format!("its root is <{}>", element.name),
            });
        }
        if let Some(case) = &mut self.case {
            if depth == case.depth + 1 {
                case.end = case.end.max(CaseEnd::of(element.name));
            }
        } else if is_suite {
            self.suites.push(depth);
            // A total that is no number is of no use, but the cases are.
            self.stated = self.stated.max(element.count("tests").ok().flatten());
        } else if element.name == "testcase" {
            let end = match element.attribute("status").as_deref() {
                Some("notrun" | "disabled" | "skipped") => CaseEnd::Skipped,
                _ => CaseEnd::Passed,
            };
            self.case = Some(Case { depth, end });
        } else if element.name == "error" && self.suites.last().is_some_and(|suite| depth == suite + 1) {
            self.counts.errors += 1;
        }
        Ok(())
    }

    fn end(&mut self, depth: usize) {
        if let Some(case) = self.case.take_if(|case| case.depth == depth) {
            let count = match case.end {
                CaseEnd::Passed => &mut self.counts.passed,
                CaseEnd::Skipped => &mut self.counts.skipped,
                CaseEnd::Failed => &mut self.counts.failed,
                CaseEnd::Error => &mut self.counts.errors,
            };
            *count += 1;
        }
        self.suites.pop_if(|suite| *suite == depth);
    }
}

impl CaseEnd {
    fn of(child: &str) -> Self {
        match child {
            "failure" => Self::Failed,
            "error" => Self::Error,
            "skipped" | "disabled" => Self::Skipped,
            _ => Self::Passed,
        }
    }
}

#[cfg(test)]
mod tests;
