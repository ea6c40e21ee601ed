//! [`Waiter`]: how time is let pass.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Lets time pass. A seam: a test does not want to wait.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Waiter: Send + Sync {
    /// Blocks this thread.
    fn wait(&self, duration: Duration);

    /// The time since some moment that does not change.
    fn elapsed(&self) -> Duration;
}

/// Waits in earnest.
#[derive(Debug, Clone, Copy)]
pub struct SystemWaiter(Instant);

impl SystemWaiter {
    /// Makes one.
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

impl Default for SystemWaiter {
    fn default() -> Self {
        Self::new()
    }
}

impl Waiter for SystemWaiter {
    fn wait(&self, duration: Duration) {
        thread::sleep(duration);
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Does not wait, and says that it has.
///
/// ```
/// use std::time::Duration;
///
/// use codex_ledger::system::{SkippingWaiter, Waiter};
///
/// let waiter = SkippingWaiter::new();
/// waiter.wait(Duration::from_secs(3600));
/// assert_eq!(waiter.elapsed(), Duration::from_secs(3600));
/// ```
#[derive(Debug, Default)]
pub struct SkippingWaiter(Mutex<Duration>);

impl SkippingWaiter {
    /// Makes one that has not waited.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Waiter for SkippingWaiter {
    fn wait(&self, duration: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += duration;
    }

    fn elapsed(&self) -> Duration {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
