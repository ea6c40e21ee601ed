//! [`RolloutRef`]: the file in which Codex keeps a thread, and the part of it that one turn wrote.

mod locate;

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use codex_protocol::{RolloutSummary, ThreadId};

/// Refers to what one turn adds to its thread's rollout file.
///
/// The file's place and form are internal to Codex: that it is not there, or not understood, is never an
/// error. It is looked for when the reference is made, and again when it is read, since the file of a new
/// thread comes later than the thread's first line.
#[derive(Clone, Debug)]
pub struct RolloutRef(Arc<RolloutOrigin>);

#[derive(Debug)]
enum RolloutOrigin {
    File(RolloutSpan),
    Memory(Vec<u8>),
}

#[derive(Clone, Debug)]
struct RolloutSpan {
    home: PathBuf,
    thread: ThreadId,
    path: Option<PathBuf>,
    before_bytes: u64,
    after_bytes: Option<u64>,
}

impl RolloutRef {
    /// Looks for the thread's file in a Codex home, and notes how long it is: what comes later is the turn's.
    ///
    /// This reads folders, a handful as a rule, and blocks for that.
    pub fn locate(home: &Path, thread: &ThreadId) -> Self {
        let path = locate::find(home, thread);
        let before_bytes = path.as_deref().and_then(length).unwrap_or(0);
        Self::of(RolloutSpan {
            home: home.to_owned(),
            thread: thread.clone(),
            path,
            before_bytes,
            after_bytes: None,
        })
    }

    /// Refers to the file of a thread that this turn opened, all of which is the turn's. Nothing is looked at
    /// before it is read.
    pub fn of_new_thread(home: &Path, thread: &ThreadId) -> Self {
        let (home, thread) = (home.to_owned(), thread.clone());
        Self::of(RolloutSpan { home, thread, path: None, before_bytes: 0, after_bytes: None })
    }

    /// Ends the reference where the file ends now, so that later turns of the thread are not counted in.
    ///
    /// Blocks as [`locate`](RolloutRef::locate) does.
    #[must_use = "the reference ends in the returned value"]
    pub fn ended(self) -> Self {
        match &*self.0 {
            RolloutOrigin::File(part) => {
                let path = part.find();
                let after_bytes = path.as_deref().and_then(length);
                Self::of(RolloutSpan { path, after_bytes, ..part.clone() })
            }
            RolloutOrigin::Memory(_) => self,
        }
    }

    /// Holds lines instead of a file, for tests and replays.
    pub fn from_memory(lines: impl Into<Vec<u8>>) -> Self {
        Self(Arc::new(RolloutOrigin::Memory(lines.into())))
    }

    /// The length of the file before the turn, 0 where it was not there.
    pub fn before_bytes(&self) -> u64 {
        match &*self.0 {
            RolloutOrigin::File(part) => part.before_bytes,
            RolloutOrigin::Memory(_) => 0,
        }
    }

    /// The length of the file after the turn, or now where the reference was not [ended](RolloutRef::ended);
    /// `None` where it is not there. Blocks.
    pub fn after_bytes(&self) -> Option<u64> {
        match &*self.0 {
            RolloutOrigin::File(part) => part.after_bytes.or_else(|| length(&part.find()?)),
            RolloutOrigin::Memory(lines) => Some(lines.len() as u64),
        }
    }

    /// The file, looked for again if it was not there. Blocks.
    pub fn path(&self) -> Option<PathBuf> {
        match &*self.0 {
            RolloutOrigin::File(part) => part.find(),
            RolloutOrigin::Memory(_) => None,
        }
    }

    /// Reads what the turn wrote, on a thread that may block: the last `limit_bytes` of it, in whole lines.
    /// `None`: there is no file.
    ///
    /// # Errors
    ///
    /// The file is there and cannot be read, or there is no runtime, or it is shutting down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the reading to end by itself; nothing is changed by it.
    pub async fn load(&self, limit_bytes: u64) -> io::Result<Option<RolloutSummary>> {
        crate::RuntimeError::check()?;
        let this = self.clone();
        tokio::task::spawn_blocking(move || this.load_blocking(limit_bytes))
            .await
            .map_err(io::Error::other)?
    }

    /// Does what [`load`](RolloutRef::load) does, on this thread.
    ///
    /// # Errors
    ///
    /// The file is there and cannot be read.
    pub fn load_blocking(&self, limit_bytes: u64) -> io::Result<Option<RolloutSummary>> {
        let mut summary = RolloutSummary::default();
        match &*self.0 {
            RolloutOrigin::Memory(lines) => observe(&mut summary, &lines[..])?,
            RolloutOrigin::File(part) => {
                let Some(path) = part.find() else { return Ok(None) };
                observe(&mut summary, part.open(&path, limit_bytes)?)?;
            }
        }
        Ok(Some(summary))
    }

    fn of(part: RolloutSpan) -> Self {
        Self(Arc::new(RolloutOrigin::File(part)))
    }
}

impl RolloutSpan {
    fn find(&self) -> Option<PathBuf> {
        self.path.clone().or_else(|| locate::find(&self.home, &self.thread))
    }

    /// The part of the file that the turn wrote, and of that the end that fits the limit, in whole lines.
    fn open(&self, path: &Path, limit_bytes: u64) -> io::Result<impl io::BufRead + use<>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let end = self.after_bytes.map_or(length, |after| after.min(length));
        let start = self.before_bytes.max(end.saturating_sub(limit_bytes));
        // One byte earlier, so that a line that begins at the start itself is seen to be whole.
        let skipped = start.min(1);
        file.seek(SeekFrom::Start(start - skipped))?;
        let mut part = BufReader::new(file.take(end.saturating_sub(start) + skipped));
        if skipped == 1 {
            part.skip_until(b'\n')?;
        }
        Ok(part)
    }
}

fn length(path: &Path) -> Option<u64> {
    path.metadata().ok().map(|found| found.len())
}

fn observe(summary: &mut RolloutSummary, mut lines: impl io::BufRead) -> io::Result<()> {
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        summary.observe(line.strip_suffix(b"\n").unwrap_or(&line));
        line.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests;
