//! Reports as tools write them, and as nobody should.

use rstest::rstest;

use super::*;

const LCOV: &str = "TN:one\nSF:/x/a.rs\nFN:1,f\nDA:1,1\nDA:2,0\nLF:2\nLH:1\nend_of_record\n\
    TN:two\nSF:/x/a.rs\nDA:1,0\nDA:2,3,checksum\nend_of_record\nSF:b\nLF:2\nLH:1\nend_of_record\n";
const COBERTURA: &str = r#"<?xml version="1.0"?><!DOCTYPE coverage SYSTEM "http://x/y.dtd">
    <coverage line-rate="0.5" lines-covered="7" lines-valid="9" version="1"><packages/></coverage>"#;
const COBERTURA_RATE: &str = r#"<coverage line-rate="0.87654" branch-rate="0"/>"#;
const JACOCO: &str = r#"<report name="x"><package name="p"><counter type="LINE" missed="9" covered="0"/></package>
    <counter type="INSTRUCTION" missed="3" covered="1"/><counter type="LINE" missed="1" covered="2"/></report>"#;
const JACOCO_WITHOUT_LINES: &str =
    r#"<report name="x"><counter type="INSTRUCTION" missed="3" covered="1"/></report>"#;
const ISTANBUL: &str = r#"{"total":{"lines":{"total":8,"covered":7,"skipped":0,"pct":87.5},"branches":{}},
    "/x/a.js":{"lines":{"total":8,"covered":7}}}"#;
const LLVM: &str = r#"{"data":[{"files":[],"totals":{"lines":{"count":2000,"covered":1999,"percent":99.95}}}],
    "type":"llvm.coverage.json.export","version":"2.0.1"}"#;

#[rstest]
#[case::lcov(LCOV, CoverageFormat::Lcov, CoverageKind::LcovLines, 75.0)]
#[case::cobertura(COBERTURA, CoverageFormat::Cobertura, CoverageKind::CoberturaLines, 77.78)]
#[case::cobertura_rate(COBERTURA_RATE, CoverageFormat::Cobertura, CoverageKind::CoberturaLines, 87.65)]
#[case::jacoco(JACOCO, CoverageFormat::Jacoco, CoverageKind::JacocoLines, 66.67)]
#[case::jacoco_bare(JACOCO_WITHOUT_LINES, CoverageFormat::Jacoco, CoverageKind::JacocoInstructions, 25.0)]
#[case::istanbul(ISTANBUL, CoverageFormat::Istanbul, CoverageKind::IstanbulLines, 87.5)]
#[case::llvm(LLVM, CoverageFormat::LlvmCov, CoverageKind::LlvmLines, 99.95)]
fn the_total_is_read_whether_the_format_is_named_or_not(
    #[case] report: &str,
    #[case] format: CoverageFormat,
    #[case] kind: CoverageKind,
    #[case] percent: f64,
) {
    for format in [Some(format), None] {
        let coverage = parse_coverage(report.as_bytes(), format).unwrap();
        assert_eq!((coverage.kind, format!("{:.2}", coverage.percent)), (kind, format!("{percent:.2}")));
    }
    assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
}

#[rstest]
#[case::empty("", "the report is empty")]
#[case::prose("hello: world\n", "the report is not a coverage report: it has no SF record")]
#[case::html("<html/>", "the report is not a coverage report: its root is <html>")]
#[case::json(
    "{\"a\":1}",
    "the report is not a coverage report: it is neither an Istanbul summary nor an llvm-cov export"
)]
#[case::cut_json("{\"total\":{", "the report is not JSON")]
#[case::cut_xml("<coverage><a>", "the report ends in line 1 within <a>")]
#[case::cut_lcov("SF:a\nDA:1,1\n", "the report ends in line 2 within a")]
#[case::nothing("SF:a\nend_of_record\n", "the report has no lines that could be covered")]
#[case::no_number("SF:a\nDA:x,1\nend_of_record\n", "the report's DA is `x`, which is not a count")]
#[case::too_much("<coverage line-rate=\"1.5\"/>", "the report's share is `150`, which is not a count")]
#[case::not_a_number("<coverage line-rate=\"NaN\"/>", "the report's share is `NaN`, which is not a count")]
#[case::more_than_all(
    "<coverage lines-covered=\"9\" lines-valid=\"7\"/>",
    "the report's covered of 7 is `9`, which is not a count"
)]
fn what_says_nothing_is_an_error(#[case] report: &str, #[case] message: &str) {
    assert_eq!(parse_coverage(report.as_bytes(), None).unwrap_err().to_string(), message);
}

#[test]
fn a_report_of_another_format_than_named_is_an_error() {
    let error = parse_coverage(JACOCO.as_bytes(), Some(CoverageFormat::Cobertura)).unwrap_err();
    assert_eq!(error.to_string(), "the report is not of the format that was named: it counts jacoco-lines");
}

#[test]
fn a_change_has_two_decimals_and_no_negative_zero() {
    assert_eq!(coverage_delta(80.1, 81.9).to_string(), "1.8");
    assert_eq!(coverage_delta(81.9, 80.1).to_string(), "-1.8");
    assert_eq!(coverage_delta(50.0, 49.999).to_string(), "0");
}

#[test]
fn the_artifact_has_every_number() {
    let coverage = parse_coverage(LCOV.as_bytes(), None).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&coverage.to_bytes()).unwrap();
    let expected = serde_json::json!({"kind": "lcov-lines", "covered": 3, "total": 4, "percent": 75.0});
    assert_eq!(json, expected);
}
