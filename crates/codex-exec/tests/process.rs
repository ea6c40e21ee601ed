//! The supervisor against a fake Codex: how starts end, what is read, what is left.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that fails")]

#[path = "process/commands.rs"]
mod commands;
#[path = "process/endings.rs"]
mod endings;
#[cfg(target_os = "linux")]
#[path = "process/leftovers.rs"]
mod leftovers;
#[cfg(target_os = "linux")]
#[path = "process/many.rs"]
mod many;
#[path = "process/output.rs"]
mod output;
#[path = "process/runtimes.rs"]
mod runtimes;
#[path = "process/sandboxed.rs"]
mod sandboxed;
#[path = "process/scene.rs"]
mod scene;
#[cfg(target_os = "linux")]
#[path = "process/stalling.rs"]
mod stalling;
#[path = "process/starts.rs"]
mod starts;
#[path = "process/stopping.rs"]
mod stopping;
#[path = "process/support.rs"]
mod support;
#[path = "process/unpolled.rs"]
mod unpolled;
