//! Records are proved: what was tampered with is found, and what git users do every day is no alarm.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that fails")]

#[path = "proving/attacks.rs"]
mod attacks;
#[path = "proving/clones.rs"]
mod clones;
#[path = "proving/everyday.rs"]
mod everyday;
#[path = "proving/harmless.rs"]
mod harmless;
#[path = "proving/hostile.rs"]
mod hostile;
#[path = "proving/project.rs"]
mod project;
#[path = "proving/remote.rs"]
mod remote;
#[path = "proving/removal.rs"]
mod removal;
#[path = "git/scratch.rs"]
#[expect(dead_code, reason = "the tests of git use all of it")]
mod scratch;
#[path = "proving/since.rs"]
mod since;
#[path = "proving/site.rs"]
mod site;
#[path = "proving/starts.rs"]
mod starts;
#[path = "proving/tampering.rs"]
mod tampering;
#[path = "proving/unfinished.rs"]
mod unfinished;
