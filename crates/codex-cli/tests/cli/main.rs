//! The built command, end to end: what it prints, writes, leaves behind, and with which code it ends.

#![expect(clippy::unwrap_used, reason = "a step that fails is the failure of its test")]

mod auto;
mod bad_input;
mod doctor;
mod files;
mod json;
#[path = "../common/process.rs"]
mod process;
mod real_codex;
mod replay;
mod scratch;
mod signals;
mod terminal;
mod verdicts;
