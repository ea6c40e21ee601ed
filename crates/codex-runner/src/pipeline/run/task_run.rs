//! [`TaskRuns`]: the tasks that are left of a plan, run one after the other.

use std::sync::Arc;

use codex_exec::CommandSpec;
use codex_ledger::TurnBegin;
use codex_ledger::manifest::{OutputFile, RuleResult, RuleStatus};
use codex_ledger::record::{TaskBegin, TaskEnd};
use codex_protocol::ThreadId;
use codex_turn::{
    AutoRun, AutoRunReport, Budget, Codex, CommandCheck, RetryPolicy, StepReport, StopReason, Thread,
};

use super::PlannedPipeline;
use super::past_tasks::PastTasks;
use super::task_accounts::TaskAccounts;
use super::task_outcome::{TaskOutcome, TaskVerdict};
use crate::causes::causes;
use crate::pipeline::{InputState, PipelinePlan, PlannedTask, TaskInput, TaskPrompt, TaskTarget};
use crate::record::{PreparedTurns, RecordChoices, Recording, RunEnd, conduct};
use crate::run::WorkStage;
use crate::runner_event::RunnerEvent;
use crate::work::{OnFailure, ReportSource, RunLimits, ThreadUse};

/// Asks an agent whose turn was cut off to continue.
const GO_ON: &str = "\
The program that ran this turn was cut off in the middle of the task. What you did until then is in this conversation \
and in the files. Look at what is there, do not begin again what is done, and finish the task.";

/// How often a run retries in all, unless one turn alone may do so more often.
const RETRIES: u32 = 10;

/// What the tasks are run with.
pub(super) struct TaskRuns<'a> {
    pub(super) pipeline: &'a PlannedPipeline,
    /// The plan with the number and the start of the turn in it.
    pub(super) plan: &'a PipelinePlan,
    pub(super) codex: &'a Codex,
    pub(super) prepared: &'a PreparedTurns<'a>,
    pub(super) choices: &'a RecordChoices,
    /// The agent, as records name it.
    pub(super) agent: &'a str,
    pub(super) recording: &'a Recording,
    pub(super) stage: &'a WorkStage,
}

/// What the tasks came to.
#[derive(Debug)]
pub(super) struct TasksDone {
    pub(super) tasks: Vec<TaskOutcome>,
    pub(super) accounts: TaskAccounts,
    pub(super) is_stopped: bool,
    /// The thread that all tasks shared.
    pub(super) shared: Option<ThreadId>,
}

/// What a task came to, and what else the record needs to know of it.
struct TaskDone {
    outcome: TaskOutcome,
    is_stopped: bool,
}

