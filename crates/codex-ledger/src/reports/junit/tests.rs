//! Reports as tools write them, and as nobody should.

use rstest::rstest;

use super::*;

fn counts(passed: u64, failed: u64, skipped: u64, errors: u64) -> TestCounts {
    TestCounts { passed, failed, skipped, errors }
}

#[rstest]
#[case::surefire_reruns(
    r#"<?xml version="1.0" encoding="UTF-8"?>
    <testsuite name="T" tests="3" errors="0" skipped="0" failures="1" flakes="1">
      <properties><property name="a" value="&amp;"/></properties>
      <testcase name="ok" classname="T" time="0.1"/>
      <testcase name="flaky" classname="T"><flakyFailure message="m"><stackTrace>x</stackTrace></flakyFailure></testcase>
      <testcase name="bad" classname="T"><failure type="A"/><rerunFailure><stackTrace/></rerunFailure></testcase>
    </testsuite>"#,
    counts(2, 1, 0, 0)
)]
#[case::pytest(
    r#"<testsuites><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4">
      <testcase name="a"/><testcase name="b"><failure message="m">assert 1 == 2 &lt; 3</failure></testcase>
      <testcase name="c"><skipped type="pytest.skip"/></testcase>
      <testcase name="d"><error message="setup"/><failure/></testcase>
    </testsuite></testsuites>"#,
    counts(1, 1, 1, 1)
)]
#[case::nextest(
    r#"<testsuites name="nextest-run" tests="2"><testsuite name="x" tests="2" disabled="0">
      <testcase name="m::a" classname="x" timestamp="t" time="0.004"></testcase>
      <testcase name="m::b"><failure type="test failure"><![CDATA[<testcase><failure/>]]></failure>
      <rerunFailure/><system-out>&#27;[31m</system-out></testcase></testsuite></testsuites>"#,
    counts(1, 1, 0, 0)
)]
#[case::google_test(
    r#"<testsuites tests="2" disabled="1"><testsuite name="s" tests="2">
      <testcase name="a" status="run" result="completed"/><testcase name="b" status="notrun"/>
    </testsuite></testsuites>"#,
    counts(1, 0, 1, 0)
)]
#[case::phpunit_nested(
    r#"<testsuites><testsuite name="a" tests="2"><testsuite name="b" tests="1"><testcase name="x"/></testsuite>
      <testcase name="y"/><error>no class</error></testsuite></testsuites>"#,
    counts(2, 0, 0, 1)
)]
#[case::totals_that_lie(
    r#"<testsuite tests="99" failures="42"><testcase name="a"/></testsuite>"#,
    counts(1, 0, 0, 0)
)]
#[case::none(r#"<testsuites tests="0"/>"#, counts(0, 0, 0, 0))]
#[case::entities(
    r#"<!DOCTYPE t [<!ENTITY a "x"><!ENTITY e SYSTEM "file:///etc/passwd">]>
      <testsuite name="&a;"><testcase name="&e;">&e;&unknown;</testcase></testsuite>"#,
    counts(1, 0, 0, 0)
)]
#[case::namespace(
    r#"<j:testsuite xmlns:j="u"><j:testcase><j:failure/></j:testcase></j:testsuite>"#,
    counts(0, 1, 0, 0)
)]
fn cases_are_counted(#[case] report: &str, #[case] expected: TestCounts) {
    assert_eq!(parse_junit(report.as_bytes()).unwrap(), expected);
    let with_mark = format!("\u{feff}{report}");
    assert_eq!(parse_junit(with_mark.as_bytes()).unwrap(), expected);
}

#[test]
fn other_encodings_are_read() {
    let report = "<testsuite name=\"caf\u{e9}\"><testcase name=\"\u{e9}\"><failure/></testcase></testsuite>";
    let latin_1: Vec<u8> = report.chars().map(|letter| u8::try_from(letter).unwrap()).collect();
    let little: Vec<u8> = report.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> =
        "\u{feff}".encode_utf16().chain(report.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    for bytes in [latin_1, little, big] {
        assert_eq!(parse_junit(&bytes).unwrap(), counts(0, 1, 0, 0));
    }
}

#[rstest]
#[case::empty("", "the report is empty")]
#[case::blank(" \n", "the report is empty")]
#[case::html("<html/>", "the report is not a JUnit report: its root is <html>")]
#[case::cut("<testsuite>\n<testcase>\n<failure>x", "the report ends in line 3 within <failure>")]
#[case::cut_in_tag("<testsuite>\n<testcase na", "line 2 of the report is not well-formed XML")]
#[case::crossed(
    "<testsuite><testcase></testsuite></testcase>",
    "line 1 of the report is not well-formed XML"
)]
#[case::two_roots(
    "<testsuite/><testsuite/>",
    "the report is not one document: <testsuite> follows <testsuite>"
)]
#[case::no_cases("<testsuite tests=\"5\" failures=\"1\"/>", "the report counts 5 tests and lists none")]
fn what_is_no_report_is_an_error_with_its_place(#[case] report: &str, #[case] message: &str) {
    assert_eq!(parse_junit(report.as_bytes()).unwrap_err().to_string(), message);
}

#[test]
fn nesting_is_bounded() {
    let report = "<testsuite>".repeat(100_000);
    let error = parse_junit(report.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "line 1 of the report is nested deeper than 256 elements");
}

#[test]
fn counts_of_many_reports_add_up() {
    let sum: TestCounts = [counts(1, 2, 3, 4), counts(10, 20, 30, 40)].into_iter().sum();
    assert_eq!((sum, sum.not_passed()), (counts(11, 22, 33, 44), 66));
}
