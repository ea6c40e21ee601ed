//! [`Code`]: the exit codes, and what leads to which.

use std::process::ExitCode;

use codex_exec::{InvocationError, ProgramError, ThreadLockError, TransportError};
use codex_ledger::LedgerError;
use codex_protocol::Verdict;
use codex_runner::RunnerError;
use codex_turn::{AutoRunError, CodexError, StopReason, TurnError};

use crate::interrupts::Interrupt;

/// An exit code of `codex-turns`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// The turn completed.
    Completed = 0,
    /// The turn failed, or a file that was asked for could not be written.
    Failed = 1,
    /// The command line or the prompt is wrong; nothing was started.
    Usage = 2,
    /// Codex is missing or did not start.
    NotStarted = 3,
    /// The turn ended without a verdict of its own.
    NoVerdict = 4,
    /// A limit passed.
    Limit = 5,
    /// The ledger was required and failed, or what stands in the repository kept a turn from being recorded.
    LedgerFailed = 6,
    /// Turns wait to be recovered.
    Unfinished = 7,
    /// No number for a record could be had, or another turn runs here; nothing ran, try again.
    TryAgain = 75,
    /// SIGINT.
    Interrupted = 130,
    /// SIGTERM or SIGHUP.
    Terminated = 143,
}

impl Code {
    /// The code for a turn that ran; `interrupt` is what made us cancel it, if something did.
    pub(crate) fn of_verdict(verdict: &Verdict, interrupt: Option<Interrupt>) -> Self {
        match verdict {
            Verdict::Completed => Self::Completed,
            Verdict::Failed(_) => Self::Failed,
            Verdict::Interrupted | Verdict::Cancelled => Self::of_interrupt(interrupt),
            Verdict::TimedOut { .. } | Verdict::Budget { .. } => Self::Limit,
            Verdict::Truncated | Verdict::Killed { .. } | Verdict::Exited { .. } | _ => Self::NoVerdict,
        }
    }

    /// The code for a cancelled turn. Nobody cancels but the signals; a turn that is gone without one counts as
    /// interrupted.
    pub(crate) fn of_interrupt(interrupt: Option<Interrupt>) -> Self {
        match interrupt {
            Some(Interrupt::Terminate | Interrupt::HangUp) => Self::Terminated,
            Some(Interrupt::CtrlC) | None => Self::Interrupted,
        }
    }

    /// The code for a turn that is no success.
    pub(crate) fn of_turn(error: &TurnError, interrupt: Option<Interrupt>) -> Self {
        match error {
            TurnError::NotCompleted(result) => Self::of_verdict(&result.verdict, interrupt),
            TurnError::Start(error) => Self::of_transport(error, interrupt),
            TurnError::Busy { .. } | TurnError::InsideRuntime | TurnError::Runtime(_) => Self::NotStarted,
            TurnError::Undecodable { .. } | TurnError::Json(_) | _ => Self::NoVerdict,
        }
    }

    /// The code for a turn whose transport broke before it had begun.
    pub(crate) fn of_transport(error: &TransportError, interrupt: Option<Interrupt>) -> Self {
        match error {
            TransportError::Invocation(error) => Self::of_invocation(error),
            TransportError::Program(error) => Self::of_program(error),
            TransportError::Cancelled => Self::of_interrupt(interrupt),
            TransportError::TimedOut { .. } => Self::Limit,
            TransportError::Broken(_) | TransportError::SupervisorGone => Self::NoVerdict,
            TransportError::Runtime(_)
            | TransportError::Prepare { .. }
            | TransportError::ThreadBusy { .. }
            | TransportError::ThreadLock(ThreadLockError::Busy { .. } | ThreadLockError::Io { .. } | _)
            | TransportError::Spawn { .. }
            | TransportError::StartFailed { .. }
            | TransportError::NotCodex { .. }
            | TransportError::ThreadMismatch { .. }
            | _ => Self::NotStarted,
        }
    }

    /// Whatever is wrong with an invocation, it was typed that way.
    pub(crate) fn of_invocation(_: &InvocationError) -> Self {
        Self::Usage
    }

    /// Whatever is wrong with the program, there is no Codex.
    pub(crate) fn of_program(_: &ProgramError) -> Self {
        Self::NotStarted
    }

    /// The code for a handle that could not be made.
    pub(crate) fn of_codex(error: &CodexError) -> Self {
        match error {
            CodexError::Program(error) => Self::of_program(error),
            CodexError::TwoTransports | _ => Self::NotStarted,
        }
    }

    /// The code for a run that is over. For one that a turn has ended, it is that of the turn, `turn`.
    pub(crate) fn of_stop(stop: &StopReason, turn: Self, interrupt: Option<Interrupt>) -> Self {
        match stop {
            StopReason::Satisfied => Self::Completed,
            StopReason::TurnLimit { .. }
            | StopReason::Budget { .. }
            | StopReason::NoProgress { .. }
            | StopReason::Time { .. } => Self::Limit,
            StopReason::Cancelled => Self::of_interrupt(interrupt),
            StopReason::Failed { .. } => turn,
            StopReason::Policy { .. } | StopReason::Check { .. } | _ => Self::Failed,
        }
    }

    /// The code for a run that did not begin.
    pub(crate) fn of_run(error: &AutoRunError) -> Self {
        match error {
            AutoRunError::Lack(_) | AutoRunError::InsideRuntime | AutoRunError::Runtime(_) => {
                Self::NotStarted
            }
            AutoRunError::ZeroLimit { .. }
            | AutoRunError::NoModel
            | AutoRunError::NoPrice { .. }
            | AutoRunError::Check { .. }
            | _ => Self::Usage,
        }
    }

    /// The code for a ledger that could not do what it must.
    pub(crate) fn of_ledger(error: &LedgerError) -> Self {
        if error.is_claim_unavailable() || matches!(error, LedgerError::Busy { .. }) {
            Self::TryAgain
        } else {
            Self::LedgerFailed
        }
    }

    /// The code of a project that could not be opened, or may not be worked in.
    pub(crate) fn of_project(error: &RunnerError) -> Self {
        match error {
            RunnerError::Settings(_)
            | RunnerError::Trust(_)
            | RunnerError::SettingsInProject { .. }
            | RunnerError::SettingsChanged { .. }
            | RunnerError::Elsewhere { .. }
            | RunnerError::NoLedger { .. }
            | RunnerError::Plan { .. }
            | RunnerError::MissingInput { .. }
            | RunnerError::TaskChanged { .. }
            | RunnerError::NotWaiting { .. } => Self::Usage,
            RunnerError::Program(error) => Self::of_program(error),
            RunnerError::NotCodex(error) => Self::of_program(error),
            RunnerError::Run(error) => Self::of_run(error),
            RunnerError::Ledger(error) => Self::of_ledger(error),
            RunnerError::Eclipsed { .. } | RunnerError::LeadsOut { .. } => Self::LedgerFailed,
            RunnerError::Start(error) => Self::of_transport(error, None),
            RunnerError::Killed | RunnerError::Redaction(_) | _ => Self::NotStarted,
        }
    }

    /// The number.
    pub(crate) fn number(self) -> u8 {
        self as u8
    }
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code.number())
    }
}

#[cfg(test)]
mod tests;
