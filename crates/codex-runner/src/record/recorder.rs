//! [`Recorder`]: whether turns of a project are recorded, and how their record is opened.

use std::sync::Arc;

use codex_exec::InvocationParts;
use codex_ledger::record::{Recovered, Waiting, was_recorded};
use codex_ledger::{Cause, FileLedger, LedgerError, TurnHeader, TurnLog};
use tokio::task::spawn_blocking;

use super::Recording;
use super::recording::{Attended, attend};
use crate::causes::causes;
use crate::notice::ProjectNotice;
use crate::project::{LayerChoice, Project, start_ledger};
use crate::run::WorkStage;
use crate::runner_error::RunnerError;
use crate::runner_event::RunnerEvent;

/// Whether turns of a project are recorded.
#[derive(Debug)]
pub(crate) enum Recorder {
    /// They are not.
    Off,
    /// They are, in this ledger.
    On { ledger: Arc<FileLedger>, need: Need, history: History },
}

/// Whether git worked in this worktree at an earlier turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum History {
    Unknown,
    Recorded,
}

/// Says whether a turn may run that is not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a record is wanted or required")]
pub enum Need {
    /// It may; a failure is a notice.
    Wanted,
    /// It may not.
    Required,
}

/// What came of the wish to record turns.
#[derive(Debug, Default)]
pub(crate) struct Opening {
    pub(crate) recording: Option<Recording>,
    /// Whether a stop came meanwhile.
    pub(crate) is_stopped: bool,
}

impl History {
    fn of(project: &Project) -> Self {
        if was_recorded(project.root()) { Self::Recorded } else { Self::Unknown }
    }

    /// Returns who has to act on an error before a turn. If git worked here before, the repository is to blame for whatever the
    /// machine is not known for.
    fn cause(self, error: &LedgerError) -> Cause {
        match self {
            Self::Unknown => error.cause(),
            Self::Recorded => error.cause_after_turn(),
        }
    }
}

impl Recorder {
    /// Looks whether turns are recorded in a project; if they are required to be, creates the ledger.
    ///
    /// # Errors
    ///
    /// The ledger is required, and cannot be opened or made, or a file that nobody has trusted requires a new one; or it was
    /// there at the last turn and is gone.
    pub(crate) fn choose(
        project: &Project,
        dir: &std::path::Path,
        parts: &InvocationParts,
        layer: &LayerChoice,
    ) -> Result<(Self, Vec<ProjectNotice>), RunnerError> {
        let (place, settings) = (project.place(), project.settings());
        let need = if settings.ledger.required.value { Need::Required } else { Need::Wanted };
        project.must_not_be_eclipsed(dir)?;
        let has_ledger = place.has_ledger();
        if !has_ledger {
            project.must_not_miss_ledger()?;
            if need == Need::Wanted {
                return Ok((Self::Off, vec![ProjectNotice::NotRecordedHere]));
            }
            if !settings.may_require_ledger() {
                let root = project.root().to_owned();
                return Err(RunnerError::Ledger(LedgerError::not_initialised(root)));
            }
        }
        let history = History::of(project);
        let mut notices = project.remotes()?;
        let opened = project.open_ledger_of(parts, &layer.fallback_names);
        let made = opened.and_then(|ledger| {
            // If there are records, or records are required, a missing index is made again.
            start_ledger(&ledger)?;
            Ok(ledger)
        });
        match (made, need) {
            (Ok(ledger), _) => Ok((Self::On { ledger: Arc::new(ledger), need, history }, notices)),
            (Err(error), Need::Required) => Err(RunnerError::Ledger(error)),
            (Err(error), Need::Wanted) if history.cause(&error) == Cause::Repository => {
                Err(RunnerError::Ledger(error))
            }
            (Err(error), Need::Wanted) => {
                notices.push(unrecorded(&error));
                Ok((Self::Off, notices))
            }
        }
    }

    /// Returns whether anything has to be known of a turn before it starts.
    pub(crate) fn is_on(&self) -> bool {
        matches!(self, Self::On { .. })
    }

