//! Reports of tests and of coverage, read as the tools write them.
//!
//! Begin with [`tests_report`] for `JUnit` files and with [`parse_coverage`] for the formats that [`CoverageFormat`] names.

mod coverage;
mod junit;
mod report_error;
mod report_xml;
mod tests_report;

pub use self::coverage::{Coverage, CoverageFormat, CoverageKind, coverage_delta, parse_coverage};
pub use self::junit::{TestCounts, parse_junit};
pub use self::report_error::ReportError;
pub use self::tests_report::{TestsReport, tests_report};
