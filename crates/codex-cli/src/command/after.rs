//! [`After`]: what follows the last turn of a record: the project's checks, and the record.

use std::path::Path;

use codex_ledger::{RecordEnd, RecordState};
use codex_runner::{FILE_NAME, Settings};

use crate::arguments::RunArguments;
use crate::checks::{Checked, Checks, Gate, Surroundings};
use crate::conduct::Show;
use crate::console::Console;
use crate::exit_code::Code;
use crate::failure::{error_line, warning_line};
use crate::interrupts::Interrupts;
use crate::outcome::Outcome;
use crate::record::Recording;
use crate::result_file::ResultObject;

use super::account::Asking;

/// What follows the last turn of a record: the project's checks, and the record.
pub(super) struct After<'a> {
    pub(super) root: &'a Path,
    pub(super) config: &'a Settings,
    pub(super) show: Show,
    pub(super) console: &'a Console,
    pub(super) surroundings: Surroundings<'a>,
}

/// How a record is ended.
#[derive(Default)]
pub(super) struct Ending<'a> {
    /// How it ends where that is not as its last turn did.
    pub(super) ended: Option<Ended>,
    /// What is known of it already.
    pub(super) end: RecordEnd,
    /// How the agent is asked for its account, if it is.
    pub(super) asking: Option<Asking<'a>>,
}

/// How a record ends where that is not as its last turn did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) state: RecordState,
    pub(super) reason: String,
}

impl Ended {
    /// The record has failed, for this reason.
    pub(super) fn failed(reason: impl Into<String>) -> Self {
        Self { state: RecordState::Failed, reason: reason.into() }
    }
}

impl After<'_> {
    /// Checks what turns that came to a good end have left, and seals their record.
    pub(super) async fn work<R: ResultObject>(
        &self,
        outcome: &mut Outcome<R>,
        ending: Ending<'_>,
        arguments: &RunArguments,
        recording: Option<Recording>,
        interrupts: &mut Interrupts,
    ) {
        let Self { root, config, show, console, surroundings } = *self;
        // What stands there runs after the next turn, if somebody trusts it.
        if config.is_outdated(root) {
            let text =
                format!("{FILE_NAME} was changed during the turn; look at its commands before the next one");
            outcome.notes.push(warning_line(&text));
        }
        let mut checked = Checked::default();
        let mut is_settled = false;
        if outcome.code == Code::Completed && !arguments.no_checks {
            let mut heard = None;
            if let Some(recording) = &recording {
                heard = recording.settle(console, interrupts).await;
                is_settled = true;
            }
            let checks = Checks { root, show, console, surroundings };
            checked = match heard {
                None => checks.run(config, interrupts).await,
                Some(_) => Checked { interrupt: heard, ..Checked::default() },
            };
            outcome.checked(&checked);
        }
        if let Some(recording) = recording {
            let mut end = self.end(ending.ended, ending.end, &checked);
            if let (Some(asking), None) = (ending.asking, checked.interrupt) {
                if !is_settled {
                    recording.settle(console, interrupts).await;
                }
                let account = asking.ask(&recording, show, console, interrupts).await;
                outcome.notes.extend(account.warnings());
                end = account.add_to(end);
                if let Some(interrupt) = account.interrupt {
                    outcome.code = Code::of_interrupt(Some(interrupt));
                    outcome
                        .problems
                        .push(error_line("the report was cancelled; the work itself had completed"));
                }
            }
            let finished = recording.finish(end, console, interrupts).await;
            outcome.finished(&finished, root, config.ledger.git.value);
        }
    }

    /// How the record ends where that is not as its last turn did.
    fn end(&self, ended: Option<Ended>, end: RecordEnd, checked: &Checked) -> RecordEnd {
        let end = checked.add_to(end);
        let gated = self.config.checks().iter().any(|check| check.gate.value);
        match (ended, checked.closed.first().map(Gate::reason)) {
            (Some(Ended { state, reason }), _) => end.state(state, reason),
            (None, Some(reason)) => end.state(RecordState::Failed, reason),
            (None, None) if checked.interrupt.is_some() && gated => {
                end.state(RecordState::Aborted, "checks-cancelled")
            }
            (None, None) => end,
        }
    }
}
