//! What reports of coverage promise for any bytes.

use codex_ledger::reports::{CoverageFormat, parse_coverage};

/// Takes the bytes for a report of coverage, by its look and by every name.
pub(crate) fn check(bytes: &[u8]) {
    let formats = [
        None,
        Some(CoverageFormat::Lcov),
        Some(CoverageFormat::Cobertura),
        Some(CoverageFormat::Jacoco),
        Some(CoverageFormat::Istanbul),
        Some(CoverageFormat::LlvmCov),
    ];
    for format in formats {
        let coverage = match parse_coverage(bytes, format) {
            Ok(coverage) => coverage,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                continue;
            }
        };
        assert!((0.0..=100.0).contains(&coverage.percent), "{}", coverage.percent);
        if let (Some(covered), Some(total)) = (coverage.covered, coverage.total) {
            assert!(covered <= total && total > 0);
        }
        let written: serde_json::Value = serde_json::from_slice(&coverage.to_bytes()).expect("this is JSON");
        assert_eq!(written["percent"].as_f64(), Some(coverage.percent));
    }
}
