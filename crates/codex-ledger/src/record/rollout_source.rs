//! [`RolloutSource`]: where to read what Codex kept of a thread.
#![cfg_attr(feature = "mock", expect(clippy::ref_option_ref, reason = "the mock's own code has them"))]

use std::path::Path;

use codex_protocol::{RolloutSummary, ThreadId};

/// Reads what Codex kept of a thread. A seam: recovery asks it about a turn that nobody saw end.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait RolloutSource: Send + Sync {
    /// What the thread's file says, if there is one. `file` is where it was, so far as that was known.
    #[expect(clippy::needless_lifetimes, reason = "the mock needs the lifetime by its name")]
    fn rollout<'a>(&self, thread: &ThreadId, file: Option<&'a Path>) -> Option<RolloutSummary>;
}
