//! Looks for bytes with which the reader of manifests does not keep what is promised.
#![no_main]

#[path = "../../crates/codex-ledger/tests/parsers/manifest.rs"]
mod manifest;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| manifest::check(bytes));
