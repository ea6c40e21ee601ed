//! The steps of a [`TurnStream`] from one phase to the next.

use codex_exec::TransportError;
use codex_protocol::{DecodePolicy, EventLine};
use tokio::time::Instant;

use super::course::{BegunTurn, Conclusion, Ended};
use super::question::RolloutFacts;
use super::waiting::{Waited, WaitingTurn};
use super::{Announce, TurnPhase, TurnStream};

impl TurnStream {
    pub(super) fn start(&mut self) {
        let TurnPhase::Cold(cold) = self.take_phase() else { return };
        let running = match cold.source.take() {
            Ok(running) => running,
            Err(busy) => {
                match cold.wait(busy, &self.settings.cancel) {
                    Ok(waiting) => self.phase = TurnPhase::Waiting(Box::new(waiting)),
                    Err(busy) => self.conclude(Conclusion::not_started(busy), Announce::AsItem),
                }
                return;
            }
        };
        let observers = &self.observers;
        let wait_left = cold.until.map(|until| until.saturating_duration_since(Instant::now()));
        let started = cold.source.start(running, wait_left, &self.settings.cancel, |invocation, thread| {
            for observer in observers {
                observer.on_start(invocation, thread);
            }
        });
        match started {
            Ok(started) => {
                self.tools = started.tools;
                let course = BegunTurn::new(started.thread, started.origin, started.span);
                self.phase = TurnPhase::Live { lines: started.lines, course };
            }
            Err(error) => self.conclude(Conclusion::not_started(error), Announce::AsItem),
        }
    }

    pub(super) fn waited(&mut self, waited: Waited) {
        let TurnPhase::Waiting(waiting) = self.take_phase() else { return };
        let WaitingTurn { cold, busy, .. } = *waiting;
        match waited {
            Waited::Free => self.phase = TurnPhase::Cold(cold),
            Waited::TooLong => self.conclude(Conclusion::not_started(busy), Announce::AsItem),
            Waited::Cancelled => self.conclude(Conclusion::cancelled(), Announce::AsItem),
        }
    }

    pub(super) fn see(&mut self, line: &EventLine) {
        let TurnPhase::Live { course, .. } = &mut self.phase else { return };
        self.summary.observe(line);
        self.kept.add(line);
        course.see(&self.summary);
        if self.settings.decode_policy == DecodePolicy::Fail && course.refuse(line) {
            self.settings.cancel.cancel();
        }
        for observer in &self.observers {
            observer.on_line(line);
        }
    }

    pub(super) fn last_line(&mut self, error: Option<TransportError>) {
        let TurnPhase::Live { lines, course } = self.take_phase() else { return };
        self.phase = TurnPhase::Closing { lines, course, error };
    }

    pub(super) fn end(&mut self) {
        let TurnPhase::Closing { lines, course, error } = self.take_phase() else { return };
        let budget = self.settings.budget.get().copied();
        let ended = Box::new(course.end(lines.end(), error, budget));
        drop(lines);
        match ended.question(&self.summary, self.settings.rollout) {
            Some(question) => self.phase = TurnPhase::Asking { ended, rollout: Box::pin(question.ask()) },
            None => self.settle(*ended, RolloutFacts::default()),
        }
    }

    pub(super) fn answered(&mut self, findings: RolloutFacts) {
        let TurnPhase::Asking { ended, .. } = self.take_phase() else { return };
        self.settle(*ended, findings);
    }

    pub(super) fn settle(&mut self, ended: Ended, rollout: RolloutFacts) {
        let result = ended.result(std::mem::take(&mut self.summary), self.kept.take(), rollout);
        let announce = ended.announce(&result);
        self.conclude(ended.conclude(result), announce);
    }

    pub(super) fn conclude(&mut self, conclusion: Conclusion, announce: Announce) {
        let (result, error) = conclusion.parts();
        for observer in &self.observers {
            observer.on_end(result, error);
        }
        if error.is_some_and(|error| error.result().is_none()) {
            // The error has no place for it, and it is still asked for.
            self.summary = result.summary.clone();
        }
        self.phase = TurnPhase::over(conclusion.outcome, announce);
    }
}
