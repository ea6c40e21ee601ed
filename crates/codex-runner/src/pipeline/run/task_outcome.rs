//! [`TaskOutcome`]: what one task of a pipeline came to.

use std::sync::Arc;

use codex_protocol::ThreadId;
use codex_turn::Spent;

use crate::checks::SandboxRefusal;
use crate::record::RunEnd;
use crate::report::AgentAccount;

/// What one task of a pipeline came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TaskOutcome {
    /// Its place in the pipeline, counted from 1.
    pub position: usize,
    /// Its id.
    pub task_id: String,
    /// How it ended.
    pub verdict: TaskVerdict,
    /// Why it ended so, in a sentence.
    pub reason: Option<String>,
    /// Whether an earlier process ran it.
    pub is_earlier: bool,
    /// Its thread.
    pub thread_id: Option<ThreadId>,
    /// How many turns it took; unknown of one that an earlier process ran.
    pub turns: Option<usize>,
    /// What it used, its report left out.
    pub spent: Option<Spent>,
    /// What came of asking the agent for its account.
    pub account: Option<AccountEntry>,
    /// How its turns ended, if it did not complete.
    pub run: Option<Arc<RunEnd>>,
    /// What the sandbox refused the last of its commands, if it failed because of that.
    pub refusal: Option<SandboxRefusal>,
}

/// Says how a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskVerdict {
    /// It is done.
    Completed,
    /// It is not.
    Failed,
    /// It was stopped.
    Cancelled,
    /// It was not begun.
    NotRun,
}

/// What came of asking the agent of a task for its account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountEntry {
    /// Why there is none that can be used.
    pub problem: Option<String>,
    /// How many decisions it states.
    pub decisions: usize,
    /// What asking has used, if that is known.
    pub tokens: Option<u64>,
}

impl TaskOutcome {
    /// A task that was not begun.
    pub(crate) fn not_run(position: usize, task_id: &str) -> Self {
        Self {
            position,
            task_id: task_id.to_owned(),
            verdict: TaskVerdict::NotRun,
            reason: None,
            is_earlier: false,
            thread_id: None,
            turns: None,
            spent: None,
            account: None,
            run: None,
            refusal: None,
        }
    }

    /// Returns the tokens that it has used together with its report, and whether that is all of them.
    pub fn tokens(&self) -> (u64, bool) {
        let spent =
            self.spent.map_or((0, !self.is_earlier), |spent| (spent.tokens, spent.unknown_turns == 0));
        match &self.account {
            Some(account) => (spent.0 + account.tokens.unwrap_or(0), spent.1 && account.tokens.is_some()),
            None => spent,
        }
    }
}

impl TaskVerdict {
    /// Returns the word for programs: `completed`, `failed`, `cancelled` or `notRun`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::NotRun => "notRun",
        }
    }
}

impl From<&AgentAccount> for AccountEntry {
    fn from(account: &AgentAccount) -> Self {
        let (problem, decisions) = match &account.report {
            Ok(report) => (None, report.decisions().len()),
            Err(why) => (Some(why.clone()), 0),
        };
        Self { problem, decisions, tokens: account.tokens }
    }
}
