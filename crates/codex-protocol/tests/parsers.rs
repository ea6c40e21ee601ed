//! What reading promises for any bytes, tried on recorded streams and on what becomes of them when they are damaged.
//!
//! The same promises are what the fuzzer looks for a breach of; what it finds is kept as a seed in `parsers/seeds`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that fails")]

#[path = "parsers/damage.rs"]
mod damage;
#[path = "parsers/decode.rs"]
mod decode;
#[path = "parsers/rollout.rs"]
mod rollout;

use proptest::prelude::*;

const HERE: &str = env!("CARGO_MANIFEST_DIR");
const WORDS: &[&str] = &[
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
    "1e999",
    "18446744073709551616",
    "\\ud800",
    "\\u0000",
    "\u{feff}",
    "\u{2028}",
    "\n",
    "\r\n",
    "\"type\":",
    "\"id\":",
    "\"item\":",
    "\"usage\":",
    "\"payload\":",
    "\"turn.completed\"",
    "\"thread.started\"",
    "\"item.updated\"",
    "\"error\"",
    "\"token_count\"",
    "\"session_meta\"",
    "\"function_call\"",
    "\"call_id\":",
];

fn streams() -> Vec<Vec<u8>> {
    damage::seeds(HERE, "../../fixtures/streams/0.169.0", ".jsonl")
}

fn rollouts() -> Vec<Vec<u8>> {
    damage::seeds(HERE, "tests/rollouts", ".jsonl")
}

/// Files are long, and a mistake is in one line or two.
fn short(files: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let pairs = |file: Vec<u8>| {
        let lines: Vec<Vec<u8>> = file.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        lines.chunks(2).map(|lines| lines.join(&b'\n')).collect::<Vec<_>>()
    };
    let mut short: Vec<Vec<u8>> =
        files.into_iter().flat_map(pairs).filter(|lines| lines.len() < 4096).collect();
    short.sort();
    short.dedup();
    short
}

#[test]
fn recorded_streams_and_rollouts_keep_what_is_promised() {
    for stream in streams() {
        decode::check(&stream);
        rollout::check(&stream);
    }
    for rollout in rollouts() {
        rollout::check(&rollout);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_stream_keeps_what_is_promised(bytes in damage::damaged(short(streams()), WORDS)) {
        decode::check(&bytes);
    }

    #[test]
    fn a_damaged_rollout_keeps_what_is_promised(bytes in damage::damaged(short(rollouts()), WORDS)) {
        rollout::check(&bytes);
    }
}
