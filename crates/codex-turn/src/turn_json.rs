//! [`TurnJson`]: a turn as one JSON object.

use std::time::Duration;

use codex_protocol::{
    ExitKind, RolloutCall, StopCause, ThreadId, TransportEnd, TurnSummary, TurnUsage, Unconfirmed, Verdict,
};
use serde::{Serialize, Serializer};

use crate::TurnResult;

/// A turn as one JSON object, with or without what its lines came to.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TurnJson<'a> {
    #[serde(flatten)]
    verdict: &'a Verdict,
    thread_id: Option<&'a ThreadId>,
    final_response: Option<&'a str>,
    usage: TurnUsage,
    duration_ms: u64,
    process: ProcessJson,
    leftovers: &'a [u32],
    unseen_calls: Option<Vec<&'a RolloutCall>>,
    unconfirmed: Option<Unconfirmed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a TurnSummary>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProcessJson {
    exit_code: Option<i32>,
    signal: Option<i32>,
    stop: Option<StopCause>,
}

impl<'a> TurnJson<'a> {
    /// All but what the lines came to, for those who have the lines.
    pub(crate) fn without_summary(turn: &'a TurnResult) -> Self {
        Self {
            verdict: &turn.verdict,
            thread_id: turn.thread_id.as_ref(),
            final_response: turn.final_response(),
            usage: turn.usage,
            duration_ms: in_milliseconds(turn.duration),
            process: turn.end.end.into(),
            leftovers: turn.leftovers(),
            unseen_calls: turn.unseen_calls(),
            unconfirmed: turn.unconfirmed(),
            summary: None,
        }
    }
}

impl Serialize for TurnResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        TurnJson { summary: Some(&self.summary), ..TurnJson::without_summary(self) }.serialize(serializer)
    }
}

impl From<TransportEnd> for ProcessJson {
    fn from(end: TransportEnd) -> Self {
        let (exit_code, signal) = match end.exit() {
            Some(ExitKind::Code(code)) => (Some(code), None),
            Some(ExitKind::Signal(signal)) => (None, Some(signal)),
            None => (None, None),
        };
        Self { exit_code, signal, stop: end.stop }
    }
}

/// Whole milliseconds.
pub(crate) fn in_milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
