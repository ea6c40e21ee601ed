//! The real Codex takes every option of an invocation as it is meant, and keeps what is secret from its agent.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "real_invocation/options.rs"]
mod options;
#[path = "real_invocation/scene.rs"]
mod scene;
#[path = "real_invocation/secrets.rs"]
mod secrets;
#[path = "real_invocation/threads.rs"]
mod threads;
#[path = "real_invocation/versions.rs"]
mod versions;
