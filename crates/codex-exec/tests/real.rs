//! The supervisor against the real Codex, which a scripted model server drives: needs `cargo xtask codex`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that fails")]

#[cfg(target_os = "linux")]
#[path = "real/cancelling.rs"]
mod cancelling;
#[path = "real/environment.rs"]
mod environment;
#[cfg(target_os = "linux")]
#[path = "real/hosts.rs"]
mod hosts;
#[path = "real/nested_repository.rs"]
mod nested_repository;
#[cfg(target_os = "linux")]
#[path = "host/program.rs"]
mod program;
#[path = "real/project_layer.rs"]
mod project_layer;
#[cfg(target_os = "linux")]
#[path = "real/sandboxed.rs"]
mod sandboxed;
#[path = "real/support.rs"]
mod support;
#[path = "real/turns.rs"]
mod turns;
