//! [`Clock`]: what time it is.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Tells the time of day. A seam: a test sets it, and then the bytes of a record are the same every time.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl SystemClock {
    /// Makes one.
    pub fn new() -> Self {
        Self
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands still until it is set.
///
/// ```
/// use codex_ledger::system::{Clock, FixedClock, utc_seconds};
///
/// let clock = FixedClock::at("2025-09-05T17:42:10Z".parse()?);
/// assert_eq!(utc_seconds(clock.now()), "2025-09-05T17:42:10Z");
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug)]
pub struct FixedClock(Mutex<Timestamp>);

impl FixedClock {
    /// Makes one that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// Shows `now` from here on.
    pub fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Moves it.
    ///
    /// # Panics
    ///
    /// The time leaves the years -9999 to 9999.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now += by;
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes a time as the record does: `2025-09-05T17:42:10Z`.
pub fn utc_seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Writes a time with three decimals of its second: `2025-09-05T17:42:10.250Z`.
pub fn utc_millis(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::{Clock, FixedClock, utc_millis, utc_seconds};

    #[test]
    fn times_are_written_in_utc_and_cut_not_rounded() {
        let time = "2025-12-31T23:59:59.9996Z".parse().unwrap();
        assert_eq!(utc_seconds(time), "2025-12-31T23:59:59Z");
        assert_eq!(utc_millis(time), "2025-12-31T23:59:59.999Z");
    }

    #[test]
    fn a_fixed_clock_moves_only_when_it_is_told_to() {
        let clock = FixedClock::at("2025-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(clock.now(), clock.now());
        clock.advance(jiff::SignedDuration::from_secs(61));
        assert_eq!(utc_seconds(clock.now()), "2025-01-01T00:01:01Z");
    }
}
