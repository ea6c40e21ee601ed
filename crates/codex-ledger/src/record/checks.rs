//! What tests, linters and coverage came to, read from their reports.

use std::fs;

use codex_protocol::with_causes;
use jiff::Timestamp;

use crate::manifest::{CheckStatus, CoverageEntry, Extra, Manifest, Violation};
use crate::record::journal::CheckEntries;
use crate::record::record_end::{CheckResult, RecordEnd, ReportFile};
use crate::reports::{Coverage, coverage_delta, parse_coverage, tests_report};
use crate::system::plain_file::read_manifest;
use crate::values::{Places, TurnId};

/// How far back to look for a record whose coverage can be compared.
const LOOK_BACK: usize = 200;

impl CheckEntries {
    /// Reads the reports that are not older than the record. What cannot be read is a violation, and its status
    /// an error.
    pub(crate) fn read(
        end: &RecordEnd,
        started: Timestamp,
        places: &Places,
        violations: &mut Vec<Violation>,
    ) -> Self {
        let mut checks = Self {
            lint: end.lint.as_ref().map(|report| report.status.clone()).unwrap_or_default(),
            ..Self::default()
        };
        if let Some(report) = &end.tests {
            checks.read_tests(report, started, violations);
        }
        if let Some(report) = &end.coverage {
            checks.read_coverage(report, started, places, violations);
        }
        checks
    }

    fn read_tests(&mut self, report: &CheckResult, started: Timestamp, violations: &mut Vec<Violation>) {
        self.tests = report.status.clone();
        let files: Vec<&ReportFile> = fresh(report, started);
        if files.is_empty() {
            return;
        }
        let bytes: Vec<&[u8]> = files.iter().map(|file| file.bytes.as_slice()).collect();
        match tests_report(&bytes) {
            Ok(report) => {
                self.tests_passed = Some(report.counts.passed);
                self.tests_failed = Some(report.counts.not_passed());
                if report.counts.not_passed() > 0 && self.tests == CheckStatus::Passed {
                    self.tests = CheckStatus::Failed;
                }
                self.tests_report = Some(String::from_utf8_lossy(&report.bytes).into_owned());
            }
            Err((position, error)) => {
                if self.tests == CheckStatus::Passed {
                    self.tests = CheckStatus::Error;
                }
                violations.push(unreadable(&files[position].name, &error));
            }
        }
    }

    fn read_coverage(
        &mut self,
        report: &CheckResult,
        started: Timestamp,
        places: &Places,
        violations: &mut Vec<Violation>,
    ) {
        // Reports of one run cannot be added up; the first that can be read stands for it.
        for file in fresh(report, started) {
            match parse_coverage(&file.bytes, None) {
                Ok(coverage) => return self.take_coverage(&coverage, places),
                Err(error) => violations.push(unreadable(&file.name, &error)),
            }
        }
    }

    fn take_coverage(&mut self, coverage: &Coverage, places: &Places) {
        let kind = coverage.kind.to_string();
        let before = coverage_before(places, &kind);
        self.coverage_delta = before.map(|before| coverage_delta(before, coverage.percent));
        self.coverage =
            CoverageEntry { before, after: Some(coverage.percent), kind: Some(kind), extra: Extra::new() };
        self.coverage_report = Some(String::from_utf8_lossy(&coverage.to_bytes()).into_owned());
    }
}

/// The reports that this record's commands wrote.
///
/// File systems cut times to a second or less, so a report of the second in which the record began counts.
fn fresh(report: &CheckResult, started: Timestamp) -> Vec<&ReportFile> {
    report.files.iter().filter(|file| file.modified.as_second() >= started.as_second()).collect()
}

/// The coverage of the latest visible record that has one of this kind.
fn coverage_before(places: &Places, kind: &str) -> Option<f64> {
    let names = fs::read_dir(places.turns()).ok()?.flatten();
    let mut ids: Vec<TurnId> = names.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    ids.sort_unstable();
    ids.into_iter().rev().take(LOOK_BACK).find_map(|id| {
        let file = Manifest::read(&read_manifest(&places.manifest(id)).ok()?).ok()?;
        let coverage = file.manifest.ledger?.coverage;
        coverage.after.filter(|_| coverage.kind.as_deref() == Some(kind))
    })
}

fn unreadable(name: &str, error: &dyn std::error::Error) -> Violation {
    Violation {
        kind: "report-unreadable".to_owned(),
        path: Some(name.to_owned()),
        detail: with_causes(error),
        extra: Extra::new(),
    }
}

#[cfg(test)]
mod tests;
