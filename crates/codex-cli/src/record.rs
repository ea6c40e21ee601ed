//! [`Recorder`]: whether a turn is recorded, and its record from before its start to after its end.

mod header;
mod notice;
mod outcome;
mod recording;

use std::path::Path;
use std::sync::Arc;

use codex_exec::StateDir;
use codex_ledger::{
    Cause, FileLedger, Ledger as _, LedgerError, Recovered, TurnHeader, Waiting, was_recorded,
};
use codex_runner::{LayerChoice, Project, ProjectKind, start_ledger};
use tokio::task::spawn_blocking;

use crate::arguments::{ReportBy, RunArguments};
use crate::console::Console;
use crate::failure::{Failure, causes, print, warning_line};
use crate::interrupts::{Interrupt, Interrupts};
use crate::notices;
use crate::render::{Line, Tone};

pub(crate) use header::{Asked, begin, header};
pub(crate) use notice::Told;
pub(crate) use recording::Recording;
use recording::{Attended, attend};

/// Whether a turn is recorded.
pub(crate) enum Recorder {
    /// It is not.
    Off,
    /// It is, in this ledger.
    On { ledger: Arc<FileLedger>, need: Need, history: History },
}

/// Whether git worked in this worktree at an earlier turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum History {
    Unknown,
    Recorded,
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

/// Whether a turn may run that is not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// It may; a failure is a warning.
    Wanted,
    /// It may not.
    Required,
}

/// What came of the wish to record a turn.
#[derive(Default)]
pub(crate) struct Opening {
    pub(crate) recording: Option<Recording>,
    /// A signal that came meanwhile.
    pub(crate) interrupt: Option<Interrupt>,
}

impl Recorder {
    /// Looks whether turns are recorded in a project; where they are required to be, makes the ledger. Says once per
    /// project that nothing is recorded.
    ///
    /// # Errors
    ///
    /// The ledger is required, and cannot be opened or made, or a file that nobody has trusted requires a new one; or it was there at the last turn and is gone.
    pub(crate) fn choose(
        project: &Project,
        arguments: &RunArguments,
        layer: &LayerChoice,
        told: Told,
    ) -> Result<Self, Failure> {
        let (place, settings) = (project.place(), project.settings());
        let need = if settings.ledger.required.value { Need::Required } else { Need::Wanted };
        if arguments.no_ledger {
            return Ok(Self::Off);
        }
        project.must_not_be_eclipsed(&arguments.dir)?;
        if !place.has_ledger() {
            project.must_not_miss_ledger()?;
        }
        if !place.has_ledger() && need == Need::Wanted {
            let asked = arguments.report == ReportBy::Agent;
            if arguments.task.is_some() || arguments.git.is_some() || asked {
                let text = "turns are not recorded here, so --task, --git and --report say nothing; \
                            `codex-turns ledger init` switches recording on";
                print(&[warning_line(text)]);
            } else if place.kind == ProjectKind::Worktree {
                notice::tell_once(project, told);
            }
            return Ok(Self::Off);
        }
        if !place.has_ledger() && !settings.may_require_ledger() {
            let root = project.root().to_owned();
            return Err(Failure::Ledger(LedgerError::NotInitialised { root }));
        }
        let history = History::of(project);
        notices::tell(&project.remotes()?);
        let opened = project.open_ledger_watching(arguments.codex.home.as_deref(), &layer.fallback_names);
        let made = opened.and_then(|ledger| {
            // Where there are records, or records are required, a missing index is made again.
            start_ledger(&ledger)?;
            Ok(ledger)
        });
        match (made, need) {
            (Ok(ledger), _) => Ok(Self::On { ledger: Arc::new(ledger), need, history }),
            (Err(error), Need::Required) => Err(Failure::Ledger(error)),
            (Err(error), Need::Wanted) if history.cause(&error) == Cause::Repository => {
                Err(Failure::Ledger(error))
            }
            (Err(error), Need::Wanted) => {
                print(&[unrecorded(&error)]);
                Ok(Self::Off)
            }
        }
    }

    /// Whether anything is to be known of a turn before it starts.
    pub(crate) fn is_on(&self) -> bool {
        matches!(self, Self::On { .. })
    }

    /// Finishes what an earlier turn has left, and opens a record, for as many turns as [begin](Recording::begin_turn)
    /// in it.
    ///
    /// # Errors
    ///
    /// No turn may run: there is no number to be had, another turn runs here, the worktree is not as the mode needs
    /// it, or the ledger is required and failed.
    pub(crate) async fn open(
        self,
        header: TurnHeader,
        console: &Console,
        interrupts: &mut Interrupts,
    ) -> Result<Opening, Failure> {
        let Self::On { ledger, need, history } = self else { return Ok(Opening::default()) };
        console.status(Line::new(Tone::Dim, "opening a record"));
        let abort = ledger.abort().clone();
        let opening = spawn_blocking(move || opened(&ledger, header));
        let ((said, opened), interrupt) = match attend(opening, &abort, console, interrupts, CANCELLING).await
        {
            Attended::Done(opened, interrupt) => (opened, interrupt),
            Attended::GivenUp(heard) => return Err(Failure::Interrupted(heard)),
        };
        console.statements(said).await;
        match opened {
            Ok(log) => Ok(Opening { recording: Some(Recording::new(log, need, abort)), interrupt }),
            Err(error) if may_run(&error, need, history) => {
                console.statements(vec![unrecorded(&error)]).await;
                Ok(Opening { recording: None, interrupt })
            }
            Err(error) => Err(Failure::Ledger(error)),
        }
    }
}

const CANCELLING: &str = "cancelling: waiting for the ledger; again to give up";

type Opened = Result<Box<dyn codex_ledger::TurnLog>, LedgerError>;

fn opened(ledger: &FileLedger, header: TurnHeader) -> (Vec<Line>, Opened) {
    let mut said: Vec<Line> = recover(ledger).iter().map(told_recovered).collect();
    said.extend(ledger.waiting().unwrap_or_default().iter().map(told_waiting));
    (said, ledger.open_turn(header))
}

/// Finishes what earlier turns have left. What cannot be finished now is told by whoever needs it finished.
pub(crate) fn recover(ledger: &FileLedger) -> Vec<Recovered> {
    match ledger.unfinished() {
        Ok(0) | Err(_) => Vec::new(),
        Ok(_) => {
            sweep();
            ledger.recover().unwrap_or_default()
        }
    }
}

/// Ends what a crash has left running, so that nothing changes the worktree while it is recorded.
pub(crate) fn sweep() {
    match StateDir::for_user().sweep_the_dead() {
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

/// What is said of a turn that recovery has finished.
pub(crate) fn told_recovered(recovered: &Recovered) -> Line {
    let record = &recovered.record;
    let text = format!("turn {} was left unfinished and is recorded now: {}", record.turn_id, record.state);
    Line::new(Tone::Warning, &text)
}

/// What is said of a pipeline that was cut off.
pub(crate) fn told_waiting(waiting: &Waiting) -> Line {
    let (turn, task) = (waiting.turn_id, &waiting.task);
    let text =
        format!("turn {turn} ({task}) was cut off; `codex-turns pipeline resume {turn}` goes on with it");
    Line::new(Tone::Warning, &text)
}

fn unrecorded(error: &LedgerError) -> Line {
    warning_line(&format!("this turn is not recorded: {}", causes(error)))
}

/// A path below the project as records name it.
pub(crate) fn below<'a>(path: &'a Path, root: &Path) -> Option<&'a str> {
    path.strip_prefix(root).ok()?.to_str()
}
