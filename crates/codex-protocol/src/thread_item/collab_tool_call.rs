//! [`CollabToolCall`]: what the agent does with other agents.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::open_words::open_words;
use crate::thread_id::ThreadId;

/// What the agent did with other agents, each of which has a thread of its own.
///
/// What those agents do, say and use is not in the stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CollabToolCall {
    /// What it did.
    pub tool: CollabTool,
    /// The thread of the agent that called.
    pub sender_thread_id: ThreadId,
    /// The threads of the agents that it is about.
    #[serde(default)]
    pub receiver_thread_ids: Vec<ThreadId>,
    /// What they were told.
    #[serde(default)]
    pub prompt: Option<String>,
    /// The agents as they are now; empty if waiting for them took too long.
    #[serde(default)]
    pub agents_states: BTreeMap<ThreadId, AgentState>,
    /// How far it came.
    pub status: CollabStatus,
}

impl CollabToolCall {
    pub(crate) fn is_known(&self) -> bool {
        self.tool.is_known()
            && self.status.is_known()
            && self.agents_states.values().all(|agent| agent.status.is_known())
    }
}

/// Another agent as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AgentState {
    /// How far it came.
    pub status: AgentStatus,
    /// What it said last.
    #[serde(default)]
    pub message: Option<String>,
}

open_words! {
    /// Names what one agent can do with another.
    pub enum CollabTool: "a tool's name" {
        /// Start one.
        SpawnAgent = "spawn_agent",
        /// Tell it something.
        SendInput = "send_input",
        /// Wait for it; resuming one is shown as this, too.
        Wait = "wait",
        /// End it.
        CloseAgent = "close_agent",
    }
}

open_words! {
    /// Says how far a call came.
    pub enum CollabStatus: "a call's status" {
        /// It has begun.
        InProgress = "in_progress",
        /// It is done.
        Completed = "completed",
        /// It failed.
        Failed = "failed",
    }
}

open_words! {
    /// Says how far another agent came.
    pub enum AgentStatus: "an agent's status" {
        /// It is being started.
        PendingInit = "pending_init",
        /// It works.
        Running = "running",
        /// It was interrupted.
        Interrupted = "interrupted",
        /// It is done.
        Completed = "completed",
        /// It failed.
        Errored = "errored",
        /// It was ended.
        Shutdown = "shutdown",
        /// There is no such agent.
        NotFound = "not_found",
    }
}
