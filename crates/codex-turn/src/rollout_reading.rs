//! [`RolloutReading`]: whether and how far the rollout of a thread is read after a turn.

use std::time::Duration;

/// Says whether the rollout of the thread is read after the turn, and bounds the reading.
///
/// The rollout is the file in which Codex itself records a thread. It knows what the stream leaves out: the
/// usage of a resumed turn, tool calls without an event, and what a turn that was killed had done. Its
/// format is internal to Codex, so everything from it is optional, and that it is missing is no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RolloutReading {
    /// When it is read.
    pub when: ReadRollout,
    /// How many bytes of this turn's part are read at most.
    pub limit_bytes: u64,
    /// How long reading may take before it is given up.
    pub wait: Duration,
}

/// When the rollout is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadRollout {
    /// When the stream leaves the usage of the turn open, or the turn ended without a line that says how.
    #[default]
    WhenNeeded,
    /// After every turn; needed to see the tool calls that left no event.
    Always,
    /// Never.
    Never,
}

impl Default for RolloutReading {
    /// ```
    /// use codex_turn::{ReadRollout, RolloutReading};
    ///
    /// let reading = RolloutReading::default();
    /// assert_eq!(reading.when, ReadRollout::WhenNeeded);
    /// assert_eq!(reading.limit_bytes, 64 << 20);
    /// assert_eq!(reading.wait.as_secs(), 2);
    /// ```
    fn default() -> Self {
        Self { when: ReadRollout::default(), limit_bytes: 64 << 20, wait: Duration::from_secs(2) }
    }
}

impl RolloutReading {
    /// Sets how many bytes are read at most.
    #[must_use = "builder methods return the changed value"]
    pub fn limit_bytes(mut self, limit_bytes: u64) -> Self {
        self.limit_bytes = limit_bytes;
        self
    }

    /// Sets how long reading may take.
    #[must_use = "builder methods return the changed value"]
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }
}

impl From<ReadRollout> for RolloutReading {
    fn from(when: ReadRollout) -> Self {
        Self { when, ..Self::default() }
    }
}
