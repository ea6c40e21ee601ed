//! [`Engine`]: the loop. Run a turn, ask the checks, ask the policy, act.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use codex_exec::RuntimeError;
use codex_protocol::with_causes;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::field::{Empty, display};
use tracing::{Instrument, Span, info, info_span};

use super::budget::{BudgetEnd, BudgetKind, Spending};
use super::calls_told::CallsTold;
use super::check::{CheckContext, CheckOutcome, CheckReport, Surroundings};
use super::continue_policy::{Next, Progress};
use super::halt::Halt;
use super::meter::TurnMeter;
use super::outlet::RunOutlet;
use super::past_work::PastWork;
use super::retry_policy::{Retries, Retry};
use super::settings::AutoRunSettings;
use super::stall::Stall;
use super::{AutoRun, AutoRunError, AutoRunEvent, AutoRunReport, StepKind, StepReport, StopReason};
use crate::{Turn, TurnResult};

/// A run that has begun.
pub(crate) struct Engine {
    settings: AutoRunSettings,
    outlet: RunOutlet,
    halt: Halt,
    account: Spending,
    stall: Stall,
    directory: Option<PathBuf>,
    started: Instant,
    /// The first turn, which the settings were judged by: each is made once, since its observers may count.
    first: Mutex<Option<Turn>>,
    retries: Retries,
    completed_turns: u32,
}

/// The turn that comes next.
struct NextTurn {
    kind: StepKind,
    /// What is wanted of the agent.
    asked: String,
    /// How it is put; differs where a broken turn is continued.
    prompt: String,
}

impl NextTurn {
    fn new(kind: StepKind, asked: String) -> Self {
        Self { kind, prompt: asked.clone(), asked }
    }
}

/// What follows a turn.
type Act = Result<NextTurn, StopReason>;

/// Runs to the end; an error means that nothing was begun.
pub(crate) async fn run(settings: AutoRunSettings, outlet: RunOutlet) -> Result<AutoRunReport, AutoRunError> {
    RuntimeError::check()?;
    let span = info_span!("auto_run", thread_id = Empty, turns = Empty, stop = Empty, duration_ms = Empty);
    let engine = Engine::new(settings, outlet)?;
    engine.run(span.clone()).instrument(span).await
}

/// Looks whether a run could begin.
pub(crate) async fn ready(settings: &AutoRunSettings) -> Result<(), AutoRunError> {
    settings.validate()?;
    let invocation = settings.turn(&settings.prompt).invocation();
    let parts = invocation.as_ref().map(codex_exec::Invocation::parts);
    let model = parts.and_then(|parts| parts.model.as_deref());
    Spending::open(&settings.budgets, settings.unknown_usage, model)?;
    let directory = parts.and_then(|parts| parts.cwd.as_deref());
    for check in &settings.checks {
        let surroundings = surroundings(settings, directory, settings.cancel.clone());
        let prepared = check.prepare(&surroundings).await;
        prepared.map_err(|source| AutoRunError::Check { name: check.name(), source })?;
    }
    Ok(())
}

impl Engine {
    fn new(settings: AutoRunSettings, outlet: RunOutlet) -> Result<Self, AutoRunError> {
        let started = Instant::now();
        settings.validate()?;
        let first = settings.turn(&settings.prompt);
        let invocation = first.invocation();
        let parts = invocation.as_ref().map(codex_exec::Invocation::parts);
        let model = parts.and_then(|parts| parts.model.as_deref());
        let account = Spending::open(&settings.budgets, settings.unknown_usage, model)?;
        let mut halt = Halt::new(&settings.cancel, &settings.closing);
        // A time that has no end within what a clock can show has none.
        if let Some(deadline) = account.time().and_then(|time| started.checked_add(time)) {
            halt.at(deadline);
        }
        Ok(Self {
            stall: Stall::new(settings.stalled_turns),
            directory: parts.and_then(|parts| parts.cwd.clone()),
            settings,
            outlet,
            halt,
            account,
            started,
            first: Mutex::new(Some(first)),
            retries: Retries::default(),
            completed_turns: 0,
        })
    }

