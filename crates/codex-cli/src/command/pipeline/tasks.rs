//! [`Tasks`]: the tasks of a plan, run one after the other into one record.

use std::path::Path;
use std::sync::Arc;

use codex_exec::Program;
use codex_ledger::{OutputFile, TaskBegin, TaskEnd, TurnBegin};
use codex_protocol::ThreadId;
use codex_runner::{
    InputState, OnFailure, PipelinePlan, PipelineRequest, PlannedTask, TaskInput, TaskPrompt, TaskSelection,
    TaskTarget, ThreadUse,
};
use codex_turn::Thread;
use tokio_util::sync::CancellationToken;

use super::super::account::Asking;
use super::super::auto::{self, Conduct, Course, End};
use super::super::leftovers::killed;
use super::accounts::Accounts;
use super::event::PipelineEvent;
use super::judgement::Judgement;
use super::past::Past;
use super::report::{ReportEntry, TaskResult};
use crate::arguments::{PipelineRunArguments, ReportBy, Resume, RunArguments};
use crate::checks::{Noticing, Surroundings};
use crate::conduct::Show;
use crate::console::Console;
use crate::exit_code::Code;
use crate::failure::Failure;
use crate::interrupts::{Interrupt, Interrupts};
use crate::record::Recording;
use crate::render::{Line, Tone};
use crate::setup;

/// Asks an agent whose turn was cut off to go on.
const GO_ON: &str = "\
The program that ran this turn was cut off in the middle of the task. What you did until then is in this conversation \
and in the files. Look at what is there, do not begin again what is done, and finish the task.";

/// What the tasks are run with.
pub(super) struct Tasks<'a> {
    pub(super) request: &'a PipelineRequest,
    pub(super) plan: &'a PipelinePlan,
    pub(super) selection: &'a TaskSelection,
    pub(super) arguments: &'a PipelineRunArguments,
    /// The flags of the turns, and where they say nothing the settings of the project.
    pub(super) complete: &'a RunArguments,
    pub(super) agent: &'a str,
    pub(super) program: &'a Program,
    pub(super) recording: &'a Recording,
    pub(super) root: &'a Path,
    pub(super) surroundings: Surroundings<'a>,
    pub(super) show: Show,
    pub(super) console: &'a Console,
}

/// How the tasks went.
#[derive(Debug)]
pub(super) struct Went {
    pub(super) tasks: Vec<TaskResult>,
    pub(super) accounts: Accounts,
    pub(super) code: Code,
    pub(super) interrupt: Option<Interrupt>,
    /// What went wrong, a sentence for each, and what to do about it.
    pub(super) problems: Vec<(String, Option<String>)>,
    /// The thread that all tasks shared.
    pub(super) shared: Option<ThreadId>,
}

/// How one task went.
struct Done {
    result: TaskResult,
    code: Code,
    hint: Option<String>,
    interrupt: Option<Interrupt>,
}

/// What a task has of its own while it runs.
struct Own {
    /// Which of how many it is.
    place: String,
    thread: Thread,
    /// Whether an earlier process has begun it.
    is_begun: bool,
}

/// Tells a person or a program, as it was asked.
pub(super) async fn tell(console: &Console, show: Show, line: Line, event: &PipelineEvent<'_>) {
    match show {
        Show::Progress => console.lines(vec![line]).await,
        Show::RawLines => console.object(event.to_json()).await,
        Show::Nothing => {}
    }
}

/// What is shown of what is no step of a run: for programs nothing, since it is no event.
pub(super) fn aside(show: Show) -> Show {
    if show == Show::RawLines { Show::Nothing } else { show }
}

