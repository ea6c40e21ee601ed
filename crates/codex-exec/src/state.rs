//! [`State`]: what the supervisor does next, as a pure table without a process.

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
pub(crate) enum State {
    /// The turn is under way.
    Running,
    /// The line that ends the turn was read.
    Settling,
    /// Output has ended, the process has not.
    Closing,
    /// The process was asked to stop.
    Stopping(Output),
    /// The process group was killed.
    Killing(Output),
    /// The process has exited, its output may be held by another.
    Draining,
    /// Nothing is left to do.
    Done,
}

/// Whether standard output can still bring something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
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
pub(crate) enum Action {
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

impl State {
    /// Takes the next step and says what to do about it.
    pub(crate) fn on(&mut self, wake: Wake) -> Action {
        let (next, action) = self.step(wake);
        *self = next;
        action
    }

    fn step(self, wake: Wake) -> (Self, Action) {
        use Wake as W;
        match (self, wake) {
            (Self::Running, W::TerminalLine) => (Self::Settling, Action::ArmSettle),
            (Self::Running | Self::Settling, W::LeaderExited) => (Self::Draining, Action::ArmDrain),
            (Self::Running | Self::Settling, W::OutputEnded) => (Self::Closing, Action::ArmSettle),
            (Self::Running | Self::Settling, W::Cancelled | W::ConsumerGone | W::SettleLimit)
            | (Self::Running, W::TotalLimit | W::IdleLimit) => (Self::Stopping(Output::Open), Action::Ask),
            (
                Self::Closing,
                W::Cancelled | W::ConsumerGone | W::SettleLimit | W::TotalLimit | W::IdleLimit,
            ) => (Self::Stopping(Output::Ended), Action::Ask),
            (Self::Stopping(_) | Self::Killing(_), W::ConsumerGone) => (self, Action::ShortenGrace),
            (Self::Stopping(output), W::GracePassed) => (Self::Killing(output), Action::Kill),
            (Self::Stopping(_), W::OutputEnded) => (Self::Stopping(Output::Ended), Action::Nothing),
            (Self::Killing(_), W::OutputEnded) => (Self::Killing(Output::Ended), Action::Nothing),
            (Self::Stopping(Output::Open) | Self::Killing(Output::Open), W::LeaderExited) => {
                (Self::Draining, Action::ArmDrain)
            }
            (
                Self::Closing | Self::Stopping(Output::Ended) | Self::Killing(Output::Ended),
                W::LeaderExited,
            )
            | (Self::Draining, W::OutputEnded | W::DrainLimit | W::ConsumerGone) => (Self::Done, Action::End),
            (Self::Killing(_), W::KillLimit) => (Self::Done, Action::GiveUp),
            (Self::Draining, W::Cancelled) => (Self::Draining, Action::StopWaitingForConsumer),
            _ => (self, Action::Nothing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Output, State, Wake};

    const STATES: [State; 9] = [
        State::Running,
        State::Settling,
        State::Closing,
        State::Stopping(Output::Open),
        State::Stopping(Output::Ended),
        State::Killing(Output::Open),
        State::Killing(Output::Ended),
        State::Draining,
        State::Done,
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
                if (next, action) != (state, Action::Nothing) {
                    table.push(format!("{state:?} --{wake:?}--> {next:?} / {action:?}"));
                }
            }
        }
        insta::assert_snapshot!(table.join("\n"));
    }

    #[test]
    fn every_state_but_done_reaches_done_once_killing_fails() {
        for state in STATES.into_iter().filter(|state| *state != State::Done) {
            let mut state = state;
            for wake in [Wake::ConsumerGone, Wake::GracePassed, Wake::KillLimit] {
                state.on(wake);
            }
            assert_eq!(state, State::Done);
        }
    }

    #[test]
    fn done_is_the_end() {
        for wake in WAKES {
            let mut state = State::Done;
            assert_eq!(state.on(wake), Action::Nothing);
            assert_eq!(state, State::Done);
        }
    }
}
