//! [`TurnFacts`]: what a turn used, from what the stream reports and what the rollout holds.

use codex_protocol::{RolloutSummary, TurnUsage, Usage, UsageSource};

/// What is known when a turn is accounted.
///
/// The stream reports one number whose meaning depends on the release. From 0.80.0 on it is the total of the
/// *thread*; in 0.44.0 and 0.45.0 that of the *process*. The stream does not say which release wrote it, and
/// the rollout names the one that began the thread, not the one that resumed it. So the number is believed
/// as far as it speaks for itself:
///
/// * In the first turn of a new thread both readings are the same.
/// * Releases that report `reasoning_output_tokens` all report the thread's total.
/// * Without that field, on a thread that is older than the turn, it could be either: the rollout decides,
///   and where there is none the usage is unknown.
///
/// The rollout's own total has the same two meanings. If it is no more than what this turn used, on a thread
/// that is older than the turn, it is the process's, and the thread's is unknown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TurnFacts<'a> {
    /// How the turn is related to its thread.
    pub(crate) origin: ThreadRelation,
    /// What the stream reported; `None` for nothing and for all zeros.
    pub(crate) reported: Option<Usage>,
    /// The total before this turn, if the turn before it completed here and nobody was there since.
    pub(crate) total_before: Option<Usage>,
    /// What the rollout says of this turn, if it was read.
    pub(crate) rollout: Option<&'a RolloutSummary>,
}

/// How a turn is related to its thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ThreadRelation {
    /// The turn began the thread.
    Fresh,
    /// The turn began a copy, whose total starts at that of the thread it was copied from.
    Copied,
    /// The turn continued the thread.
    Resumed,
    /// The turn continued a thread that was not known before it.
    Found,
    /// Lines from elsewhere, which do not say.
    Unknown,
}

impl TurnFacts<'_> {
    /// Tells whether the stream leaves the usage of the turn open, so that the rollout is worth reading.
    pub(crate) fn is_open(&self) -> bool {
        self.turn_of_stream().is_none()
    }

    pub(crate) fn settle(&self) -> TurnUsage {
        let mut usage = TurnUsage::default();
        if let Some(thread) = self.thread_of_stream().or_else(|| self.thread_of_rollout()) {
            usage = usage.with_thread(thread);
        }
        match (self.turn_of_stream(), self.rollout.and_then(RolloutSummary::turn_usage)) {
            (Some(turn), _) => usage.with_turn(turn, UsageSource::Stream),
            (None, Some(turn)) => usage.with_turn(turn, UsageSource::Rollout),
            (None, None) => usage,
        }
    }

    fn thread_of_stream(&self) -> Option<Usage> {
        self.reported.filter(|reported| self.origin == ThreadRelation::Fresh || counts_threads(reported))
    }

    fn thread_of_rollout(&self) -> Option<Usage> {
        let (thread, turn) = (self.rollout?.thread_usage()?, self.rollout?.turn_usage());
        let is_the_threads = self.origin == ThreadRelation::Fresh || turn.is_some_and(|turn| turn != thread);
        is_the_threads.then_some(thread)
    }

    fn turn_of_stream(&self) -> Option<Usage> {
        match self.origin {
            ThreadRelation::Fresh => self.reported,
            ThreadRelation::Resumed => self.thread_of_stream()?.checked_sub(&self.total_before?),
            ThreadRelation::Copied | ThreadRelation::Found | ThreadRelation::Unknown => None,
        }
    }
}

fn counts_threads(reported: &Usage) -> bool {
    reported.reasoning_output_tokens.is_some()
}

#[cfg(test)]
mod tests;
