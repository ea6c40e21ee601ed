//! [`RunningGit`]: a git that has started, and its end.

use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::WaitEnd;
use crate::git::vcs::VcsError;

/// How long git may take to remove its lock files when it is ended.
const GRACE: Duration = Duration::from_millis(200);

/// Ends git and what it started when it is given up.
pub(super) struct RunningGit(pub(super) Child);

impl RunningGit {
    pub(super) fn wait(&mut self, watch: &WaitEnd<'_>) -> Result<ExitStatus, VcsError> {
        let mut pause = Duration::from_micros(100);
        loop {
            if let Ok(Some(status)) = self.0.try_wait() {
                return Ok(status);
            }
            watch.left()?;
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(10));
        }
    }
}

impl Drop for RunningGit {
    /// Asks, waits for a moment and kills. Git that is killed at once leaves its lock files, and with the user's index
    /// locked no other git works.
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(Some(_))) {
            return;
        }
        let group = Pid::from_child(&self.0);
        // It may have ended by itself since.
        let _ = kill_process_group(group, Signal::TERM);
        let start = Instant::now();
        while start.elapsed() < GRACE && !has_ended(group) {
            thread::sleep(Duration::from_millis(2));
        }
        // As long as nobody has waited for it, its number cannot be that of another group.
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.0.wait();
    }
}

/// Whether a child has ended; it can still be waited for.
fn has_ended(child: Pid) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    !matches!(waitid(WaitId::Pid(child), options), Ok(None))
}
