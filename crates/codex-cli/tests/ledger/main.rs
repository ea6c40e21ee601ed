//! The built command and the records that it leaves, end to end.

#![expect(clippy::unwrap_used, reason = "a step that fails is the failure of its test")]

mod auto;
mod canary;
mod changes;
mod chaos;
mod check_sandbox;
mod checks;
mod config;
mod crashes;
mod git_modes;
mod library;
mod pipelines;
#[path = "../common/process.rs"]
mod process;
mod project;
mod reading;
mod real_codex;
mod refusals;
mod reports;
mod running;
mod starter;
mod terminal;
