//! [`ThreadHolder`]: the process that works on a thread.

use std::fmt;
use std::process;
use std::time::{Duration, SystemTime};

/// Names the process that works on a thread, and since when.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use codex_exec::ThreadHolder;
///
/// let holder = ThreadHolder::new(4711).since(SystemTime::now() - Duration::from_secs(90));
/// assert_eq!(holder.to_string(), "process 4711, for 90s");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ThreadHolder {
    /// The process.
    pub pid: u32,
    /// When it took the thread, if that is known.
    pub since: Option<SystemTime>,
}

impl ThreadHolder {
    /// Names a process.
    pub fn new(pid: u32) -> Self {
        Self { pid, since: None }
    }

    /// Names this process.
    pub fn this_process() -> Self {
        Self::new(process::id())
    }

    /// Says when it took the thread.
    #[must_use = "builder methods return the changed value"]
    pub fn since(mut self, since: SystemTime) -> Self {
        self.since = Some(since);
        self
    }
}

/// For people: the process, and how long it has had the thread.
impl fmt::Display for ThreadHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}", self.pid)?;
        match self.since.and_then(|since| since.elapsed().ok()) {
            Some(time) => write!(f, ", for {:?}", Duration::from_secs(time.as_secs())),
            None => Ok(()),
        }
    }
}