    async fn run(mut self, span: Span) -> Result<AutoRunReport, AutoRunError> {
        self.prepare().await?;
        let mut plan = NextTurn::new(StepKind::First, self.settings.prompt.clone());
        let stop = loop {
            // Whatever was decided, the limits come first.
            if let Some(limit) = self.limits() {
                break limit;
            }
            let number = self.account.spent().turns + 1;
            let step = info_span!("step", number, verdict = Empty);
            match self.step(&plan, number, &step).instrument(step.clone()).await {
                Ok(next) => plan = next,
                Err(end) => break end,
            }
        };
        let report = self.report(stop.clone());
        if let Some(thread) = &report.thread_id {
            span.record("thread_id", display(thread));
        }
        span.record("turns", report.spent.turns);
        span.record("stop", stop.word());
        span.record("duration_ms", u64::try_from(report.duration.as_millis()).unwrap_or(u64::MAX));
        info!(stop = stop.word(), "run settled");
        self.outlet.emit(AutoRunEvent::Stopped { reason: stop }).await;
        Ok(report)
    }

    fn report(&self, stop: StopReason) -> AutoRunReport {
        AutoRunReport {
            stop,
            steps: self.outlet.steps(),
            spent: self.account.spent(),
            thread_id: self.settings.thread.id(),
            duration: self.started.elapsed(),
        }
    }

    /// Looks whether the checks can be asked at all.
    async fn prepare(&self) -> Result<(), AutoRunError> {
        for check in &self.settings.checks {
            let prepared = self.halt.or(check.prepare(&self.surroundings())).await;
            // Nothing of a run that is over already: the loop says so.
            let Some(prepared) = prepared else { return Ok(()) };
            prepared.map_err(|source| AutoRunError::Check { name: check.name(), source })?;
        }
        Ok(())
    }

    /// Why no turn may start now, if so.
    fn limits(&self) -> Option<StopReason> {
        if self.halt.is_set() {
            return Some(self.halted());
        }
        if let Some((budget, end)) = self.account.ended() {
            return Some(StopReason::Budget { budget, end });
        }
        let turns = self.account.spent().turns;
        (turns >= self.settings.max_turns).then_some(StopReason::TurnLimit { turns })
    }

    fn halted(&self) -> StopReason {
        match (self.halt.budget().get(), self.account.time()) {
            (Some(BudgetKind::WallTime), Some(limit)) => StopReason::Time { limit },
            (Some(&budget), _) => StopReason::Budget { budget, end: BudgetEnd::UsedUp },
            (None, _) => StopReason::Cancelled,
        }
    }

    async fn step(&mut self, plan: &NextTurn, number: u32, span: &Span) -> Act {
        self.account.turn_started();
        let started = AutoRunEvent::StepStarted {
            step: number,
            max_turns: self.settings.max_turns,
            kind: plan.kind,
            prompt: plan.prompt.clone(),
        };
        self.outlet.emit(started).await;
        let step = self.turn(plan, number).await;
        span.record("verdict", step.verdict().map_or("not_started", |verdict| verdict.word()));
        if let Some(turn) = &step.turn {
            self.account.book(&turn.usage);
            self.stall.see(turn);
        }
        // Kept before it is told, so that a run that is dropped now has it too.
        self.outlet.keep(step.clone());
        let spent = self.account.spent();
        self.outlet.emit(AutoRunEvent::StepEnded { step: Arc::new(step.clone()), spent }).await;
        if self.halt.is_set() {
            return Err(self.halted());
        }
        match &step.turn {
            Some(turn) if step.is_completed() => self.completed(number, turn).await,
            Some(turn) if step.error.is_none() => self.broken(plan, number, turn).await,
            _ => {
                let error = step.error.as_ref().expect("a turn that never began says why");
                Err(StopReason::Failed { reason: with_causes(error) })
            }
        }
    }

    async fn turn(&self, plan: &NextTurn, number: u32) -> StepReport {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        let turn = first.unwrap_or_else(|| self.settings.turn(&plan.prompt));
        let mut meter = match turn.invocation() {
            Some(invocation) if self.account.counts_tokens() => Some(TurnMeter::before(invocation).await),
            _ => None,
        };
        let told = CallsTold::default();
        let turn = told.hear(turn);
        let mut lines = turn.cancel(self.halt.token()).stopped_by_budget(self.halt.budget()).stream();
        let closing = &self.settings.closing;
        loop {
            if let Some(meter) = &mut meter
                && let Some(used) = meter.read(lines.summary()).await
                && let Some(budget) = self.account.used_up_with(&used)
            {
                self.halt.used_up(budget);
            }
            let line = closing.run_until_cancelled(told.or_line(&mut lines));
            let next = match &meter {
                Some(meter) => meter.until_due(line).await,
                None => Some(line.await),
            };
            // Not due yet, and no line: the run is closed.
            if matches!(next, Some(None)) {
                break;
            }
            let next = next.flatten().flatten();
            while let Some(event) = told.take(number) {
                self.outlet.emit(event).await;
            }
            match next {
                Some(Some(Ok(line))) => self.outlet.emit(AutoRunEvent::Line { step: number, line }).await,
                // An error among the items is the outcome as well.
                Some(Some(Err(_)) | None) => break,
                None => {}
            }
        }
        let outcome = if closing.is_cancelled() { lines.close().await } else { lines.finish().await };
        while let Some(event) = told.take(number) {
            self.outlet.emit(event).await;
        }
        StepReport::new(number, plan.kind, &plan.prompt, outcome)
    }

