//! Runs turns of the real Codex one after the other, each recorded and each with an end of its own, and counts
//! what stays behind. It is no test of one thing: it finds what only many turns show.
//!
//! Turns run in lanes, which are worktrees of one scratch repository, so that several claim numbers of one ledger at a
//! time. Each turn takes a [`Course`]: it completes, fails, is cancelled, dropped or killed, or its whole host dies.
//! At the end there are as many processes, file descriptors, threads, tasks and temporary files as at the start, every
//! record verifies, and no number is missing; what differs is a sentence of the [`SoakReport`].

mod counts;
mod course;
mod deck;
mod host;
mod lane;
mod process;
mod records;
mod report;
mod scene;
mod soak;
mod tally;

pub use counts::Counts;
pub use course::Course;
pub use host::run_host;
pub use report::SoakReport;
pub use soak::{Length, Soak};
