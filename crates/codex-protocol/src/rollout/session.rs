//! [`RolloutSession`]: what the file says about the thread as a whole.

use serde::Serialize;

use super::line::RolloutLine;
use crate::thread_id::ThreadId;

/// Says what a rollout file's first line says about its thread.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RolloutSession {
    /// The thread.
    pub id: Option<ThreadId>,
    /// The folder in which the thread began.
    pub cwd: Option<String>,
    /// The release of Codex that began it.
    pub cli_version: Option<String>,
    /// The provider of its model; not written by 0.44.
    pub model_provider: Option<String>,
    /// The program that it began for.
    pub originator: Option<String>,
}

impl RolloutSession {
    pub(super) fn read(line: &RolloutLine) -> Self {
        Self {
            id: line.text("id").map(ThreadId::from_wire),
            cwd: line.owned("cwd"),
            cli_version: line.owned("cli_version"),
            model_provider: line.owned("model_provider"),
            originator: line.owned("originator"),
        }
    }
}
