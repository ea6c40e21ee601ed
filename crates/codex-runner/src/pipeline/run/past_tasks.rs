//! [`PastTasks`]: the tasks of a pipeline that an earlier process has begun.

use codex_ledger::record::{ResumedTask, ResumedTurn, TurnPurpose};
use codex_protocol::ThreadId;

use super::task_accounts::TaskAccounts;
use super::task_outcome::{TaskOutcome, TaskVerdict};
use crate::pipeline::{ChosenTask, PlannedTask};
use crate::report::AgentReport;

/// What an earlier process has done; nothing where there was none.
#[derive(Debug, Default)]
pub(crate) struct PastTasks {
    tasks: Vec<PastTask>,
    /// What the agents of finished tasks have said.
    pub(crate) accounts: TaskAccounts,
    /// The thread that all tasks share.
    pub(crate) shared: Option<ThreadId>,
}

/// A task that was begun.
#[derive(Debug)]
struct PastTask {
    position: usize,
    thread: Option<ThreadId>,
    result: Option<TaskOutcome>,
}

impl PastTasks {
    /// Reads what the record has. Its tasks are the first of those that were chosen.
    pub(crate) fn of(
        chosen: &[ChosenTask],
        titles: &[String],
        tasks: &[ResumedTask],
        turns: &[ResumedTurn],
    ) -> Self {
        let mut past = Self::default();
        let work = turns.iter().rev().filter(|turn| turn.purpose == TurnPurpose::Work);
        past.shared = work.clone().find_map(|turn| turn.thread.clone());
        for (at, (task, chosen)) in tasks.iter().zip(chosen).enumerate() {
            let number = u32::try_from(at).map_or(u32::MAX, |at| at + 1);
            let thread =
                work.clone().filter(|turn| turn.task == Some(number)).find_map(|turn| turn.thread.clone());
            if task.end.is_some() {
                let mut messages = work.clone().filter(|turn| turn.task == Some(number));
                let said = messages.find_map(|turn| turn.final_message.clone());
                past.accounts.push(titles.get(at).map_or("", String::as_str), report(turns, number), said);
            }
            let result = task.end.as_ref().map(|end| TaskOutcome {
                verdict: if end.is_completed() { TaskVerdict::Completed } else { TaskVerdict::Failed },
                reason: end.reason.clone(),
                is_earlier: true,
                thread_id: thread.clone(),
                ..TaskOutcome::not_run(chosen.position, &chosen.id)
            });
            past.tasks.push(PastTask { position: chosen.position, thread, result });
        }
        past
    }

    /// What a task came to, if it has ended.
    pub(crate) fn finished(&self, task: &PlannedTask) -> Option<TaskOutcome> {
        self.find(task)?.result.clone()
    }

    /// Whether a task was begun.
    pub(crate) fn is_begun(&self, task: &PlannedTask) -> bool {
        self.find(task).is_some()
    }

    /// The thread of a task that was cut off.
    pub(crate) fn interrupted(&self, task: &PlannedTask) -> Option<ThreadId> {
        self.find(task)?.thread.clone()
    }

    fn find(&self, task: &PlannedTask) -> Option<&PastTask> {
        self.tasks.iter().find(|past| past.position == task.position)
    }
}

/// What the agent of a task has said, if it was asked.
fn report(turns: &[ResumedTurn], number: u32) -> Option<Result<AgentReport, String>> {
    let asked = |turn: &&ResumedTurn| turn.purpose == TurnPurpose::Report && turn.task == Some(number);
    let turn = turns.iter().rev().find(asked)?;
    let answer = turn.final_message.as_deref().unwrap_or_default();
    Some(AgentReport::read(answer).map_err(|error| error.to_string()))
}
