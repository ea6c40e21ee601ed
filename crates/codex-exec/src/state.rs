//! [`StartState`]: what the supervisor does next, as a pure table without a process.

/// Where a start of Codex stands.
///
/// | state | wake | action | next |
/// | --- | --- | --- | --- |
/// | Running | terminal line | arm the settle limit | Settling |
/// | Running, Settling | leader exited | arm the drain limit | Draining |
/// | Running, Settling | end of output | arm the settle limit if it is not yet | Closing |
/// | Closing | leader exited | end | Done |
/// | Running, Closing | cancelled, total limit, idle limit | ask | Stopping |
/// | Running, Settling, Closing | consumer gone, settle limit | ask | Stopping |
/// | Settling | cancelled | ask | Stopping |
/// | Stopping, Killing | consumer gone | shorten the grace period | same |
/// | Stopping | grace period passed | kill | Killing |
/// | Stopping, Killing | end of output | remember it | same |
/// | Stopping, Killing | leader exited | arm the drain limit, or end if output has ended | Draining, Done |
/// | Killing | kill limit | give up | Done |
/// | Draining | cancelled | stop waiting for the consumer | Draining |
/// | Draining | end of output, drain limit, consumer gone | end | Done |
///
/// Everything else changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StartState {
    /// The turn is under way.
    Running,
    /// The line that ends the turn was read.
    Settling,
    /// Output has ended, the process has not.
    Closing,
    /// The process was asked to stop.
    Stopping(StdoutState),
    /// The process group was killed.
    Killing(StdoutState),
    /// The process has exited, its output may be held by another.
    Draining,
    /// Nothing is left to do.
    Done,
}

/// Whether standard output can still bring something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StdoutState {
    Open,
    Ended,
}

/// What the supervisor woke up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    TerminalLine,
    OutputEnded,
    LeaderExited,
    Cancelled,
    ConsumerGone,
    TotalLimit,
    IdleLimit,
    SettleLimit,
    GracePassed,
    KillLimit,
    DrainLimit,
}

/// What the supervisor has to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SupervisorStep {
    Nothing,
    ArmSettle,
    ArmDrain,
    Ask,
    ShortenGrace,
    Kill,
    StopWaitingForConsumer,
    /// Sweep and send the end.
    End,
    /// Sweep, name the process itself among what is left, and send the end.
    GiveUp,
}

impl StartState {
    /// Takes the next step and says what to do about it.
    pub(crate) fn on(&mut self, wake: Wake) -> SupervisorStep {
        let (next, action) = self.step(wake);
        *self = next;
        action
    }

    fn step(self, wake: Wake) -> (Self, SupervisorStep) {
        use Wake as W;
        match (self, wake) {
            (Self::Running, W::TerminalLine) => (Self::Settling, SupervisorStep::ArmSettle),
            (Self::Running | Self::Settling, W::LeaderExited) => (Self::Draining, SupervisorStep::ArmDrain),
            (Self::Running | Self::Settling, W::OutputEnded) => (Self::Closing, SupervisorStep::ArmSettle),
            (Self::Running | Self::Settling, W::Cancelled | W::ConsumerGone | W::SettleLimit)
            | (Self::Running, W::TotalLimit | W::IdleLimit) => {
                (Self::Stopping(StdoutState::Open), SupervisorStep::Ask)
            }
            (
                Self::Closing,
                W::Cancelled | W::ConsumerGone | W::SettleLimit | W::TotalLimit | W::IdleLimit,
            ) => (Self::Stopping(StdoutState::Ended), SupervisorStep::Ask),
            (Self::Stopping(_) | Self::Killing(_), W::ConsumerGone) => (self, SupervisorStep::ShortenGrace),
            (Self::Stopping(output), W::GracePassed) => (Self::Killing(output), SupervisorStep::Kill),
            (Self::Stopping(_), W::OutputEnded) => {
                (Self::Stopping(StdoutState::Ended), SupervisorStep::Nothing)
            }
            (Self::Killing(_), W::OutputEnded) => {
                (Self::Killing(StdoutState::Ended), SupervisorStep::Nothing)
            }
            (Self::Stopping(StdoutState::Open) | Self::Killing(StdoutState::Open), W::LeaderExited) => {
                (Self::Draining, SupervisorStep::ArmDrain)
            }
            (
                Self::Closing | Self::Stopping(StdoutState::Ended) | Self::Killing(StdoutState::Ended),
                W::LeaderExited,
            )
            | (Self::Draining, W::OutputEnded | W::DrainLimit | W::ConsumerGone) => {
                (Self::Done, SupervisorStep::End)
            }
            (Self::Killing(_), W::KillLimit) => (Self::Done, SupervisorStep::GiveUp),
            (Self::Draining, W::Cancelled) => (Self::Draining, SupervisorStep::StopWaitingForConsumer),
            _ => (self, SupervisorStep::Nothing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{StartState, StdoutState, SupervisorStep, Wake};

    const STATES: [StartState; 9] = [
        StartState::Running,
        StartState::Settling,
        StartState::Closing,
        StartState::Stopping(StdoutState::Open),
        StartState::Stopping(StdoutState::Ended),
        StartState::Killing(StdoutState::Open),
        StartState::Killing(StdoutState::Ended),
        StartState::Draining,
        StartState::Done,
    ];
    const WAKES: [Wake; 11] = [
        Wake::TerminalLine,
        Wake::OutputEnded,
        Wake::LeaderExited,
        Wake::Cancelled,
        Wake::ConsumerGone,
        Wake::TotalLimit,
        Wake::IdleLimit,
        Wake::SettleLimit,
        Wake::GracePassed,
        Wake::KillLimit,
        Wake::DrainLimit,
    ];

    /// The whole table, a row per state and a column per wake, `.` where nothing changes.
    #[test]
    fn the_table_is_as_documented() {
        let mut table = Vec::new();
        for state in STATES {
            for wake in WAKES {
                let mut next = state;
                let action = next.on(wake);
                if (next, action) != (state, SupervisorStep::Nothing) {
                    table.push(format!("{state:?} --{wake:?}--> {next:?} / {action:?}"));
                }
            }
        }
        insta::assert_snapshot!(table.join("\n"));
    }

    #[test]
    fn every_state_but_done_reaches_done_once_killing_fails() {
        for state in STATES.into_iter().filter(|state| *state != StartState::Done) {
            let mut state = state;
            for wake in [Wake::ConsumerGone, Wake::GracePassed, Wake::KillLimit] {
                state.on(wake);
            }
            assert_eq!(state, StartState::Done);
        }
    }

    #[test]
    fn done_is_the_end() {
        for wake in WAKES {
            let mut state = StartState::Done;
            assert_eq!(state.on(wake), SupervisorStep::Nothing);
            assert_eq!(state, StartState::Done);
        }
    }
}
