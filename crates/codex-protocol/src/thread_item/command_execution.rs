//! [`CommandExecution`]: a command that the agent ran.

use serde::{Deserialize, Serialize};

use crate::open_words::open_words;

/// A command that the agent ran.
///
/// Not every command has an item: one that is refused, or that fails at once in a sandbox, has none. One that
/// still runs when the turn ends is started and never completed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CommandExecution {
    /// The command as a shell would spell it, such as `/bin/bash -lc 'echo hi'`; for people, not for
    /// programs.
    pub command: String,
    /// Standard output and standard error in the order of arrival, empty until completed; at most 1 MiB.
    #[serde(default)]
    pub aggregated_output: String,
    /// The exit code; 128 and the signal's number for a signal; `None` until completed, or if it never ran.
    #[serde(default)]
    pub exit_code: Option<i64>,
    /// How far it came.
    pub status: CommandStatus,
}

open_words! {
    /// Says how far a command came.
    pub enum CommandStatus: "a command's status" {
        /// It runs.
        InProgress = "in_progress",
        /// It ended with exit code 0.
        Completed = "completed",
        /// It ended with another exit code.
        Failed = "failed",
        /// It was not allowed to run.
        Declined = "declined",
    }
}