    /// After a turn that completed: the checks, then the policy.
    async fn completed(&mut self, number: u32, turn: &TurnResult) -> Act {
        self.retries.of_turn = 0;
        self.completed_turns += 1;
        let checks = self.check(number, turn).await?;
        if !checks.is_empty() && checks.iter().all(|check| check.outcome.is_passed()) {
            return Err(StopReason::Satisfied);
        }
        if let Some(turns) = self.stall.count(&checks) {
            return Err(StopReason::NoProgress { turns });
        }
        let progress = Progress::new(&self.settings.prompt, self.completed_turns, turn, &checks);
        match self.settings.policy.decide(&progress.spent(self.account.spent())) {
            Next::Turn { prompt } => Ok(NextTurn::new(StepKind::Continued, prompt)),
            Next::Stop { reason } => Err(StopReason::Policy { reason }),
        }
    }

    async fn check(&self, number: u32, turn: &TurnResult) -> Result<Vec<CheckReport>, StopReason> {
        let mut reports = Vec::new();
        for check in &self.settings.checks {
            let name = check.name();
            self.outlet.emit(AutoRunEvent::CheckStarted { step: number, name: name.clone() }).await;
            let asked = Instant::now();
            let context = CheckContext::new(turn, self.surroundings());
            let said = self.halt.or_within(AutoRun::CHECK_GRACE, check.check(&context)).await;
            // A command that was stopped with the run has said nothing.
            let said = said.filter(|_| !self.halt.is_set()).ok_or_else(|| self.halted())?;
            let outcome = said.map_err(|error| StopReason::Check { name: name.clone(), error })?;
            let report = CheckReport::new(name, outcome, asked.elapsed());
            self.outlet.keep_check(report.clone());
            self.outlet.emit(AutoRunEvent::CheckEnded { step: number, check: report.clone() }).await;
            let failed = matches!(report.outcome, CheckOutcome::Failed { .. });
            reports.push(report);
            // What comes after a check that fails may need what it asks for, and takes time.
            if failed {
                break;
            }
        }
        Ok(reports)
    }

    /// After a turn that did not complete: whether and how it is tried again.
    async fn broken(&mut self, plan: &NextTurn, number: u32, turn: &TurnResult) -> Act {
        let wait = match self.settings.retry.decide(&turn.verdict, self.retries, fastrand::f64()) {
            Retry::After { wait } => wait,
            Retry::Stop { reason } => return Err(StopReason::Failed { reason }),
        };
        let Some((kind, prompt)) = PastWork::of(turn).again(turn, &plan.asked, &plan.prompt) else {
            let reason = format!("{}; what it had done is unknown, and so is its thread", turn.verdict);
            return Err(StopReason::Failed { reason });
        };
        if let Some(stop) = self.limits() {
            return Err(stop);
        }
        self.retries.of_turn += 1;
        self.retries.of_run += 1;
        let attempt = self.retries.of_turn;
        let reason = turn.verdict.to_string();
        self.outlet.emit(AutoRunEvent::RetryScheduled { step: number, attempt, reason, kind, wait }).await;
        match self.halt.or(tokio::time::sleep(wait)).await {
            Some(()) => Ok(NextTurn { kind, asked: plan.asked.clone(), prompt }),
            None => Err(self.halted()),
        }
    }

    fn surroundings(&self) -> Surroundings<'_> {
        surroundings(&self.settings, self.directory.as_deref(), self.halt.token())
    }
}

/// Where the checks of a run are asked.
fn surroundings<'a>(
    settings: &'a AutoRunSettings,
    directory: Option<&'a Path>,
    cancel: CancellationToken,
) -> Surroundings<'a> {
    let surroundings = Surroundings::new(&*settings.commands).cancel(cancel);
    match directory {
        Some(directory) => surroundings.directory(directory),
        None => surroundings,
    }
}
