//! Looks for bytes with which decoding does not keep what is promised.
#![no_main]

#[path = "../../crates/codex-protocol/tests/parsers/decode.rs"]
mod decode;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| decode::check(bytes));
