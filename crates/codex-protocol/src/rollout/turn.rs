//! [`RolloutTurn`]: what the file says about one turn.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::usage::Usage;

/// Says what a rollout file has of one turn; anything may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RolloutTurn {
    /// Codex's id of the turn; not written by 0.80 and before.
    pub id: Option<String>,
    /// The model that it ran with.
    pub model: Option<String>,
    /// What this turn alone used.
    pub usage: Option<Usage>,
    /// The last message of the agent.
    pub last_agent_message: Option<String>,
    /// How it ended; `None` if it was killed, and always in 0.80 and before for a turn that completed.
    pub end: Option<RolloutEnd>,
    /// How long it took, as Codex measured it; in JSON `durationMs`.
    #[serde(rename = "durationMs", serialize_with = "in_milliseconds")]
    pub duration: Option<Duration>,
}

/// Says how a turn ended, as the rollout file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum RolloutEnd {
    /// It came to its end.
    Completed,
    /// It was aborted.
    #[non_exhaustive]
    Aborted {
        /// Why, such as `interrupted`.
        reason: Option<String>,
    },
}

#[expect(clippy::ref_option, reason = "serde hands over a reference")]
fn in_milliseconds<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    duration.map(|duration| duration.as_millis()).serialize(serializer)
}