impl TaskRuns<'_> {
    /// Runs the tasks that are left.
    pub(super) async fn run(&self, mut past: PastTasks, mut is_stopped: bool) -> TasksDone {
        let work = &self.pipeline.work;
        let mut accounts = std::mem::take(&mut past.accounts);
        let shared = match work.thread {
            ThreadUse::Shared => Some(self.thread(past.shared.clone())),
            ThreadUse::PerTask => None,
        };
        let mut outcomes = Vec::new();
        let mut has_failed = false;
        for task in self.pipeline.selection.tasks(self.plan) {
            let outcome = if let Some(outcome) = past.finished(task) {
                outcome
            } else if has_failed || is_stopped {
                TaskOutcome::not_run(task.position, &task.id)
            } else {
                self.stage
                    .emit(RunnerEvent::TaskStarted {
                        position: task.position,
                        of: self.plan.tasks.len(),
                        task_id: task.id.clone(),
                        title: task.title.clone(),
                    })
                    .await;
                let thread = match &shared {
                    Some(thread) => thread.clone(),
                    None => self.thread(past.interrupted(task)),
                };
                let done = self.task(task, &thread, past.is_begun(task), &mut accounts).await;
                is_stopped |= done.is_stopped;
                self.stage.emit(RunnerEvent::TaskEnded(Box::new(done.outcome.clone()))).await;
                done.outcome
            };
            let is_done = outcome.verdict == TaskVerdict::Completed;
            let was_begun = outcome.verdict != TaskVerdict::NotRun;
            has_failed |= was_begun && !is_done && work.on_failure == OnFailure::Stop;
            outcomes.push(outcome);
        }
        let shared = shared.and_then(|thread| thread.id());
        TasksDone { tasks: outcomes, accounts, is_stopped, shared }
    }

    /// The thread of a task: a new one, or one that is resumed.
    fn thread(&self, id: Option<ThreadId>) -> Thread {
        let options = self.pipeline.work.work.thread_options(self.pipeline.project.root());
        match id {
            Some(id) => self.codex.resume_thread(id, options),
            None => self.codex.start_thread(options),
        }
    }

    async fn task(
        &self,
        task: &PlannedTask,
        thread: &Thread,
        is_begun: bool,
        accounts: &mut TaskAccounts,
    ) -> TaskDone {
        let inputs = self.pipeline.request.inputs(self.plan, task);
        if !is_begun {
            let begin = self.begin(task, &inputs);
            self.recording.with_log(move |log| log.begin_task(begin)).await;
        }
        let mut outcome = TaskOutcome::not_run(task.position, &task.id);
        let (mut said, mut validations, mut is_stopped) = (None, Vec::new(), false);
        if let Some(input) = inputs.iter().find(|input| input.state == InputState::Missing) {
            outcome.verdict = TaskVerdict::Failed;
            outcome.reason = Some(format!("its input {} is not there", input.path));
        } else {
            let prompt = if is_begun && thread.id().is_some() {
                GO_ON.to_owned()
            } else {
                TaskPrompt::new(self.plan, task).inputs(&inputs).render()
            };
            let commands = self.prepared.surroundings(self.choices).commands_of_run();
            let stops = self.stage.begin(RunnerEvent::Working).await;
            let run = self.limited(thread, &prompt).commands(commands.clone());
            let begin = self.begin_turn(&prompt, thread);
            let end = conduct(run, self.stage, &stops, Some(self.recording), begin).await;
            is_stopped = stops.stop.is_cancelled();
            (said, validations) = outcome.judge(&end);
            if outcome.verdict != TaskVerdict::Completed {
                outcome.refusal = commands.refusal();
                outcome.run = Some(Arc::new(end));
            }
        }
        outcome.thread_id = thread.id();
        let mut report = None;
        if let (Some(id), true, false) = (&outcome.thread_id, self.asks_after(&outcome), is_stopped) {
            let request = self.prepared.follow_up_on(id.clone());
            if let Some(request) = request {
                let account = request.ask(self.recording, self.stage).await;
                outcome.account = Some((&account).into());
                is_stopped = account.is_stopped;
                report = Some(account.report);
            }
        }
        accounts.push(&task.title, report, said);
        let mut end = TaskEnd::new(outcome.verdict.word());
        if let Some(reason) = &outcome.reason {
            end = end.reason(reason);
        }
        let end = validations.into_iter().fold(end, TaskEnd::validation);
        self.recording.with_log(move |log| log.end_task(end)).await;
        TaskDone { outcome, is_stopped }
    }

    /// The run of turns of a task, with the checks and limits of the pipeline.
    fn limited(&self, thread: &Thread, prompt: &str) -> AutoRun {
        let work = &self.pipeline.work;
        let turns = work.work.clone();
        let prepared = self.prepared.each_turn();
        let run = thread.run_auto(prompt).each_turn(move |turn| prepared(turns.limited(turn)));
        let gates = work.until.iter().map(|command| CommandCheck::new(CommandSpec::shell(command)));
        let run = gates.fold(run, AutoRun::until);
        work.limits.apply(run)
    }

    fn begin_turn(&self, prompt: &str, thread: &Thread) -> TurnBegin {
        let mut begin = self.prepared.begin();
        prompt.clone_into(&mut begin.prompt);
        match thread.id() {
            Some(id) => begin.resumed(id),
            None => begin,
        }
    }

    /// Whether the agent is asked for its account after a task that ended so.
    fn asks_after(&self, outcome: &TaskOutcome) -> bool {
        let work = &self.pipeline.work;
        work.work.report == ReportSource::Agent
            && work.thread == ThreadUse::PerTask
            && outcome.verdict == TaskVerdict::Completed
    }

    fn begin(&self, task: &PlannedTask, inputs: &[TaskInput]) -> TaskBegin {
        let agent = match &task.target {
            TaskTarget::Agent(call) => format!("{} ({})", call.name, self.agent),
            TaskTarget::File { .. } => self.agent.to_owned(),
        };
        let mut begin = TaskBegin::named(&task.id).agent(agent);
        if let TaskTarget::File { file, .. } = &task.target {
            begin = begin.input(OutputFile::hashed(&file.path, &file.sha256));
        }
        let files = inputs.iter().filter_map(|input| Some((&input.path, input.sha256.as_ref()?)));
        files.fold(begin, |begin, (path, hash)| begin.input(OutputFile::hashed(path, hash)))
    }
}

impl RunLimits {
    /// Sets the limits of a run.
    pub fn apply(&self, run: AutoRun) -> AutoRun {
        let retry = RetryPolicy::default().attempts(self.retry).total(self.retry.max(RETRIES));
        let mut run =
            run.max_turns(self.max_turns.get()).retry(retry).stop_without_progress(self.stalled_turns.get());
        if let Some(tokens) = self.budget_tokens {
            run = run.budget(Budget::tokens(tokens));
        }
        if let Some(time) = self.budget_time {
            run = run.total_limit(time);
        }
        run
    }
}

impl TaskOutcome {
    /// Judges the turns of the task; returns what the agent said last of the work, and what the checks said last.
    fn judge(&mut self, end: &RunEnd) -> (Option<String>, Vec<RuleResult>) {
        let report = match &end.report {
            Ok(report) => report,
            Err(error) => {
                self.verdict = TaskVerdict::Failed;
                self.reason = Some(causes(error));
                return (None, Vec::new());
            }
        };
        (self.turns, self.spent) = (Some(report.steps.len()), Some(report.spent));
        let last = report.steps.last();
        let validations = last.map(validations).unwrap_or_default();
        (self.verdict, self.reason) = match &report.stop {
            _ if end.was_killed => (TaskVerdict::Cancelled, None),
            // Without a check the first turn that completes is the task.
            StopReason::Policy { .. }
                if validations.is_empty() && last.is_some_and(StepReport::is_completed) =>
            {
                (TaskVerdict::Completed, None)
            }
            StopReason::Satisfied => (TaskVerdict::Completed, None),
            StopReason::Cancelled => (TaskVerdict::Cancelled, None),
            stop @ (StopReason::TurnLimit { .. }
            | StopReason::Budget { .. }
            | StopReason::NoProgress { .. }
            | StopReason::Policy { .. }
            | StopReason::Time { .. }
            | StopReason::Failed { .. }
            | StopReason::Check { .. }
            | _) => (TaskVerdict::Failed, Some(stop.to_string())),
        };
        (said(report), validations)
    }
}

fn said(report: &AutoRunReport) -> Option<String> {
    report.final_response().map(str::to_owned)
}

fn validations(step: &StepReport) -> Vec<RuleResult> {
    let status = |is_passed: bool| if is_passed { RuleStatus::Pass } else { RuleStatus::Fail };
    step.checks.iter().map(|check| RuleResult::new(&check.name, status(check.outcome.is_passed()))).collect()
}
