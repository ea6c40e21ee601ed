//! [`Timers`]: which limit comes next.

use std::time::{Duration, Instant};

use crate::ExecOptions;
use crate::state::Wake;

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alarm {
    Limit(Wake),
    AskAgain,
}

impl Alarm {
    /// Says whether it limits the wait for bytes.
    pub(crate) fn is_for_bytes(self) -> bool {
        matches!(self, Self::Limit(Wake::DrainLimit | Wake::IdleLimit))
    }
}

/// The limits that are armed.
///
/// Most are points in time. Two are amounts of time spent waiting for bytes, so that a slow consumer does not use them up: how
/// long output may stay open after the exit, and how long it may be silent.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    total: Option<Instant>,
    settle: Option<Instant>,
    grace: Option<Instant>,
    ask: Option<Instant>,
    kill: Option<Instant>,
    drain_left: Option<Duration>,
    idle: Option<Duration>,
    idle_left: Option<Duration>,
}

impl Timers {
    pub(crate) fn new(now: Instant, options: &ExecOptions) -> Self {
        Self {
            total: options.total.map(|total| after(now, total)),
            idle: options.idle,
            idle_left: options.idle,
            ..Self::default()
        }
    }

    /// Finds the alarm that rings first.
    pub(crate) fn next(&self, now: Instant, is_reading: bool) -> Option<(Instant, Alarm)> {
        let spent = |left: Option<Duration>| left.filter(|_| is_reading).map(|left| after(now, left));
        let alarms = [
            (self.grace, Alarm::Limit(Wake::GracePassed)),
            (self.kill, Alarm::Limit(Wake::KillLimit)),
            (self.ask, Alarm::AskAgain),
            (self.settle, Alarm::Limit(Wake::SettleLimit)),
            (spent(self.drain_left), Alarm::Limit(Wake::DrainLimit)),
            (self.total, Alarm::Limit(Wake::TotalLimit)),
            (spent(self.idle_left), Alarm::Limit(Wake::IdleLimit)),
        ];
        alarms.into_iter().filter_map(|(at, alarm)| Some((at?, alarm))).min_by_key(|(at, _)| *at)
    }

    /// Takes note of time that was spent waiting for bytes.
    pub(crate) fn spend(&mut self, waited: Duration) {
        for left in [&mut self.drain_left, &mut self.idle_left].into_iter().flatten() {
            *left = left.saturating_sub(waited);
        }
    }

    /// Starts the silence anew.
    pub(crate) fn bytes_came(&mut self) {
        self.idle_left = self.idle_left.and(self.idle);
    }

    pub(crate) fn turn_ended(&mut self) {
        self.total = None;
        self.idle_left = None;
    }

    pub(crate) fn arm_settle(&mut self, now: Instant, limit: Duration) {
        self.settle.get_or_insert(after(now, limit));
    }

    pub(crate) fn arm_drain(&mut self, limit: Duration) {
        *self = Self { drain_left: Some(limit), ..Self::default() };
    }

    pub(crate) fn arm_grace(&mut self, now: Instant, limit: Duration, ask_interval: Duration) {
        *self = Self { grace: Some(after(now, limit)), ..Self::default() };
        self.arm_ask(now, ask_interval);
    }

    pub(crate) fn shorten_grace(&mut self, now: Instant, limit: Duration) {
        self.grace = self.grace.map(|grace| grace.min(after(now, limit)));
    }

    pub(crate) fn arm_ask(&mut self, now: Instant, ask_interval: Duration) {
        // With no time between them the asks would leave none to hear the answer.
        self.ask = Some(after(now, ask_interval.max(Duration::from_millis(1))));
    }

    pub(crate) fn arm_kill(&mut self, now: Instant, limit: Duration) {
        *self = Self { kill: Some(after(now, limit)), ..Self::default() };
    }

    /// Disarms what has rung, so that it rings once.
    pub(crate) fn rung(&mut self, alarm: Alarm) {
        match alarm {
            Alarm::AskAgain => self.ask = None,
            Alarm::Limit(wake) => match wake {
                Wake::GracePassed => self.grace = None,
                Wake::KillLimit => self.kill = None,
                Wake::SettleLimit => self.settle = None,
                Wake::DrainLimit => self.drain_left = None,
                Wake::TotalLimit => self.total = None,
                Wake::IdleLimit => self.idle_left = None,
                Wake::TerminalLine
                | Wake::OutputEnded
                | Wake::LeaderExited
                | Wake::Cancelled
                | Wake::ConsumerGone => {}
            },
        }
    }
}

/// A limit that is longer than time can be told is one that never comes.
fn after(now: Instant, limit: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_hours(24 * 36_500);
    now.checked_add(limit).unwrap_or_else(|| now + CENTURY)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Alarm, Timers};
    use crate::ExecOptions;
    use crate::state::Wake;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn silence_counts_only_while_somebody_waits_for_bytes() {
        let now = Instant::now();
        let mut timers = Timers::new(now, &ExecOptions::default().idle_limit(2 * SECOND));
        assert_eq!(timers.next(now, false), None);
        timers.spend(SECOND);
        assert_eq!(timers.next(now, true), Some((now + SECOND, Alarm::Limit(Wake::IdleLimit))));
        timers.bytes_came();
        assert_eq!(timers.next(now, true), Some((now + 2 * SECOND, Alarm::Limit(Wake::IdleLimit))));
    }

    #[test]
    fn the_end_of_the_turn_lifts_the_limits_of_the_turn() {
        let now = Instant::now();
        let mut timers = Timers::new(now, &ExecOptions::default().idle_limit(SECOND).total_limit(SECOND));
        timers.turn_ended();
        assert_eq!(timers.next(now, true), None);
        timers.bytes_came();
        assert_eq!(timers.next(now, true), None);
    }

    #[test]
    fn a_limit_without_end_never_comes() {
        let (now, never) = (Instant::now(), Duration::MAX);
        let far_away =
            |timers: &Timers| timers.next(now, true).is_none_or(|(at, _)| at > now + 1000 * SECOND);
        let mut timers = Timers::new(now, &ExecOptions::default().idle_limit(never).total_limit(never));
        assert!(far_away(&timers));
        timers.arm_settle(now, never);
        assert!(far_away(&timers));
        timers.arm_drain(never);
        assert!(far_away(&timers));
        timers.arm_kill(now, never);
        assert!(far_away(&timers));
        timers.arm_grace(now, never, never);
        assert!(far_away(&timers));
        timers.shorten_grace(now, SECOND);
        assert_eq!(timers.next(now, true), Some((now + SECOND, Alarm::Limit(Wake::GracePassed))));
    }

    #[test]
    fn what_has_rung_does_not_ring_again() {
        let now = Instant::now();
        let mut timers = Timers::new(now, &ExecOptions::default());
        timers.arm_grace(now, 2 * SECOND, SECOND);
        let (_, first) = timers.next(now, true).unwrap();
        assert_eq!(first, Alarm::AskAgain);
        timers.rung(first);
        assert_eq!(timers.next(now, true), Some((now + 2 * SECOND, Alarm::Limit(Wake::GracePassed))));
        timers.shorten_grace(now, SECOND);
        assert_eq!(timers.next(now, true), Some((now + SECOND, Alarm::Limit(Wake::GracePassed))));
        timers.rung(Alarm::Limit(Wake::GracePassed));
        assert_eq!(timers.next(now, true), None);
    }
}
