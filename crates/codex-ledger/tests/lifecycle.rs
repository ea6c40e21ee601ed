//! Records from their claim to their place in the ledger, over real git: whole, in every mode, and killed anywhere.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that fails")]

#[path = "lifecycle/broken_refs.rs"]
mod broken_refs;
#[path = "lifecycle/contents.rs"]
mod contents;
#[path = "lifecycle/cost.rs"]
mod cost;
#[path = "lifecycle/crash.rs"]
mod crash;
#[path = "lifecycle/fate.rs"]
mod fate;
#[path = "lifecycle/golden.rs"]
mod golden;
#[path = "lifecycle/irregular.rs"]
mod irregular;
#[path = "lifecycle/modes.rs"]
mod modes;
#[path = "lifecycle/obstructed.rs"]
mod obstructed;
#[path = "lifecycle/pushing.rs"]
mod pushing;
#[path = "git/scratch.rs"]
#[expect(dead_code, reason = "shared with other tests, which use more of it")]
mod scratch;
#[path = "lifecycle/secrets.rs"]
mod secrets;
#[path = "lifecycle/shape.rs"]
mod shape;
#[path = "lifecycle/sick_disk.rs"]
mod sick_disk;
#[path = "lifecycle/tasks.rs"]
mod tasks;
#[path = "lifecycle/touched.rs"]
mod touched;
#[path = "lifecycle/unknown.rs"]
mod unknown;
#[path = "lifecycle/violations.rs"]
mod violations;
#[path = "lifecycle/world.rs"]
mod world;
