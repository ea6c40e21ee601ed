//! Looks for bytes with which the index does not keep what is promised.
#![no_main]

#[path = "../../crates/codex-ledger/tests/parsers/csv.rs"]
mod csv;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| csv::check(bytes));
