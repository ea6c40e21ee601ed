//! [`RetryPolicy`]: whether a turn that failed is tried again, and after how long.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use codex_protocol::{FailureKind, Verdict};

/// Decides whether a turn that did not complete is tried again, and after how long; *how*, it does not
/// decide: what the turn had already done does.
///
/// | how the turn ended | what is done |
/// | --- | --- |
/// | rate limit that names its reset | wait so long, up to [`reset_cap`](RetryPolicy::reset_cap) |
/// | other rate limit, overloaded, stream lost, killed, truncated | back off exponentially, with full jitter |
/// | anything else: auth, usage limit, context window, invalid request, .. | stop |
///
/// ```
/// use std::time::Duration;
/// use codex_turn::RetryPolicy;
///
/// let policy = RetryPolicy::default();
/// assert_eq!((policy.attempts, policy.total), (3, 10));
/// assert_eq!((policy.base, policy.cap), (Duration::from_secs(1), Duration::from_secs(60)));
/// assert_eq!(policy.reset_cap, Duration::from_secs(15 * 60));
/// assert_eq!(RetryPolicy::never().attempts, 0);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How often one turn is tried again.
    pub attempts: u32,
    /// How often turns are tried again in the whole run.
    pub total: u32,
    /// The longest first wait; each further one may be twice as long.
    pub base: Duration,
    /// The longest wait of all that are backed off.
    pub cap: Duration,
    /// The longest wait for a reset time that a message names.
    pub reset_cap: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 3,
            total: 10,
            base: Duration::from_secs(1),
            cap: Duration::from_mins(1),
            reset_cap: Duration::from_mins(15),
        }
    }
}

/// How often was tried again before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retries {
    /// How often since the last turn that completed.
    pub of_turn: u32,
    /// How often in the whole run.
    pub of_run: u32,
}

impl Retries {
    /// Counts retries, for tests of policies.
    pub fn new(of_turn: u32, of_run: u32) -> Self {
        Self { of_turn, of_run }
    }
}

/// What a retry policy decides.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// Try again after this wait.
    #[non_exhaustive]
    After {
        /// How long.
        wait: Duration,
    },
    /// Do not.
    #[non_exhaustive]
    Stop {
        /// Why not, for people.
        reason: String,
    },
}

impl RetryPolicy {
    /// Tries nothing again.
    pub fn never() -> Self {
        Self { attempts: 0, ..Self::default() }
    }

    /// Sets how often one turn is tried again.
    #[must_use = "builder methods return the changed value"]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets how often turns are tried again in the whole run.
    #[must_use = "builder methods return the changed value"]
    pub fn total(mut self, total: u32) -> Self {
        self.total = total;
        self
    }

    /// Sets the longest first wait and the longest wait of all that are backed off.
    #[must_use = "builder methods return the changed value"]
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        (self.base, self.cap) = (base, cap);
        self
    }

    /// Sets the longest wait for a reset time that a message names.
    #[must_use = "builder methods return the changed value"]
    pub fn reset_cap(mut self, reset_cap: Duration) -> Self {
        self.reset_cap = reset_cap;
        self
    }

    /// Decides. `random`, from 0 to 1, is the share of the longest wait that is waited: with a number drawn
    /// evenly that is full jitter.
    ///
    /// ```
    /// use std::time::Duration;
    /// use codex_turn::{Retries, Retry, RetryPolicy, Verdict};
    ///
    /// let policy = RetryPolicy::default();
    /// let Retry::After { wait, .. } = policy.decide(&Verdict::killed(9), Retries::new(2, 2), 0.5)
    /// else { panic!("it is tried again") };
    /// assert_eq!(wait, Duration::from_secs(2)); // half of 1 s, doubled twice
    /// assert!(matches!(policy.decide(&Verdict::Cancelled, Retries::default(), 0.5), Retry::Stop { .. }));
    /// ```
    pub fn decide(&self, verdict: &Verdict, before: Retries, random: f64) -> Retry {
        let stop = |reason: String| Retry::Stop { reason };
        let Some(wait) = wait(verdict) else {
            return stop(format!("{verdict}; trying again would not help"));
        };
        if self.attempts == 0 {
            return stop(verdict.to_string());
        }
        if before.of_turn >= self.attempts {
            return stop(format!("{verdict}, also after trying again {} times", before.of_turn));
        }
        if before.of_run >= self.total {
            return stop(format!("{verdict}, and {} retries is all that the run may make", before.of_run));
        }
        let wait = match wait {
            Wait::Named(reset) => reset.min(self.reset_cap),
            Wait::BackOff => share(self.longest(before.of_turn), random),
        };
        Retry::After { wait }
    }

    fn longest(&self, before: u32) -> Duration {
        let waits = ExponentialBuilder::new()
            .with_min_delay(self.base.min(self.cap))
            .with_max_delay(self.cap)
            .without_max_times()
            .build();
        // After sixty-four doublings every cap is reached.
        waits.take(64).nth(before.min(63) as usize).unwrap_or(self.cap)
    }
}

/// Part of a wait; what is no number from 0 to 1 counts as the nearest one, and what is none at all as 0.
fn share(longest: Duration, random: f64) -> Duration {
    let random = if random > 0.0 { random.min(1.0) } else { 0.0 };
    // The longest duration there is is no longer one after a multiplication that rounds.
    Duration::try_from_secs_f64(longest.as_secs_f64() * random).unwrap_or(longest).min(longest)
}

enum Wait {
    Named(Duration),
    BackOff,
}

/// What there is to wait for; nothing where the same would happen again.
fn wait(verdict: &Verdict) -> Option<Wait> {
    match verdict {
        Verdict::Failed(failure) => match failure.kind {
            FailureKind::RateLimit { reset_after: Some(reset), .. } => Some(Wait::Named(reset)),
            FailureKind::RateLimit { reset_after: None, .. }
            | FailureKind::Overloaded
            | FailureKind::StreamLost => Some(Wait::BackOff),
            FailureKind::UsageLimit { .. }
            | FailureKind::Auth
            | FailureKind::ContextWindow
            | FailureKind::Sandbox
            | FailureKind::InvalidRequest
            | FailureKind::Other
            | _ => None,
        },
        Verdict::Killed { .. } | Verdict::Truncated => Some(Wait::BackOff),
        Verdict::Completed
        | Verdict::Interrupted
        | Verdict::Cancelled
        | Verdict::TimedOut { .. }
        | Verdict::Budget { .. }
        | Verdict::Exited { .. }
        | _ => None,
    }
}

#[cfg(test)]
mod tests;
