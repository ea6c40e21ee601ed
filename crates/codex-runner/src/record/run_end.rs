//! [`RunEnd`]: how a run of turns ended.

use codex_turn::{AutoRunError, AutoRunReport};

/// How a run ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct RunEnd {
    /// Its report, or why it did not begin.
    pub report: Result<AutoRunReport, AutoRunError>,
    /// Whether it was killed.
    pub was_killed: bool,
}
