//! What the readers of contexts and pipelines promise for any bytes, tried on sound files and on damaged ones.
//!
//! The fuzzer looks for breaches of the same promises; what it finds is kept as a seed in `parsers/seeds`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that fails")]

#[path = "parsers/contexts.rs"]
mod contexts;
#[path = "../../codex-protocol/tests/parsers/damage.rs"]
mod damage;
#[path = "../../codex-ledger/tests/parsers/outline.rs"]
mod outline;
#[path = "parsers/pipeline.rs"]
mod pipeline;
#[path = "parsers/words.rs"]
mod words;

use proptest::prelude::*;
use rstest::rstest;
use words::{CONTEXT, PIPELINE};

fn seeds(folder: &str) -> Vec<Vec<u8>> {
    damage::seeds(env!("CARGO_MANIFEST_DIR"), folder, "")
}

#[rstest]
#[case::contexts("tests/parsers/seeds/contexts", contexts::check)]
#[case::pipeline("tests/parsers/seeds/pipeline", pipeline::check)]
fn every_seed_keeps_what_is_promised(#[case] folder: &str, #[case] check: fn(&[u8])) {
    for seed in seeds(folder) {
        check(&seed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_context_keeps_what_is_promised(bytes in damage::damaged(seeds("tests/parsers/seeds/contexts"), CONTEXT)) {
        contexts::check(&bytes);
    }

    #[test]
    fn a_damaged_pipeline_keeps_what_is_promised(bytes in damage::damaged(seeds("tests/parsers/seeds/pipeline"), PIPELINE)) {
        pipeline::check(&bytes);
    }
}
