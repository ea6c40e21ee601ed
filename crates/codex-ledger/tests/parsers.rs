//! What the readers of the ledger promise for any bytes, tried on sound files and on what becomes of them when they are
//! damaged.
//!
//! The same promises are what the fuzzer looks for a breach of; what it finds is kept as a seed in `parsers/seeds`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that fails")]

#[path = "parsers/coverage.rs"]
mod coverage;
#[path = "parsers/csv.rs"]
mod csv;
#[path = "../../codex-protocol/tests/parsers/damage.rs"]
mod damage;
#[path = "parsers/junit.rs"]
mod junit;
#[path = "parsers/manifest.rs"]
mod manifest;
#[path = "parsers/redaction.rs"]
mod redaction;

use proptest::prelude::*;
use rstest::rstest;

const CSV: &[&str] = &[
    "\n",
    "\r\n",
    ",",
    "\"",
    "\"\"",
    "\u{feff}",
    "turnId,",
    "<<<<<<< HEAD\n",
    "=======\n",
    ">>>>>>> x\n",
    "7",
    "0",
    "9007199254740992",
    "1.5",
    "=1+1",
    "\0",
];
const XML: &[&str] = &[
    "<",
    ">",
    "/>",
    "</",
    "&amp;",
    "&#0;",
    "&x;",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?xml version=\"1.0\"?>",
    "<!DOCTYPE a [",
    "<testcase/>",
    "<testsuite>",
    "</testsuite>",
    "<failure/>",
    "<counter type=\"LINE\" missed=\"1\" covered=\"1\"/>",
    "line-rate=\"2\"",
    "lines-valid=\"0\"",
    "\u{feff}",
    "18446744073709551615",
    "SF:a\n",
    "DA:1,1\n",
    "end_of_record\n",
    "{\"total\":",
    "\"covered\":",
    "1e308",
    "-1",
    "xmlns:a=\"u\"",
];
const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "null",
    "true",
    "-1",
    "1e308",
    "9007199254740993",
    "\\ud800",
    "\"turnId\":0,",
    "\"ledger\":{},",
    "\"format\":\"turns-ledger/2\",",
    "\"state\":\"dreaming\",",
    "\"extra\":1,",
    "\u{2028}",
];
const TEXT: &[&str] = &[
    "API_KEY=",
    "token: ",
    "Bearer ",
    "https://a:b@c/",
    "sk-",
    "ghp_",
    "-----BEGIN PRIVATE KEY-----\n",
    "\n-----END PRIVATE KEY-----",
    "/home/user/",
    "[REDACTED:",
    "s3cr3t\"value",
    "/with+signs=",
    "%2F",
    "\\\"",
    "\\u0022",
    "\"password\":\"",
    "\n+",
];

fn seeds(folder: &str) -> Vec<Vec<u8>> {
    damage::seeds(env!("CARGO_MANIFEST_DIR"), folder, "")
}

#[rstest]
#[case::csv("tests/parsers/seeds/csv", csv::check)]
#[case::junit("tests/parsers/seeds/junit", junit::check)]
#[case::coverage("tests/parsers/seeds/coverage", coverage::check)]
#[case::manifest("src/manifest/samples", manifest::check)]
#[case::redaction("tests/parsers/seeds/redaction", redaction::check)]
fn every_seed_keeps_what_is_promised(#[case] folder: &str, #[case] check: fn(&[u8])) {
    for seed in seeds(folder) {
        check(&seed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_index_keeps_what_is_promised(bytes in damage::damaged(seeds("tests/parsers/seeds/csv"), CSV)) {
        csv::check(&bytes);
    }

    #[test]
    fn a_damaged_report_of_tests_keeps_what_is_promised(bytes in damage::damaged(seeds("tests/parsers/seeds/junit"), XML)) {
        junit::check(&bytes);
    }

    #[test]
    fn a_damaged_report_of_coverage_keeps_what_is_promised(
        bytes in damage::damaged(seeds("tests/parsers/seeds/coverage"), XML),
    ) {
        coverage::check(&bytes);
    }

    #[test]
    fn a_damaged_manifest_keeps_what_is_promised(bytes in damage::damaged(seeds("src/manifest/samples"), JSON)) {
        manifest::check(&bytes);
    }

    #[test]
    fn a_text_with_secrets_keeps_what_is_promised(bytes in damage::damaged(seeds("tests/parsers/seeds/redaction"), TEXT)) {
        redaction::check(&bytes);
    }
}
