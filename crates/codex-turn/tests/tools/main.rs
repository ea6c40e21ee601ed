//! Host tools over HTTP, called as Codex calls them: no Codex, no process, no network but loopback.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod auto;
mod bad_input;
mod calls;
mod client;
mod endless;
mod ends;
mod gate;
mod served;
mod spans;
