//! [`TurnHeader`]: what is known of a turn before it starts.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::record::git_mode::GitMode;
use crate::texts::ContextValue;

/// Says what is known of a turn before it starts.
///
/// ```
/// use codex_ledger::{GitMode, TaskHeader, TurnHeader};
///
/// let header = TurnHeader::new(TaskHeader::named("add-tests"), "codex@0.169.0", "codex-turns@0.1.0")
///     .git_mode(GitMode::Commit);
/// assert_eq!(header.task.name, "add-tests");
/// assert_eq!(header.initiator, None, "then it is git's `user.name`");
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TurnHeader {
    /// What is to be done.
    pub task: TaskHeader,
    /// Who asked for it; git's `user.name` where nobody is named.
    pub initiator: Option<String>,
    /// The agent and its release, such as `codex@0.169.0`.
    pub agent: String,
    /// The model, where the caller chose one.
    pub model: Option<String>,
    /// What to do with git.
    pub git_mode: GitMode,
    /// The values of the session's and the project's context.
    pub context: Vec<ContextValue>,
    /// The program that records and its release, such as `codex-turns@0.1.0`.
    pub tool: String,
    /// The application implementation pattern in force.
    pub pattern: Option<Pattern>,
    /// What the caller needs to go on with the record after a crash; where it is given, recovery leaves the record
    /// open for [`FileLedger::resume_turn`](crate::record::FileLedger::resume_turn).
    pub continuation: Option<Value>,
}

impl TurnHeader {
    /// Takes what every record names; all else is unknown, and nothing is committed.
    pub fn new(task: TaskHeader, agent: impl Into<String>, tool: impl Into<String>) -> Self {
        Self {
            task,
            initiator: None,
            agent: agent.into(),
            model: None,
            git_mode: GitMode::default(),
            context: Vec::new(),
            tool: tool.into(),
            pattern: None,
            continuation: None,
        }
    }

    /// Names who asked for it.
    #[must_use = "this returns the changed header"]
    pub fn initiator(mut self, initiator: impl Into<String>) -> Self {
        self.initiator = Some(initiator.into());
        self
    }

    /// Names the model.
    #[must_use = "this returns the changed header"]
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// Says what to do with git.
    #[must_use = "this returns the changed header"]
    pub fn git_mode(mut self, mode: GitMode) -> Self {
        self.git_mode = mode;
        self
    }

    /// Adds values of the session's and the project's context.
    #[must_use = "this returns the changed header"]
    pub fn context(mut self, values: impl IntoIterator<Item = ContextValue>) -> Self {
        self.context.extend(values);
        self
    }

    /// Names the pattern in force.
    #[must_use = "this returns the changed header"]
    pub fn pattern(mut self, pattern: Pattern) -> Self {
        self.pattern = Some(pattern);
        self
    }

    /// Lets the record be gone on with after a crash, and says what the caller needs for that.
    #[must_use = "this returns the changed header"]
    pub fn continuation(mut self, continuation: impl Into<Value>) -> Self {
        self.continuation = Some(continuation.into());
        self
    }
}

/// Names a task and what it was given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TaskHeader {
    /// Its name, any text; the index holds a tamed form of it.
    pub name: String,
    /// The files it was given, relative to the project root.
    pub inputs: Vec<String>,
    /// Its parameters.
    pub parameters: Map<String, Value>,
}

impl TaskHeader {
    /// Names a task without inputs and parameters.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Adds a file that the task was given.
    #[must_use = "this returns the changed task"]
    pub fn input(mut self, path: impl Into<String>) -> Self {
        self.inputs.push(path.into());
        self
    }

    /// Sets a parameter.
    #[must_use = "this returns the changed task"]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.parameters.insert(name.into(), value.into());
        self
    }
}

/// Names an application implementation pattern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Pattern {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub path: String,
}

impl Pattern {
    /// Takes a name and a place.
    pub fn new(name: impl Into<String>, path: impl Into<String>) -> Self {
        Self { name: name.into(), path: path.into() }
    }
}
