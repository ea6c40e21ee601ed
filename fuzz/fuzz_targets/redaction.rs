//! Looks for bytes with which redaction does not keep what is promised.
#![no_main]

#[path = "../../crates/codex-ledger/tests/parsers/redaction.rs"]
mod redaction;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| redaction::check(bytes));
