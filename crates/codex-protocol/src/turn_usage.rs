//! [`TurnUsage`]: what a turn cost, as far as it is known.

use serde::Serialize;

use crate::usage::Usage;

/// Says what a thread has used so far and what one turn of it used, each only where it is known.
///
/// Unknown is `None`, never zero: all zeros, which Codex prints for a review, count as unknown.
///
/// ```
/// use codex_protocol::{TurnUsage, Usage, UsageSource};
///
/// let usage = TurnUsage::default()
///     .with_thread(Usage::new(1600, 80))
///     .with_turn(Usage::new(1000, 50), UsageSource::Rollout);
/// assert_eq!(usage.turn, Some(Usage::new(1000, 50)));
/// assert_eq!(TurnUsage::default().with_thread(Usage::default()).thread, None);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TurnUsage {
    /// The thread's total at the end of the turn.
    pub thread: Option<Usage>,
    /// The turn's own share.
    pub turn: Option<Usage>,
    /// Where the turn's share comes from.
    pub source: Option<UsageSource>,
}

impl TurnUsage {
    /// Sets the thread's total, which all zeros leave unknown.
    #[must_use = "this returns the changed usage"]
    pub fn with_thread(mut self, total: Usage) -> Self {
        self.thread = total.known();
        self
    }

    /// Sets the turn's share and where it comes from; all zeros leave both unknown.
    #[must_use = "this returns the changed usage"]
    pub fn with_turn(mut self, share: Usage, source: UsageSource) -> Self {
        self.turn = share.known();
        self.source = self.turn.map(|_| source);
        self
    }
}

/// Says where the numbers of a turn come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum UsageSource {
    /// From `turn.completed`: the first turn of a thread, or the difference of two totals of one process.
    Stream,
    /// From the thread's rollout file.
    Rollout,
}
