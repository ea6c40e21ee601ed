//! The ledger's way to git against real git, in scratch repositories with a configuration of their own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that fails")]

#[path = "git/claims.rs"]
mod claims;
#[path = "git/commits.rs"]
mod commits;
#[path = "git/index_forms.rs"]
mod index_forms;
#[path = "git/limits.rs"]
mod limits;
#[path = "git/obstructed.rs"]
mod obstructed;
#[path = "git/programs.rs"]
mod programs;
#[path = "git/programs_inside.rs"]
mod programs_inside;
#[path = "git/refs.rs"]
mod refs;
#[path = "git/remotes.rs"]
mod remotes;
#[path = "git/replay.rs"]
mod replay;
#[path = "git/rules.rs"]
mod rules;
#[path = "git/scratch.rs"]
mod scratch;
#[path = "git/snapshots.rs"]
mod snapshots;
#[path = "git/trees.rs"]
mod trees;
