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
#[path = "parsers/markdown.rs"]
mod markdown;
#[path = "parsers/outline.rs"]
mod outline;
#[path = "parsers/redaction.rs"]
mod redaction;
#[path = "parsers/words.rs"]
mod words;

use proptest::prelude::*;
use rstest::rstest;
use words::{CSV, JSON, MARKDOWN, TEXT, XML};

fn seeds(folder: &str) -> Vec<Vec<u8>> {
    damage::seeds(env!("CARGO_MANIFEST_DIR"), folder, "")
}

#[rstest]
#[case::csv("tests/parsers/seeds/csv", csv::check)]
#[case::junit("tests/parsers/seeds/junit", junit::check)]
#[case::coverage("tests/parsers/seeds/coverage", coverage::check)]
#[case::manifest("src/manifest/samples", manifest::check)]
#[case::markdown("tests/parsers/seeds/markdown", markdown::check)]
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

    #[test]
    fn text_of_others_keeps_its_place(bytes in damage::damaged(seeds("tests/parsers/seeds/markdown"), MARKDOWN)) {
        markdown::check(&bytes);
    }
}
