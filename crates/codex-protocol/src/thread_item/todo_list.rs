//! [`TodoList`]: the agent's plan.

use serde::{Deserialize, Serialize};

/// The agent's plan, in its last state when the turn ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TodoList {
    /// The steps of the plan.
    pub items: Vec<TodoItem>,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TodoItem {
    /// What is to be done.
    pub text: String,
    /// Whether it is done; a step that is being worked on is not told apart from one that waits.
    #[serde(default)]
    pub completed: bool,
}
