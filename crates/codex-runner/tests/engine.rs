//! Recorded turns and pipelines over a transport that answers from a script: no Codex, no process but git.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that fails")]

#[path = "engine/pipeline.rs"]
mod pipeline;
#[path = "engine/record.rs"]
mod record;
#[path = "engine/scripted.rs"]
mod scripted;
#[path = "engine/shop.rs"]
mod shop;