impl Tasks<'_> {
    /// Runs the tasks that are left.
    pub(super) async fn run(
        &self,
        mut past: Past,
        mut interrupt: Option<Interrupt>,
        interrupts: &mut Interrupts,
    ) -> Result<Went, Failure> {
        let mut went = Went {
            tasks: Vec::new(),
            accounts: std::mem::take(&mut past.accounts),
            code: Code::Completed,
            interrupt: None,
            problems: Vec::new(),
            shared: None,
        };
        let shared = match self.arguments.thread {
            ThreadUse::Shared => Some(self.thread(past.shared.clone())?),
            ThreadUse::PerTask => None,
        };
        let count = self.plan.tasks.len();
        let mut stopped = false;
        for task in self.selection.tasks(self.plan) {
            let done = if let Some(result) = past.finished(task) {
                let code = if result.verdict == "completed" { Code::Completed } else { Code::Failed };
                Done { result, code, hint: None, interrupt: None }
            } else if stopped || interrupt.is_some() {
                Done { result: TaskResult::not_run(task), code: Code::Completed, hint: None, interrupt: None }
            } else {
                let place = format!("task {} of {count}", task.position);
                let line = Line::new(Tone::Strong, &format!("{place}: ")).and_long(&task.title);
                self.tell(line, &PipelineEvent::started(task)).await;
                let own = match &shared {
                    Some(thread) => thread.clone(),
                    None => self.thread(past.interrupted(task))?,
                };
                let own = Own { place, thread: own, is_begun: past.is_begun(task) };
                let done = self.task(task, &own, &mut went.accounts, interrupts).await;
                self.tell(done.line(), &PipelineEvent::TaskEnded(&done.result)).await;
                done
            };
            interrupt = interrupt.or(done.interrupt);
            if done.code != Code::Completed {
                stopped |= self.arguments.on_failure == OnFailure::Stop;
                if went.code == Code::Completed {
                    went.code = done.code;
                }
                went.problems.push((done.result.sentence(), done.hint));
            }
            went.tasks.push(done.result);
        }
        if let Some(heard) = interrupt {
            went.code = Code::of_interrupt(Some(heard));
        }
        went.interrupt = interrupt;
        went.shared = shared.and_then(|thread| thread.id());
        Ok(went)
    }

    /// The thread of a task: a new one, or one that goes on.
    fn thread(&self, id: Option<ThreadId>) -> Result<Thread, Failure> {
        let resume = id.map(Resume::Thread);
        setup::thread(&RunArguments { resume, ..self.complete.clone() }, self.program)
    }

    async fn task(
        &self,
        task: &PlannedTask,
        own: &Own,
        accounts: &mut Accounts,
        interrupts: &mut Interrupts,
    ) -> Done {
        let Own { thread, is_begun, .. } = own;
        let inputs = self.request.inputs(self.plan, task);
        if !*is_begun {
            let begin = self.begin(task, &inputs);
            self.recording.with_log(move |log| log.begin_task(begin)).await;
        }
        let mut result = TaskResult::not_run(task);
        let missing = inputs.iter().find(|input| input.state == InputState::Missing);
        let (ended, interrupt) = if let Some(input) = missing {
            let reason = format!("its input {} is not there", input.path);
            (Judgement::failed(Code::Failed, reason), None)
        } else {
            let resumes = *is_begun && thread.id().is_some();
            let prompt = TaskPrompt::new(self.plan, task).inputs(&inputs).render();
            let prompt = if resumes { GO_ON.to_owned() } else { prompt };
            let commands = self.surroundings.commands_of_until();
            let course = self.turns(&prompt, own, commands.clone(), interrupts).await;
            let interrupt = course.interrupt;
            let mut judgement = Judgement::of(course, &mut result);
            if judgement.code != Code::Completed {
                judgement.hint = commands.hint().or(judgement.hint);
            }
            (judgement, interrupt)
        };
        result.thread_id = thread.id();
        (result.verdict, result.reason) = (ended.verdict, ended.reason.clone());
        let (mut interrupted, mut report) = (interrupt, None);
        if let (Some(id), true, None) = (&result.thread_id, self.asks_after(&ended), interrupt) {
            let asking = Asking { arguments: self.complete, program: self.program, thread: id };
            let account = asking.ask(self.recording, aside(self.show), self.console, interrupts).await;
            result.report = Some(ReportEntry::from(&account));
            interrupted = account.interrupt;
            report = Some(account.report);
        }
        accounts.push(&task.title, report, ended.said);
        let mut end = TaskEnd::new(ended.verdict);
        if let Some(reason) = ended.reason {
            end = end.reason(reason);
        }
        let end = ended.validations.into_iter().fold(end, TaskEnd::validation);
        self.recording.with_log(move |log| log.end_task(end)).await;
        Done { result, code: ended.code, hint: ended.hint, interrupt: interrupted }
    }

    /// Runs turns until the checks pass.
    async fn turns(
        &self,
        prompt: &str,
        own: &Own,
        commands: Arc<Noticing>,
        interrupts: &mut Interrupts,
    ) -> Course {
        let thread = &own.thread;
        let cancel = CancellationToken::new();
        let run = thread.run_auto(prompt).each_turn(setup::shape(self.complete)).cancel(cancel.clone());
        let run = run.commands(commands);
        let until = self.arguments.checks_of_tasks();
        let limits = &self.arguments.limits;
        let run = auto::limited(auto::checked(run, &until, self.surroundings), limits)
            .observe(self.recording.observer());
        let mut begin = TurnBegin::new(prompt);
        if let Some(model) = &self.complete.codex.model {
            begin = begin.model(model);
        }
        if let Some(sandbox) = self.complete.codex.sandbox {
            begin = begin.sandbox(sandbox.as_str());
        }
        if let Some(id) = thread.id() {
            begin = begin.resumed(id);
        }
        let conduct = Conduct {
            show: self.show,
            within: Some(own.place.clone()),
            root: self.root.to_owned(),
            budget_tokens: limits.budget_tokens,
            console: self.console,
            interrupts,
            cancel: cancel.clone(),
            program: self.program,
            recording: Some(self.recording),
            begin,
        };
        let course = auto::conduct(run, conduct).await;
        // A check that was stopped with the run is killed behind it.
        if matches!(course.end, End::Abandoned { .. }) || cancel.is_cancelled() {
            killed().await;
        }
        course
    }

    /// Whether the agent is asked for its account after a task that ended so.
    fn asks_after(&self, ended: &Judgement) -> bool {
        self.arguments.report == ReportBy::Agent
            && self.arguments.thread == ThreadUse::PerTask
            && ended.code == Code::Completed
    }

    fn begin(&self, task: &PlannedTask, inputs: &[TaskInput]) -> TaskBegin {
        let agent = match &task.target {
            TaskTarget::Agent(call) => format!("{} ({})", call.name, self.agent),
            TaskTarget::File { .. } | _ => self.agent.to_owned(),
        };
        let mut begin = TaskBegin::named(&task.id).agent(agent);
        if let TaskTarget::File { file, .. } = &task.target {
            begin = begin.input(OutputFile::hashed(&file.path, &file.sha256));
        }
        let files = inputs.iter().filter_map(|input| Some((&input.path, input.sha256.as_ref()?)));
        files.fold(begin, |begin, (path, hash)| begin.input(OutputFile::hashed(path, hash)))
    }

    async fn tell(&self, line: Line, event: &PipelineEvent<'_>) {
        tell(self.console, self.show, line, event).await;
    }
}

impl Done {
    fn line(&self) -> Line {
        let (tone, mark) =
            if self.code == Code::Completed { (Tone::Good, "✓") } else { (Tone::Bad, "✗") };
        let turns = match self.result.turns {
            Some(1) => " in 1 turn".to_owned(),
            Some(turns) => format!(" in {turns} turns"),
            None => String::new(),
        };
        let line = Line::new(tone, &format!("{mark} task {} {}", self.result.position, self.result.verdict));
        let line = line.and(Tone::Plain, &turns);
        match &self.result.reason {
            Some(reason) => line.and(Tone::Plain, ": ").and_long(reason),
            None => line,
        }
    }
}

impl TaskResult {
    /// A task that nobody has begun.
    fn not_run(task: &PlannedTask) -> Self {
        Self {
            position: task.position,
            task_id: task.id.clone(),
            verdict: "notRun",
            reason: None,
            earlier: false,
            thread_id: None,
            turns: None,
            spent: None,
            report: None,
        }
    }

    /// What went wrong with it.
    fn sentence(&self) -> String {
        let reason = self.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        format!("task {} ({}) {}{reason}", self.position, self.task_id, self.verdict)
    }
}
