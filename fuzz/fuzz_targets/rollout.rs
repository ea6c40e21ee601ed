//! Looks for bytes with which reading a rollout does not keep what is promised.
#![no_main]

#[path = "../../crates/codex-protocol/tests/parsers/rollout.rs"]
mod rollout;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rollout::check(bytes));
