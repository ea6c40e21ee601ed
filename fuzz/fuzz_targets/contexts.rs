//! Looks for bytes with which the readers of contexts do not keep what is promised.
#![no_main]

#[path = "../../crates/codex-runner/tests/parsers/contexts.rs"]
mod contexts;
#[path = "../../crates/codex-ledger/tests/parsers/outline.rs"]
mod outline;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| contexts::check(bytes));
