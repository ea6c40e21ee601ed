//! [`TaskBegin`] and [`TaskEnd`]: what is known of a task of a record before its first turn and after its last.

use serde::{Deserialize, Serialize};

use crate::manifest::{OutputFile, RuleResult};

/// Says what is known of a task before its first Codex turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TaskBegin {
    /// Its name.
    pub task_id: String,
    /// The agent that works on it.
    pub agent: Option<String>,
    /// The files that go in, with their hashes.
    pub inputs: Vec<OutputFile>,
}

impl TaskBegin {
    /// Names a task without inputs.
    pub fn named(task_id: impl Into<String>) -> Self {
        Self { task_id: task_id.into(), agent: None, inputs: Vec::new() }
    }

    /// Names the agent that works on it.
    #[must_use = "this returns the changed begin"]
    pub fn agent(mut self, agent: impl Into<String>) -> Self {
        self.agent = Some(agent.into());
        self
    }

    /// Adds a file that goes in.
    #[must_use = "this returns the changed begin"]
    pub fn input(mut self, file: OutputFile) -> Self {
        self.inputs.push(file);
        self
    }
}

/// Says what a task came to after its last Codex turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TaskEnd {
    /// How it ended, in one word: `completed`, or why not.
    pub verdict: String,
    /// Why it ended so.
    pub reason: Option<String>,
    /// What was checked about it.
    pub validations: Vec<RuleResult>,
}

impl TaskEnd {
    /// A task that ended so and was not checked.
    pub fn new(verdict: impl Into<String>) -> Self {
        Self { verdict: verdict.into(), reason: None, validations: Vec::new() }
    }

    /// Says why it ended so.
    #[must_use = "this returns the changed end"]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Adds what a check said.
    #[must_use = "this returns the changed end"]
    pub fn validation(mut self, validation: RuleResult) -> Self {
        self.validations.push(validation);
        self
    }

    /// Whether the task was done.
    pub fn is_completed(&self) -> bool {
        self.verdict == "completed"
    }
}
