//! [`Rollouts`]: what Codex itself has kept of threads, for turns that nobody saw end.

use std::path::{Path, PathBuf};

use codex_exec::{CodexHome, HomeEnvironment, RolloutRef};
use codex_ledger::record::RolloutSource;
use codex_protocol::{RolloutSummary, ThreadId};

/// How much of a thread is read.
const LIMIT_BYTES: u64 = 64 << 20;

/// Reads what Codex has kept of threads in its home.
#[derive(Debug)]
pub(super) struct Rollouts {
    home: Option<PathBuf>,
}

impl Rollouts {
    /// Reads in the home that is named, or else in that of the environment.
    pub(super) fn of(codex_home: Option<&Path>, environment: &HomeEnvironment) -> Self {
        let home = CodexHome::resolve(codex_home, environment);
        Self { home: home.map(|home| home.path().to_owned()) }
    }
}

impl RolloutSource for Rollouts {
    fn rollout(&self, thread: &ThreadId, file: Option<&Path>) -> Option<RolloutSummary> {
        let home = file.and_then(home_of).or(self.home.as_deref())?;
        RolloutRef::of_new_thread(home, thread).load_blocking(LIMIT_BYTES).ok()?
    }
}

/// The home that a thread's file lies in.
fn home_of(file: &Path) -> Option<&Path> {
    let is_sessions = |folder: &&Path| {
        folder.file_name().is_some_and(|name| name == "sessions" || name == "archived_sessions")
    };
    file.ancestors().find(is_sessions)?.parent()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_is_above_the_sessions() {
        let file = Path::new("/home/ada/.codex/sessions/2026/01/02/rollout-x.jsonl");
        assert_eq!(home_of(file), Some(Path::new("/home/ada/.codex")));
        assert_eq!(home_of(Path::new("/tmp/x.jsonl")), None);
    }
}
