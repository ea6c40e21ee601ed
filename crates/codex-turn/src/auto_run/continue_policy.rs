//! [`ContinuePolicy`]: what comes after a turn that completed and is not the last one yet.

use std::fmt;
use std::sync::Arc;

use super::Spent;
use super::check::{CheckOutcome, CheckReport};
use crate::TurnResult;

/// Decides what comes after a turn that completed while its checks do not all pass, or where there are none.
///
/// It decides from what it is shown and does nothing else, so that it can be tested as a table. The run acts:
/// limits and budgets hold whatever a policy says. A closure is one.
pub trait ContinuePolicy: Send + Sync {
    /// Decides.
    fn decide(&self, progress: &Progress<'_>) -> Next;
}

impl<F: Fn(&Progress<'_>) -> Next + Send + Sync> ContinuePolicy for F {
    fn decide(&self, progress: &Progress<'_>) -> Next {
        self(progress)
    }
}

impl ContinuePolicy for Box<dyn ContinuePolicy + '_> {
    fn decide(&self, progress: &Progress<'_>) -> Next {
        (**self).decide(progress)
    }
}

impl<P: ContinuePolicy + ?Sized> ContinuePolicy for Arc<P> {
    fn decide(&self, progress: &Progress<'_>) -> Next {
        (**self).decide(progress)
    }
}

/// What a policy decides from.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Progress<'a> {
    /// What the run was asked for.
    pub task: &'a str,
    /// How many turns have completed, this one included.
    pub completed_turns: u32,
    /// The turn that has just completed.
    pub turn: &'a TurnResult,
    /// What the checks said of it; empty if there are none.
    pub checks: &'a [CheckReport],
    /// What the run has used so far.
    pub spent: Spent,
}

impl<'a> Progress<'a> {
    /// Describes a moment of a run, for tests of policies.
    pub fn new(task: &'a str, completed_turns: u32, turn: &'a TurnResult, checks: &'a [CheckReport]) -> Self {
        Self { task, completed_turns, turn, checks, spent: Spent::default() }
    }

    pub(crate) fn spent(mut self, spent: Spent) -> Self {
        self.spent = spent;
        self
    }
}

/// What a policy decides.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Next {
    /// Another turn, with this prompt.
    #[non_exhaustive]
    Turn {
        /// The prompt.
        prompt: String,
    },
    /// The run is over.
    #[non_exhaustive]
    Stop {
        /// Why, for people.
        reason: String,
    },
}

impl Next {
    /// Asks for another turn.
    pub fn turn(prompt: impl Into<String>) -> Self {
        Self::Turn { prompt: prompt.into() }
    }

    /// Ends the run.
    pub fn stop(reason: impl Into<String>) -> Self {
        Self::Stop { reason: reason.into() }
    }
}

/// Runs one turn, and retries it where it fails, but never asks for another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to be said about it")]
pub struct Once;

impl ContinuePolicy for Once {
    fn decide(&self, _: &Progress<'_>) -> Next {
        Next::stop("one turn was asked for")
    }
}

/// Tells the agent what the checks said, until they all pass; the default. Without checks it is [`Once`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to be said about it")]
pub struct UntilSatisfied;

impl UntilSatisfied {
    /// How many bytes of what a check says become part of a prompt at most, whatever the check.
    pub const FEEDBACK_LIMIT_BYTES: usize = 64 << 10;
}

impl ContinuePolicy for UntilSatisfied {
    fn decide(&self, progress: &Progress<'_>) -> Next {
        let said: Vec<String> = progress.checks.iter().filter_map(feedback).collect();
        if said.is_empty() {
            return Next::stop("there is no check left to satisfy");
        }
        Next::turn(format!(
            "{}\n\nFind out why, put it right, and go on until it passes. What was asked for is still:\n\n{}",
            said.join("\n\n"),
            progress.task,
        ))
    }
}

/// What the agent is told of a check that did not pass.
fn feedback(check: &CheckReport) -> Option<String> {
    let CheckOutcome::Failed { output } = &check.outcome else { return None };
    let tail = tail(output, UntilSatisfied::FEEDBACK_LIMIT_BYTES);
    let fence = fence(tail);
    Some(format!("The check `{}` does not pass yet:\n\n{fence}text\n{tail}\n{fence}", check.name))
}

fn tail(text: &str, limit_bytes: usize) -> &str {
    let mut start = text.len().saturating_sub(limit_bytes);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

/// A fence that is longer than any run of backticks in the text, so that the text cannot end it.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat((longest + 1).max(3))
}

/// Asks these prompts in order, one after each turn that completed, unless the checks pass before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FixedPrompts(Vec<String>);

impl FixedPrompts {
    /// Takes the prompts that follow the first.
    pub fn new<P: Into<String>>(prompts: impl IntoIterator<Item = P>) -> Self {
        Self(prompts.into_iter().map(Into::into).collect())
    }
}

impl ContinuePolicy for FixedPrompts {
    fn decide(&self, progress: &Progress<'_>) -> Next {
        let asked = usize::try_from(progress.completed_turns).unwrap_or(usize::MAX).saturating_sub(1);
        self.0.get(asked).map_or_else(|| Next::stop("all prompts were asked"), Next::turn)
    }
}

impl fmt::Debug for dyn ContinuePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContinuePolicy(..)")
    }
}

#[cfg(test)]
mod tests;
