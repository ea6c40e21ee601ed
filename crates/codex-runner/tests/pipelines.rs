//! Contexts and pipelines are read from projects as people write them, and nothing leads out of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that fails")]

#[path = "pipelines/bad_input.rs"]
mod bad_input;
#[path = "pipelines/contexts.rs"]
mod contexts;
#[path = "pipelines/documents.rs"]
mod documents;
#[path = "pipelines/inputs.rs"]
mod inputs;
#[path = "pipelines/items.rs"]
mod items;
#[path = "pipelines/long.rs"]
mod long;
#[path = "pipelines/patterns.rs"]
mod patterns;
#[path = "pipelines/project.rs"]
mod project;
#[path = "pipelines/properties.rs"]
mod properties;
