//! Attacks on the boundaries that `SECURITY.md` promises, with the real Codex in its sandbox wherever the agent has to
//! be inside it. `cargo xtask attacks` prints them as a table.

#![expect(clippy::unwrap_used, reason = "a step that fails is the failure of its test")]

#[path = "../common/process.rs"]
mod process;
#[path = "../ledger/project.rs"]
#[expect(dead_code, reason = "shared with the tests of records, which use all of it")]
mod project;
mod sandboxed;

mod baseline;
mod canary;
mod checks;
mod files;
mod forged;
mod git;
mod hidden_turns;
mod layer;
mod loosened;
mod obstructed;
mod programs;
mod pushes;
mod record;
mod runner;
mod screen;
#[cfg(target_os = "linux")]
mod trace;
mod trust;
mod workflows;
