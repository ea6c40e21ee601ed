//! [`BegunTurn`]: a turn that has begun, and [`Ended`], the same after its last line.

use std::sync::Arc;
use std::time::Duration;

use codex_exec::{RolloutRef, TransportError, TransportReport};
use codex_protocol::{
    EventLine, Limit, ProcessFate, RolloutSummary, StopCause, TransportEnd, TurnSummary, TurnUsage, Verdict,
};
use tracing::span::Entered;

use super::Announce;
use super::question::{Question, RolloutFacts};
use crate::accounting::{ThreadRelation, TurnFacts};
use crate::thread::{RunningTurn, SettledTurn};
use crate::turn_result::{RolloutPart, never_began};
use crate::turn_span::TurnSpan;
use crate::{BudgetKind, ReadRollout, RolloutReading, TurnError, TurnResult};

/// A turn that has begun.
pub(super) struct BegunTurn {
    span: TurnSpan,
    thread: Option<RunningTurn>,
    origin: ThreadRelation,
    naming: Naming,
    refused: Option<EventLine>,
}

#[derive(PartialEq, Eq)]
enum Naming {
    Awaited,
    Done,
}

impl BegunTurn {
    pub(super) fn new(thread: Option<RunningTurn>, origin: ThreadRelation, span: TurnSpan) -> Self {
        Self { span, thread, origin, naming: Naming::Awaited, refused: None }
    }

    pub(super) fn enter(&self) -> Entered<'_> {
        self.span.span().enter()
    }

    /// Takes the thread's name from the first line that has one.
    pub(super) fn see(&mut self, summary: &TurnSummary) {
        if self.naming == Naming::Done {
            return;
        }
        if let Some(id) = summary.thread_id() {
            self.naming = Naming::Done;
            self.span.named(id);
            if let Some(thread) = &self.thread {
                thread.named(id);
            }
        }
    }

    /// Notes the first line that cannot be understood; true if this is it.
    pub(super) fn refuse(&mut self, line: &EventLine) -> bool {
        let first = self.refused.is_none() && line.event().is_err();
        if first {
            self.refused = Some(line.clone());
        }
        first
    }

    pub(super) fn end(
        self,
        end: Option<&TransportReport>,
        error: Option<TransportError>,
        budget: Option<BudgetKind>,
    ) -> Ended {
        let error = error.map(Arc::new);
        let mut end = end.cloned().unwrap_or_else(unknown_end);
        end.end.stop = end.end.stop.or_else(|| error.as_deref().and_then(stop_of));
        Ended { course: self, end, error, budget, was: Was::Settled }
    }

    /// Ends a turn that is dropped while its transport runs.
    pub(super) fn abandon(self, cause: StopCause, budget: Option<BudgetKind>) -> Ended {
        let mut end = unknown_end();
        end.end.stop = Some(cause);
        Ended { course: self, end, error: None, budget, was: Was::Abandoned }
    }

    fn usage(
        &self,
        summary: &TurnSummary,
        rollout_ref: Option<&RolloutRef>,
        rollout: Option<&RolloutSummary>,
    ) -> TurnUsage {
        self.account(summary, rollout_ref, rollout).settle()
    }

    fn account<'a>(
        &self,
        summary: &TurnSummary,
        rollout_ref: Option<&RolloutRef>,
        rollout: Option<&'a RolloutSummary>,
    ) -> TurnFacts<'a> {
        let before = self.thread.as_ref().and_then(|thread| thread.before);
        let untouched =
            before.filter(|before| rollout_ref.map(RolloutRef::before_bytes) == Some(before.rollout_bytes));
        TurnFacts {
            origin: self.origin,
            reported: summary.usage().copied(),
            total_before: untouched.map(|before| before.total),
            rollout,
        }
    }
}

/// A turn after its last line.
pub(super) struct Ended {
    course: BegunTurn,
    end: TransportReport,
    error: Option<Arc<TransportError>>,
    budget: Option<BudgetKind>,
    was: Was,
}

/// Whether the end of the transport was waited for.
#[derive(PartialEq, Eq)]
enum Was {
    Settled,
    Abandoned,
}

/// What a turn gives in the end.
pub(super) struct Conclusion {
    pub(super) outcome: Result<TurnResult, TurnError>,
    /// What there is of a turn whose error has no place for it.
    unstarted: Option<Box<TurnResult>>,
}

impl Conclusion {
    /// Concludes a turn that could not start, or was not to.
    pub(super) fn not_started(error: TurnError) -> Self {
        Self { outcome: Err(error), unstarted: Some(Box::new(never_ran(None))) }
    }

    /// Concludes a turn that was cancelled before it could start.
    pub(super) fn cancelled() -> Self {
        let result = never_ran(Some(StopCause::Cancelled));
        Self { outcome: Err(TurnError::NotCompleted(Box::new(result))), unstarted: None }
    }

    /// What there is of the turn, and the error if there is one.
    pub(super) fn parts(&self) -> (&TurnResult, Option<&TurnError>) {
        let error = self.outcome.as_ref().err();
        let result = self.outcome.as_ref().ok().or_else(|| error?.result()).or(self.unstarted.as_deref());
        (result.expect("an error without a result has the unstarted turn beside it"), error)
    }
}

