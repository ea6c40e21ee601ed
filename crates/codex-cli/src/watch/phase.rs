//! [`SignalPhase`]: the part of the work that a signal reaches.

use codex_runner::RunnerEvent;

use crate::interrupts::Interrupt;
use crate::render::{Line, Tone};

/// The part of the work that a signal reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignalPhase {
    /// Nothing was written or started.
    Preparing,
    /// The record is being opened.
    Opening,
    /// Turns run; the number tells those of one task from those of the next.
    Working(u32),
    /// The checks of the project run.
    Checking,
    /// The agent is asked for its account.
    Asking(u32),
    /// The record is being sealed.
    Recording,
}

impl SignalPhase {
    /// Returns the phase after an event.
    #[expect(clippy::wildcard_enum_match_arm, reason = "few events begin a phase")]
    pub(super) fn after(self, event: &RunnerEvent) -> Self {
        match event {
            RunnerEvent::Opening => Self::Opening,
            RunnerEvent::Working => Self::Working(self.number() + 1),
            RunnerEvent::Checking => Self::Checking,
            RunnerEvent::Asking => Self::Asking(self.number()),
            RunnerEvent::Recording => Self::Recording,
            _ => self,
        }
    }

    fn number(self) -> u32 {
        match self {
            Self::Working(number) | Self::Asking(number) => number,
            Self::Preparing | Self::Opening | Self::Checking | Self::Recording => 0,
        }
    }

    /// Returns whether Codex runs.
    pub(super) fn is_of_turns(self) -> bool {
        matches!(self, Self::Working(_) | Self::Asking(_))
    }

    /// Says what the first signal has done, and what a second one does.
    pub(super) fn announcement(self, heard: Interrupt) -> Line {
        let text = match self {
            Self::Preparing | Self::Opening => {
                "cancelling: waiting for the ledger; again to give up".to_owned()
            }
            Self::Working(_) | Self::Asking(_) => {
                let again = match heard {
                    Interrupt::CtrlC => "press Ctrl-C again to kill it",
                    Interrupt::Terminate | Interrupt::HangUp => "a second signal kills it",
                };
                format!("cancelling: waiting for codex to stop; {again}")
            }
            Self::Checking => "cancelling: waiting for the check to stop".to_owned(),
            Self::Recording => {
                "recording the turn; a second signal leaves that to `codex-turns ledger recover`".to_owned()
            }
        };
        Line::new(Tone::Warning, &text)
    }
}
