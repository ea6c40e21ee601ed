//! [`TurnBegin`] and [`TurnEnd`]: what is known of a Codex turn before its first line and after its last.

use std::path::PathBuf;
use std::time::Duration;

use codex_protocol::{RolloutSummary, ThreadId, TransportEnd, TurnUsage, Verdict};
use serde::{Deserialize, Serialize};

/// Says what is known of a Codex turn before its first line.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TurnBegin {
    /// What Codex is asked.
    pub prompt: String,
    /// The model, where this turn's differs from the header's.
    pub model: Option<String>,
    /// The sandbox, in Codex's word for it.
    pub sandbox: Option<String>,
    /// The thread that is resumed.
    pub resumed: Option<ThreadId>,
    /// What the turn is for.
    pub purpose: TurnPurpose,
}

/// Says what a Codex turn of a record is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum TurnPurpose {
    /// It does the work.
    #[default]
    Work,
    /// It only tells of the work: its answer is no statement of the agent's, and how it ends is not how the record
    /// ends.
    Report,
}

impl TurnBegin {
    /// A turn on a new thread.
    pub fn new(prompt: impl Into<String>) -> Self {
        Self { prompt: prompt.into(), model: None, sandbox: None, resumed: None, purpose: TurnPurpose::Work }
    }

    /// Names the model.
    #[must_use = "this returns the changed begin"]
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// Names the sandbox.
    #[must_use = "this returns the changed begin"]
    pub fn sandbox(mut self, sandbox: impl Into<String>) -> Self {
        self.sandbox = Some(sandbox.into());
        self
    }

    /// Names the thread that is resumed.
    #[must_use = "this returns the changed begin"]
    pub fn resumed(mut self, thread: ThreadId) -> Self {
        self.resumed = Some(thread);
        self
    }

    /// Says what the turn is for.
    #[must_use = "this returns the changed begin"]
    pub fn purpose(mut self, purpose: TurnPurpose) -> Self {
        self.purpose = purpose;
        self
    }
}

/// Says how a Codex turn ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TurnEnd {
    /// The verdict on it.
    pub verdict: Verdict,
    /// What became of its process, and why it was asked to stop, if it was.
    pub transport: TransportEnd,
    /// What it cost, as far as that is known.
    pub usage: TurnUsage,
    /// How long it took.
    pub elapsed: Duration,
    /// What Codex's own file of the thread adds.
    pub rollout: Option<RolloutSummary>,
    /// Where that file is.
    pub rollout_path: Option<PathBuf>,
    /// The thread, where it is not the one that the lines name.
    pub thread_id: Option<ThreadId>,
    /// The final response, where it is not the one that the lines have.
    pub final_response: Option<String>,
}

impl TurnEnd {
    /// Takes what every turn has; all else is unknown.
    pub fn new(verdict: Verdict, transport: TransportEnd, elapsed: Duration) -> Self {
        Self {
            verdict,
            transport,
            usage: TurnUsage::default(),
            elapsed,
            rollout: None,
            rollout_path: None,
            thread_id: None,
            final_response: None,
        }
    }

    /// Says what it cost.
    #[must_use = "this returns the changed end"]
    pub fn usage(mut self, usage: TurnUsage) -> Self {
        self.usage = usage;
        self
    }

    /// Adds what Codex's own file of the thread says.
    #[must_use = "this returns the changed end"]
    pub fn rollout(mut self, rollout: RolloutSummary) -> Self {
        self.rollout = Some(rollout);
        self
    }

    /// Says where that file is.
    #[must_use = "this returns the changed end"]
    pub fn rollout_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.rollout_path = Some(path.into());
        self
    }

    /// Names the thread.
    #[must_use = "this returns the changed end"]
    pub fn thread_id(mut self, thread: ThreadId) -> Self {
        self.thread_id = Some(thread);
        self
    }

    /// Gives the final response.
    #[must_use = "this returns the changed end"]
    pub fn final_response(mut self, response: impl Into<String>) -> Self {
        self.final_response = Some(response.into());
        self
    }
}
