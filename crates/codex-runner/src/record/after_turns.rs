//! [`AfterTurns`]: what follows the last turn of a record: the checks of the project, the agent's report, and the record.

use codex_ledger::manifest::RecordState;
use codex_ledger::{LedgerError, RecordEnd, Recorded};

use super::recorder::Need;
use super::recording::{Finished, Recording};
use crate::checks::{CheckSurroundings, Checked, Checks, ClosedGate};
use crate::notice::ProjectNotice;
use crate::project::Project;
use crate::report::{AgentAccount, ReportRequest};
use crate::run::WorkStage;
use crate::runner_event::RunnerEvent;

/// What follows the last turn of a record.
pub(crate) struct AfterTurns<'a> {
    pub(crate) project: &'a Project,
    pub(crate) surroundings: CheckSurroundings<'a>,
    pub(crate) stage: &'a WorkStage,
}

/// How a record is ended.
#[derive(Default)]
pub(crate) struct Ending {
    /// How it ends if that is not as its last turn did.
    pub(crate) ended: Option<RecordEnding>,
    /// What is known of it already.
    pub(crate) end: RecordEnd,
    /// How the agent is asked for its account, if it is.
    pub(crate) request: Option<ReportRequest>,
    /// Whether the work came to a good end, so that the checks run.
    pub(crate) is_good: bool,
}

/// How a record ends if that is not as its last turn did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RecordEnding {
    pub(crate) state: RecordState,
    pub(crate) reason: String,
}

/// What became of the record of turns.
#[derive(Debug)]
#[non_exhaustive]
pub enum RecordOutcome {
    /// Nothing is recorded here.
    Off,
    /// It is in the ledger.
    Recorded(Box<Recorded>),
    /// It is not, or not yet.
    #[non_exhaustive]
    Failed {
        /// Why.
        error: LedgerError,
        /// Whether it is required.
        need: Need,
    },
    /// It was killed; recovery finishes it.
    Abandoned,
}

/// What came after the turns.
pub(crate) struct Afterwards {
    pub(crate) checks: Checked,
    pub(crate) account: Option<AgentAccount>,
    pub(crate) record: RecordOutcome,
}

impl RecordEnding {
    /// The record has failed, for this reason.
    pub(crate) fn failed(reason: impl Into<String>) -> Self {
        Self { state: RecordState::Failed, reason: reason.into() }
    }

    /// The record was cancelled.
    pub(crate) fn cancelled() -> Self {
        Self { state: RecordState::Aborted, reason: "cancelled".to_owned() }
    }
}

impl AfterTurns<'_> {
    /// Checks what turns that came to a good end have left, and seals their record.
    pub(crate) async fn work(&self, ending: Ending, recording: Option<Recording>) -> Afterwards {
        let Self { project, surroundings, stage } = self;
        // What stands there runs after the next turn, if a person trusts it.
        if project.settings().is_outdated(project.root()) {
            stage.notices(vec![ProjectNotice::SettingsFileChanged]).await;
        }
        let mut checks = Checked::default();
        let mut is_settled = false;
        if ending.is_good && surroundings.checks_run() {
            let stops = stage.begin(RunnerEvent::Checking).await;
            if let Some(recording) = &recording {
                recording.settle(&stops).await;
                is_settled = true;
            }
            checks = if stops.stop.is_cancelled() {
                Checked::stopped()
            } else {
                let root = project.root();
                Checks { root, surroundings: *surroundings, stage, stops }.run().await
            };
        }
        let Some(recording) = recording else {
            return Afterwards { checks, account: None, record: RecordOutcome::Off };
        };
        let mut end = self.end(ending.ended, ending.end, &checks);
        let mut account = None;
        if let (Some(request), false) = (ending.request, checks.is_stopped) {
            if !is_settled {
                recording.settle(&stage.stops.begin(&stage.cancel)).await;
            }
            let asked = request.ask(&recording, stage).await;
            end = asked.add_to(end);
            account = Some(asked);
        }
        let record = match recording.finish(end, stage).await {
            Finished::Recorded(recorded) => RecordOutcome::Recorded(recorded),
            Finished::Failed(error, need) => RecordOutcome::Failed { error, need },
            Finished::Abandoned => RecordOutcome::Abandoned,
        };
        Afterwards { checks, account, record }
    }

    /// How the record ends if that is not as its last turn did.
    fn end(&self, ended: Option<RecordEnding>, end: RecordEnd, checks: &Checked) -> RecordEnd {
        let end = checks.add_to(end);
        let gated = self.project.settings().checks().iter().any(|check| check.gate.value);
        match (ended, checks.closed.first().map(ClosedGate::reason)) {
            (Some(RecordEnding { state, reason }), _) => end.state(state, reason),
            (None, Some(reason)) => end.state(RecordState::Failed, reason),
            (None, None) if checks.is_stopped && gated => end.state(RecordState::Aborted, "checks-cancelled"),
            (None, None) => end,
        }
    }
}
