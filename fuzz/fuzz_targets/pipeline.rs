//! Looks for bytes with which the reader of pipeline files does not keep what is promised.
#![no_main]

#[path = "../../crates/codex-runner/tests/parsers/pipeline.rs"]
mod pipeline;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pipeline::check(bytes));
