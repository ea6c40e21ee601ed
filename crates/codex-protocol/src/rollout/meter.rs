//! [`UsageFold`]: what a turn used, from whichever records a release writes.

use serde::Deserialize;
use serde_json::Value;

use super::line::RolloutLine;
use crate::usage::Usage;

/// Follows the usage of the thread and of its current turn.
///
/// 0.169 writes both with each call of the model, in a `token_usage_record`. Older releases write a
/// `token_count` with the total and the last call, and repeat it without a call in between, so that calls are
/// told apart by the change of the total; the first total that is seen is a call's if the model has spoken
/// before it, or the count was empty before.
#[derive(Debug, Clone, Default)]
pub(super) struct UsageFold {
    thread: Option<Usage>,
    records: Option<Usage>,
    counts: Option<Usage>,
    last_total: Option<Usage>,
    first_is_a_call: bool,
}

impl UsageFold {
    pub(super) fn thread(&self) -> Option<Usage> {
        self.thread
    }

    /// What the current turn used so far.
    pub(super) fn turn(&self) -> Option<Usage> {
        self.records.or(self.counts)
    }

    pub(super) fn begin_turn(&mut self) {
        self.records = None;
        self.counts = None;
        self.first_is_a_call = false;
    }

    pub(super) fn model_spoke(&mut self) {
        self.first_is_a_call = true;
    }

    pub(super) fn record(&mut self, line: &RolloutLine) {
        self.records = usage(line.payload.get("turn_token_usage")).or(self.records);
        self.thread = usage(line.payload.get("thread_token_usage")).or(self.thread);
    }

    pub(super) fn count(&mut self, line: &RolloutLine) {
        let info = line.payload.get("info").filter(|info| !info.is_null());
        let Some(info) = info else {
            self.first_is_a_call = true;
            return;
        };
        let Some(total) = usage(info.get("total_token_usage")) else { return };
        let is_new = self.last_total.map_or(self.first_is_a_call, |last| last != total);
        if is_new && let Some(call) = usage(info.get("last_token_usage")) {
            self.counts = Some(self.counts.map_or(call, |sum| sum.plus(&call)));
        }
        self.last_total = Some(total);
        self.thread = Some(total);
    }
}

fn usage(value: Option<&Value>) -> Option<Usage> {
    Usage::deserialize(value?).ok()
}