    /// Finishes what an earlier turn has left, and opens a record, for as many turns as [begin](Recording::begin_turn)
    /// in it.
    ///
    /// # Errors
    ///
    /// No turn may run: no number can be claimed, another turn runs here, the worktree is not as the mode needs it, or the
    /// ledger is required and failed; or the opening was killed.
    pub(crate) async fn open(
        self,
        project: &Project,
        header: TurnHeader,
        stage: &WorkStage,
    ) -> Result<Opening, RunnerError> {
        let Self::On { ledger, need, history } = self else { return Ok(Opening::default()) };
        let stops = stage.begin(RunnerEvent::Opening).await;
        let (abort, user_state) = (ledger.abort().clone(), project.environment().state_dir().clone());
        let opening = spawn_blocking(move || opened(&ledger, &user_state, header));
        let (notices, opened) = match attend(opening, &abort, &stops).await {
            Attended::Done(opened) => opened,
            Attended::GivenUp => return Err(RunnerError::Killed),
        };
        stage.notices(notices).await;
        let is_stopped = stops.stop.is_cancelled();
        match opened {
            Ok(log) => {
                let turn_id = log.turn_id();
                stage.emit(RunnerEvent::Opened { turn_id }).await;
                Ok(Opening { recording: Some(Recording::new(log, need, abort)), is_stopped })
            }
            Err(error) if may_run(&error, need, history) => {
                stage.notices(vec![unrecorded(&error)]).await;
                Ok(Opening { recording: None, is_stopped })
            }
            Err(error) => Err(RunnerError::Ledger(error)),
        }
    }
}

type OpenedLog = Result<Box<dyn TurnLog>, LedgerError>;

fn opened(
    ledger: &FileLedger,
    state: &codex_exec::StateDir,
    header: TurnHeader,
) -> (Vec<ProjectNotice>, OpenedLog) {
    let mut notices: Vec<ProjectNotice> =
        recover(ledger, state).iter().map(ProjectNotice::recovered).collect();
    notices.extend(ledger.waiting().unwrap_or_default().iter().map(ProjectNotice::waiting));
    (notices, ledger.open_turn(header))
}

/// Finishes what earlier turns have left. What cannot be finished now is reported by what needs it finished.
pub(crate) fn recover(ledger: &FileLedger, state: &codex_exec::StateDir) -> Vec<Recovered> {
    match ledger.unfinished() {
        Ok(0) | Err(_) => Vec::new(),
        Ok(_) => {
            sweep(state);
            ledger.recover().unwrap_or_default()
        }
    }
}

/// Ends what a crash has left running, so that nothing changes the worktree while it is recorded.
pub(crate) fn sweep(state: &codex_exec::StateDir) {
    match state.sweep_the_dead() {
        Ok(found) if found.is_empty() => {}
        Ok(found) => tracing::debug!(processes = ?found, "swept what a crash had left"),
        Err(error) => tracing::debug!(%error, "what a crash has left cannot be looked for"),
    }
}

/// Whether a turn may run although its record could not be opened. A refusal says that it must not, as it would do
/// what nobody wants; and what stands in the repository may be there to keep turns from being recorded.
fn may_run(error: &LedgerError, need: Need, history: History) -> bool {
    let is_refused = matches!(error, LedgerError::Refused { .. });
    need == Need::Wanted && history.cause(error) == Cause::Environment && !is_refused
}

fn unrecorded(error: &LedgerError) -> ProjectNotice {
    let remedy = if error.is_disk_full() { "; make room there, and the next turns are recorded" } else { "" };
    ProjectNotice::Unrecorded { reason: causes(error) + remedy }
}

impl ProjectNotice {
    /// Creates the notice of a record that recovery has finished.
    pub fn recovered(recovered: &Recovered) -> Self {
        let record = &recovered.record;
        Self::Recovered { turn_id: record.turn_id, state: record.state.clone() }
    }

    /// Creates the notice of a pipeline that was cut off.
    pub fn waiting(waiting: &Waiting) -> Self {
        Self::Waiting { turn_id: waiting.turn_id, task: waiting.task.clone() }
    }
}

impl Project {
    /// Finishes what earlier turns have left in a ledger, after ending what a crash has left running.
    pub fn recover(&self, ledger: &FileLedger) -> Vec<Recovered> {
        recover(ledger, self.environment().state_dir())
    }

    /// Ends what a crash has left running in any project of this user.
    pub fn sweep(&self) {
        sweep(self.environment().state_dir());
    }
}
