//! [`WaitEnd`]: ends a wait for git at its limit, and finds what git waits for.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::super::environment::GitReach;
use super::super::obstacles::{Sought, obstacle_below};
use super::super::{bring, status};
use super::Runner;
use crate::git::vcs::VcsError;

/// The steps that look at the whole worktree.
const OF_WORKTREE: [&str; 2] = [bring::STEP, status::STEP];
/// What git says if it cannot get memory.
const OF_MEMORY: [&str; 4] = ["ut of memory", "annot allocate memory", "mmap failed", "malloc"];
/// How long git may take before it is asked whether it waits for a pipe.
const PATIENCE: Duration = Duration::from_secs(3);

/// What ends a wait for git.
pub(super) struct WaitEnd<'a> {
    step: &'static str,
    limit: Duration,
    deadline: Instant,
    /// When it is time to look for a pipe; once.
    suspicious: Cell<Option<Instant>>,
    runner: &'a Runner,
}

impl<'a> WaitEnd<'a> {
    pub(super) fn new(runner: &'a Runner, step: &'static str, limit: Duration, reach: GitReach) -> Self {
        let start = Instant::now();
        let suspicious = Cell::new((reach == GitReach::Local).then(|| start + PATIENCE));
        Self { step, limit, deadline: start + limit, suspicious, runner }
    }

    /// How long git may go on.
    pub(super) fn left(&self) -> Result<Duration, VcsError> {
        let step = self.step;
        if self.runner.abort.is_pulled() {
            return Err(VcsError::Aborted { step });
        }
        let now = Instant::now();
        let left = self.deadline.saturating_duration_since(now);
        if left.is_zero() {
            let timed_out = VcsError::TimedOut { step, limit: self.limit };
            let slow = || OF_WORKTREE.contains(&step).then(|| self.too_slow());
            return Err(self.waits_for(Sought::Any).or_else(slow).unwrap_or(timed_out));
        }
        if self.suspicious.get().is_some_and(|then| now >= then) {
            self.suspicious.set(None);
            if let Some(error) = self.waits_for(Sought::OfGit) {
                return Err(error);
            }
        }
        Ok(left)
    }

    /// What keeps git from its work, if that is a pipe.
    fn waits_for(&self, sought: Sought) -> Option<VcsError> {
        let path = self.runner.included_pipe().or_else(|| obstacle_below(&self.runner.root, sought))?;
        let path = path.canonicalize().unwrap_or(path);
        let reason = "it is a pipe, which git waits for".to_owned();
        Some(VcsError::Obstructed { step: self.step, path, reason })
    }

    /// Names the worktree as the reason of a look at it that takes too long: the number of files, or rules that are too slow.
    fn too_slow(&self) -> VcsError {
        let reason = format!("git took longer than {:?}: too many files, or slow ignore rules", self.limit);
        VcsError::Obstructed { step: self.step, path: self.runner.root.clone(), reason }
    }

    /// Names the file that git cannot hold in memory, if git complains of memory.
    pub(super) fn out_of_memory(&self, said: &str) -> Option<VcsError> {
        if !OF_MEMORY.iter().any(|words| said.contains(words)) {
            return None;
        }
        let path = obstacle_below(&self.runner.root, Sought::TooLarge)?;
        Some(VcsError::Obstructed { step: self.step, path, reason: "it does not fit into memory".to_owned() })
    }

    pub(super) fn unreadable(&self, reason: String) -> VcsError {
        VcsError::Unreadable { step: self.step, reason }
    }
}
