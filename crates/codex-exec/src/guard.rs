//! [`Guard`]: signals a process that was not reaped yet, and ends it when everything else is gone.

use std::io;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::process::Child;

use crate::sweep::{Marks, kill_in_one_pass};

/// A started process and its guard, from the moment of the start: whoever drops it ends the process.
#[derive(Debug)]
pub(crate) struct Guarded {
    // First, so that it acts while the process is not reaped.
    pub(crate) guard: Guard,
    pub(crate) child: Child,
}

impl Guarded {
    /// Starts a process under guard.
    ///
    /// The guard is there first: a start may fail, and even panic, when the process runs already, for want of a file descriptor or
    /// of a driver in the runtime.
    pub(crate) fn start(marks: Marks, start: impl FnOnce() -> io::Result<Child>) -> io::Result<Self> {
        let mut guard = Guard { leader: None, armed: true, marks };
        let child = start()?;
        guard.leader = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
        Ok(Self { guard, child })
    }
}

/// Holds the right to signal a process: once it is reaped its id may belong to another.
///
/// Dropped before it was defused (the runtime is gone, or a panic) it kills the group and makes one pass over what is marked. It
/// never waits.
#[derive(Debug)]
pub(crate) struct Guard {
    leader: Option<Pid>,
    armed: bool,
    pub(crate) marks: Marks,
}

impl Guard {
    /// The process, if it was started and not reaped yet.
    pub(crate) fn leader(&self) -> Option<u32> {
        self.leader.map(|pid| pid.as_raw_nonzero().get().unsigned_abs())
    }

    pub(crate) fn interrupt(&self) {
        // It may have exited and wait to be reaped; then the signal is for nobody.
        self.leader.map(|pid| kill_process(pid, Signal::INT).ok());
    }

    pub(crate) fn interrupt_group(&self) {
        self.leader.map(|pid| kill_process_group(pid, Signal::INT).ok());
    }

    pub(crate) fn kill_group(&self) {
        self.leader.map(|pid| kill_process_group(pid, Signal::KILL).ok());
    }

    pub(crate) fn reaped(&mut self) {
        self.leader = None;
    }

    /// Nothing is left to be done.
    pub(crate) fn defuse(&mut self) {
        self.armed = false;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.armed {
            self.kill_group();
            kill_in_one_pass(&self.marks);
        }
    }
}
