//! Looks for bytes with which the reader of reports of coverage does not keep what is promised.
#![no_main]

#[path = "../../crates/codex-ledger/tests/parsers/coverage.rs"]
mod coverage;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| coverage::check(bytes));
