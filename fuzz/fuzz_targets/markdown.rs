//! Looks for a text with which the writer of Markdown does not keep what is promised.
#![no_main]

#[path = "../../crates/codex-ledger/tests/parsers/markdown.rs"]
mod markdown;
#[path = "../../crates/codex-ledger/tests/parsers/outline.rs"]
mod outline;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| markdown::check(bytes));
