//! Looks for bytes with which the reader of reports of tests does not keep what is promised.
#![no_main]

#[path = "../../crates/codex-ledger/tests/parsers/junit.rs"]
mod junit;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| junit::check(bytes));
