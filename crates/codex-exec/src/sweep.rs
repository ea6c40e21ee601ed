//! [`sweep`]: finds the processes of a start by the marks in their environment, wherever they went.
//!
//! Each command of Codex runs in a session of its own, so a process group never holds them all. What all of them have is the
//! environment they were started with. A process that cleared its own environment is not found.

use codex_protocol::ThreadId;

use crate::{Marker, Survivors};

/// How often a sweep looks again after it found something.
const PASSES: usize = 5;

/// What processes of one start have in their environment.
#[derive(Clone, Debug)]
pub(crate) struct Marks {
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "nothing is found there"))]
    pub(crate) marker: Marker,
    pub(crate) thread: Option<ThreadId>,
}

/// Finds what is left of a start, kills it if it is to be killed, and names it.
///
/// It blocks for at most half a second: run it where blocking is allowed.
pub(crate) fn sweep(marks: &Marks, survivors: Survivors) -> Vec<u32> {
    let mut found: Vec<u32> = Vec::new();
    for _ in 0..PASSES {
        let pass = platform::pass(marks, survivors);
        if pass.is_empty() {
            break;
        }
        let news = pass.into_iter().filter(|pid| !found.contains(pid)).collect::<Vec<_>>();
        found.extend(news);
        if survivors == Survivors::Leave {
            break;
        }
    }
    found
}

/// Makes one pass and does not wait for anything: what a `Drop` may do.
pub(crate) fn kill_in_one_pass(marks: &Marks) {
    platform::pass_without_waiting(marks);
}

#[cfg(target_os = "linux")]
mod platform {
    use std::io::Read;
    use std::os::fd::OwnedFd;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::retry_on_intr;
    use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

    use super::Marks;
    use crate::Survivors;

    /// How long one pass waits for the processes that it killed.
    const PASS_WAIT: Duration = Duration::from_millis(100);
    /// The kernel allows environments of a few megabytes; what lies beyond is not read.
    const ENVIRONMENT_BYTES: u64 = 4 << 20;

    pub(super) fn pass(marks: &Marks, survivors: Survivors) -> Vec<u32> {
        let found = find(marks);
        if survivors == Survivors::Kill {
            for (_, handle) in &found {
                kill(handle);
            }
            wait_for_exit(&found);
        }
        found.into_iter().map(|(pid, _)| pid).collect()
    }

    pub(super) fn pass_without_waiting(marks: &Marks) {
        for (_, handle) in find(marks) {
            kill(&handle);
        }
    }

    /// Opens a handle first and reads the environment after it: the handle cannot come to mean another process.
    fn find(marks: &Marks) -> Vec<(u32, OwnedFd)> {
        let me = std::process::id();
        let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
        let needles = needles(marks);
        let mut buffer = Vec::new();
        let mut found = Vec::new();
        for entry in entries.flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
                continue;
            };
            if pid == me || !is_marked(pid, &needles, &mut buffer) {
                continue;
            }
            let Some(handle) = open(pid) else { continue };
            if is_marked(pid, &needles, &mut buffer) {
                found.push((pid, handle));
            }
        }
        found
    }

    fn needles(marks: &Marks) -> Vec<Vec<u8>> {
        let mut needles = vec![format!("\0{}=", marks.marker.variable_name()).into_bytes()];
        needles.extend(marks.thread.as_ref().map(|id| format!("\0CODEX_THREAD_ID={id}\0").into_bytes()));
        needles
    }

    /// A zombie has no environment any more, so it is never found.
    fn is_marked(pid: u32, needles: &[Vec<u8>], buffer: &mut Vec<u8>) -> bool {
        buffer.clear();
        buffer.push(0);
        let Ok(file) = std::fs::File::open(format!("/proc/{pid}/environ")) else { return false };
        if file.take(ENVIRONMENT_BYTES).read_to_end(buffer).is_err() {
            return false;
        }
        needles.iter().any(|needle| memchr::memmem::find(buffer, needle).is_some())
    }

    fn open(pid: u32) -> Option<OwnedFd> {
        pidfd_open(Pid::from_raw(i32::try_from(pid).ok()?)?, PidfdFlags::empty()).ok()
    }

    fn kill(handle: &OwnedFd) {
        // It may be gone already, which is what was wanted.
        let _ = pidfd_send_signal(handle, Signal::KILL);
    }

    fn wait_for_exit(found: &[(u32, OwnedFd)]) {
        let until = std::time::Instant::now() + PASS_WAIT;
        for (_, handle) in found {
            let left = until.saturating_duration_since(std::time::Instant::now());
            let left = Timespec::try_from(left).expect("a tenth of a second is in range");
            let mut handles = [PollFd::new(handle, PollFlags::IN)];
            let _ = retry_on_intr(|| poll(&mut handles, Some(&left)));
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use super::Marks;
    use crate::Survivors;

    /// Without `/proc` there is nothing to look through: of a stubborn tree the group is killed, and what left the group lives on.
    pub(super) fn pass(_: &Marks, _: Survivors) -> Vec<u32> {
        Vec::new()
    }

    pub(super) fn pass_without_waiting(_: &Marks) {}
}