/// The result of a turn of which nothing ran.
fn never_ran(stop: Option<StopCause>) -> TurnResult {
    let mut end = unknown_end();
    end.end.stop = stop;
    let summary = TurnSummary::new();
    TurnResult {
        verdict: Verdict::decide(&summary, &end.end),
        thread_id: None,
        usage: TurnUsage::default(),
        summary,
        lines: Vec::new(),
        duration: Duration::ZERO,
        end,
        rollout: None,
        error: None,
        rollout_part: RolloutPart::Turn,
        began: false,
    }
}

impl Ended {
    /// What is to be asked of the rollout, if there is one and there is something to ask.
    pub(super) fn question(&self, summary: &TurnSummary, reading: RolloutReading) -> Option<Question> {
        let rollout = self.end.rollout.clone()?;
        let read = match reading.when {
            ReadRollout::Always => true,
            ReadRollout::Never => false,
            ReadRollout::WhenNeeded => {
                summary.terminal().is_none() || self.course.account(summary, Some(&rollout), None).is_open()
            }
        };
        let measure = self.course.thread.is_some() && summary.terminal().is_some();
        (read || measure).then_some(Question { rollout, read, measure, reading })
    }

    /// Decides everything, and leaves the thread as the next turn has to find it.
    pub(super) fn result(
        &self,
        summary: TurnSummary,
        lines: Vec<EventLine>,
        rollout: RolloutFacts,
    ) -> TurnResult {
        let verdict = match (Verdict::decide(&summary, &self.end.end), self.budget) {
            (Verdict::Cancelled, Some(budget)) => Verdict::out_of_budget(budget.word()),
            (verdict, _) => verdict,
        };
        let rollout_ref = self.end.rollout.as_ref();
        let usage = self.course.usage(&summary, rollout_ref, rollout.summary.as_deref());
        if self.counts(&verdict)
            && let (Some(thread), Some(total), Some(rollout_bytes)) =
                (&self.course.thread, usage.thread, rollout.bytes)
        {
            thread.settle(SettledTurn { total, rollout_bytes });
        }
        self.course.span.settle(self.word(&verdict, &summary), &usage);
        let began = self.error.as_deref().is_none_or(|error| !never_began(error, &summary));
        TurnResult {
            verdict,
            thread_id: summary.thread_id().cloned(),
            usage,
            summary,
            lines,
            duration: self.course.span.started().elapsed(),
            end: self.end.clone(),
            rollout: rollout.summary,
            error: self.error.clone(),
            rollout_part: match self.course.origin {
                ThreadRelation::Fresh | ThreadRelation::Resumed | ThreadRelation::Unknown => {
                    RolloutPart::Turn
                }
                ThreadRelation::Copied | ThreadRelation::Found => RolloutPart::Thread,
            },
            began,
        }
    }

    /// An error of the transport is an item, as is a refused line; any other end is told by `finish`.
    pub(super) fn announce(&self, result: &TurnResult) -> Announce {
        let broke = self.error.is_some() && !self.counts(&result.verdict);
        if broke || self.course.refused.is_some() { Announce::AsItem } else { Announce::ByFinishOnly }
    }

    /// What the turn gives.
    pub(super) fn conclude(self, result: TurnResult) -> Conclusion {
        let whole = |outcome| Conclusion { outcome, unstarted: None };
        if let Some(line) = self.course.refused {
            return whole(Err(TurnError::Undecodable { line, result: Box::new(result) }));
        }
        if self.counts(&result.verdict) {
            return whole(Ok(result));
        }
        match self.error {
            Some(error) if !result.began => {
                let error = if let TransportError::ThreadBusy { thread, holder, .. } = &*error {
                    TurnError::Busy { thread: Some(thread.clone()), holder: *holder }
                } else {
                    TurnError::Start(error)
                };
                Conclusion { outcome: Err(error), unstarted: Some(Box::new(result)) }
            }
            _ => whole(Err(TurnError::NotCompleted(Box::new(result)))),
        }
    }

    /// Whether the turn completed, and is the one that was asked for.
    ///
    /// A start that was refused may have been over before it could be stopped; its answer is another thread's.
    fn counts(&self, verdict: &Verdict) -> bool {
        let is_ours = self
            .error
            .as_deref()
            .is_none_or(|error| matches!(error, TransportError::Cancelled | TransportError::TimedOut { .. }));
        verdict.is_completed() && is_ours
    }

    fn word(&self, verdict: &Verdict, summary: &TurnSummary) -> &'static str {
        if self.was == Was::Abandoned && summary.terminal().is_none() {
            return "abandoned";
        }
        let never_began = self.error.as_deref().is_some_and(|error| never_began(error, summary));
        if never_began { "not_started" } else { verdict.word() }
    }
}

/// Why the process was stopped, as the error tells it.
fn stop_of(error: &TransportError) -> Option<StopCause> {
    if let TransportError::TimedOut { limit, .. } = error {
        return Some(if *limit == Limit::Idle { StopCause::IdleLimit } else { StopCause::TotalLimit });
    }
    matches!(error, TransportError::Cancelled).then_some(StopCause::Cancelled)
}

/// A transport that does not say how it ended.
fn unknown_end() -> TransportReport {
    TransportReport::of(TransportEnd::new(ProcessFate::Unknown))
}
