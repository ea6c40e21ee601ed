//! What reports of tests promise for any bytes.

use codex_ledger::reports::{parse_junit, tests_report};

/// Takes the bytes for a report of tests, and puts it together with itself.
pub(crate) fn check(bytes: &[u8]) {
    let one = match parse_junit(bytes) {
        Ok(counts) => counts,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let both = tests_report(&[bytes, bytes]).expect("what counts alone counts together");
    assert_eq!(both.counts, one + one);
    let again = parse_junit(&both.bytes).expect("the report that we write is one");
    assert_eq!(again, both.counts, "our report says what it was made of");
}
