//! Host tools that the real Codex calls, which a scripted model server drives: needs `cargo xtask codex`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod auto;
mod calls;
#[path = "../tools/endless.rs"]
mod endless;
mod ends;
mod scene;
