//! [`Course`]: a turn that has begun, and [`Ended`], the same after its last line.

use std::sync::Arc;

use codex_exec::{RolloutRef, TransportError, TransportReport};
use codex_protocol::{
    EventLine, Limit, ProcessFate, RolloutSummary, StopCause, TransportEnd, TurnSummary, TurnUsage, Verdict,
};
use tracing::span::Entered;

use super::Announce;
use super::question::{Findings, Question};
use crate::accounting::{Account, Origin};
use crate::thread::{RunningTurn, SettledTurn};
use crate::turn_result::{RolloutPart, never_began};
use crate::turn_span::TurnSpan;
use crate::{BudgetKind, ReadRollout, RolloutReading, TurnError, TurnResult};

/// A turn that has begun.
pub(super) struct Course {
    span: TurnSpan,
    thread: Option<RunningTurn>,
    origin: Origin,
    naming: Naming,
    refused: Option<EventLine>,
}

#[derive(PartialEq, Eq)]
enum Naming {
    Awaited,
    Done,
}

impl Course {
    pub(super) fn new(thread: Option<RunningTurn>, origin: Origin, model: Option<&str>) -> Self {
        Self { span: TurnSpan::open(model), thread, origin, naming: Naming::Awaited, refused: None }
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
        Ended { course: self, end, error, budget }
    }

    /// Settles the span of a turn whose end nobody will see.
    pub(super) fn abandon(&self, summary: &TurnSummary) {
        if summary.terminal().is_some() {
            let verdict =
                Verdict::decide(summary, &TransportEnd::unreaped().stopped_by(StopCause::ConsumerGone));
            self.span.settle(verdict.word(), &self.usage(summary, None, None));
        } else {
            self.span.settle("abandoned", &TurnUsage::default());
        }
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
    ) -> Account<'a> {
        let before = self.thread.as_ref().and_then(|thread| thread.before);
        let untouched =
            before.filter(|before| rollout_ref.map(RolloutRef::before_bytes) == Some(before.rollout_bytes));
        Account {
            origin: self.origin,
            reported: summary.usage().copied(),
            total_before: untouched.map(|before| before.total),
            rollout,
        }
    }
}

/// A turn after its last line.
pub(super) struct Ended {
    course: Course,
    end: TransportReport,
    error: Option<Arc<TransportError>>,
    budget: Option<BudgetKind>,
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
        rollout: Findings,
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
                Origin::Fresh | Origin::Resumed | Origin::Unknown => RolloutPart::Turn,
                Origin::Copied | Origin::Found => RolloutPart::Thread,
            },
        }
    }

    /// An error of the transport is an item, as is a refused line; any other end is told by `finish`.
    pub(super) fn announce(&self, result: &TurnResult) -> Announce {
        let broke = self.error.is_some() && !self.counts(&result.verdict);
        if broke || self.course.refused.is_some() { Announce::AsItem } else { Announce::ByFinishOnly }
    }

    /// What the turn comes to. An error that has no place for the summary leaves it in `summary`.
    pub(super) fn outcome(
        self,
        result: TurnResult,
        summary: &mut TurnSummary,
    ) -> Result<TurnResult, TurnError> {
        if let Some(line) = self.course.refused {
            return Err(TurnError::Undecodable { line, result: Box::new(result) });
        }
        if self.counts(&result.verdict) {
            return Ok(result);
        }
        match self.error {
            Some(error) if never_began(&error, &result.summary) => {
                *summary = result.summary;
                if let TransportError::ThreadBusy { thread, .. } = &*error {
                    return Err(TurnError::Busy { thread: Some(thread.clone()) });
                }
                Err(TurnError::Start(error))
            }
            _ => Err(TurnError::NotCompleted(Box::new(result))),
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

    /// Settles the span of a turn that ended and whose result nobody waited for.
    pub(super) fn abandon(&self, summary: &TurnSummary) {
        let verdict = Verdict::decide(summary, &self.end.end);
        let usage = self.course.usage(summary, self.end.rollout.as_ref(), None);
        let word = self.word(&verdict, summary);
        self.course.span.settle(word, &usage);
    }

    fn word(&self, verdict: &Verdict, summary: &TurnSummary) -> &'static str {
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
