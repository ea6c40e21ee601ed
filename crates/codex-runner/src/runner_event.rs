//! [`RunnerEvent`]: what happens while work runs in a project.

use codex_ledger::TurnId;
use codex_protocol::EventLine;
use codex_turn::AutoRunEvent;

use crate::checks::{CheckBoundary, EndedCheck};
use crate::notice::ProjectNotice;
use crate::pipeline::TaskOutcome;
use crate::report::AgentAccount;

/// What happens while work runs in a project, in the order in which it happens.
///
/// `Opening`, `Working`, `Checking`, `Asking` and `Recording` each begin a phase, which [`StopHandle`](crate::StopHandle) stops.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RunnerEvent {
    /// A fact that a person has to know.
    Notice(ProjectNotice),
    /// The record is being opened.
    Opening,
    /// The record is open.
    #[non_exhaustive]
    Opened {
        /// Its number.
        turn_id: TurnId,
    },
    /// The turn or the run begins.
    Working,
    /// A line of the turn.
    Line(EventLine),
    /// An event of the run of turns.
    Run(AutoRunEvent),
    /// The turn or the run has ended.
    LinesEnded,
    /// The record of a pipeline is open, and its tasks begin.
    #[non_exhaustive]
    PipelineStarted {
        /// The number of the record.
        turn_id: TurnId,
        /// The name of the pattern.
        pattern: Option<String>,
        /// Whether an earlier process had begun it.
        is_resumed: bool,
        /// How many tasks were chosen.
        tasks: usize,
        /// What the commands that end a task may touch.
        boundary: CheckBoundary,
    },
    /// A task of a pipeline begins.
    #[non_exhaustive]
    TaskStarted {
        /// Its place in the pipeline, counted from 1.
        position: usize,
        /// How many tasks the pipeline has.
        of: usize,
        /// Its id.
        task_id: String,
        /// Its title.
        title: String,
    },
    /// A task of a pipeline has ended.
    TaskEnded(Box<TaskOutcome>),
    /// The checks of the project begin: the worktree is taken as the turn has left it.
    Checking,
    /// A check begins.
    #[non_exhaustive]
    CheckStarted {
        /// `tests`, `lint` or `coverage`.
        name: &'static str,
        /// Its command.
        command: String,
    },
    /// A check has ended.
    CheckEnded(Box<EndedCheck>),
    /// The agent is asked for its account of the work.
    Asking,
    /// A line of the turn in which it is asked.
    ReportLine(EventLine),
    /// It has answered, or not.
    Reported(Box<AgentAccount>),
    /// The record is being sealed.
    Recording,
}
