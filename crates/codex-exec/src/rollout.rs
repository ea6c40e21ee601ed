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
pub struct RolloutRef(Arc<Source>);

#[derive(Debug)]
enum Source {
    File { home: PathBuf, thread: ThreadId, path: Option<PathBuf>, before_bytes: u64 },
    Memory(Vec<u8>),
}

impl RolloutRef {
    /// Looks for the thread's file in a Codex home, and notes how long it is: what comes later is the turn's.
    ///
    /// This reads folders, at most a few hundred in a home of years, and blocks for that.
    pub fn locate(home: &Path, thread: &ThreadId) -> Self {
        let path = locate::find(home, thread);
        let length = path.as_ref().and_then(|path| path.metadata().ok()).map_or(0, |found| found.len());
        Self(Arc::new(Source::File {
            home: home.to_owned(),
            thread: thread.clone(),
            path,
            before_bytes: length,
        }))
    }

    /// Refers to the file of a thread that this turn opened, all of which is the turn's. Nothing is looked at
    /// before it is read.
    pub fn of_new_thread(home: &Path, thread: &ThreadId) -> Self {
        Self(Arc::new(Source::File {
            home: home.to_owned(),
            thread: thread.clone(),
            path: None,
            before_bytes: 0,
        }))
    }

    /// Holds lines instead of a file, for tests and replays.
    pub fn from_memory(lines: impl Into<Vec<u8>>) -> Self {
        Self(Arc::new(Source::Memory(lines.into())))
    }

    /// The length of the file when the reference was made, 0 where it was not there.
    pub fn before_bytes(&self) -> u64 {
        match &*self.0 {
            Source::File { before_bytes, .. } => *before_bytes,
            Source::Memory(_) => 0,
        }
    }

    /// The length of the file now, `None` where it is not there. Blocks.
    pub fn after_bytes(&self) -> Option<u64> {
        match &*self.0 {
            Source::File { .. } => self.path()?.metadata().ok().map(|found| found.len()),
            Source::Memory(lines) => Some(lines.len() as u64),
        }
    }

    /// The file, looked for again if it was not there. Blocks.
    pub fn path(&self) -> Option<PathBuf> {
        match &*self.0 {
            Source::File { path: Some(path), .. } => Some(path.clone()),
            Source::File { home, thread, path: None, .. } => locate::find(home, thread),
            Source::Memory(_) => None,
        }
    }

    /// Reads what the turn wrote, on a thread that may block: the last `limit_bytes` of it, in whole lines.
    /// `None`: there is no file.
    ///
    /// # Errors
    ///
    /// The file is there and cannot be read, or the runtime is shutting down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the reading to end by itself; nothing is changed by it.
    pub async fn load(&self, limit_bytes: u64) -> io::Result<Option<RolloutSummary>> {
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
            Source::Memory(lines) => observe(&mut summary, &lines[..])?,
            Source::File { before_bytes, .. } => {
                let Some(path) = self.path() else { return Ok(None) };
                observe(&mut summary, turn_part(&path, *before_bytes, limit_bytes)?)?;
            }
        }
        Ok(Some(summary))
    }
}

/// The part of the file that comes after `before_bytes`, and of that what fits the limit, from a line's start.
fn turn_part(path: &Path, before_bytes: u64, limit_bytes: u64) -> io::Result<impl io::BufRead + use<>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let start = before_bytes.max(length.saturating_sub(limit_bytes));
    // One byte earlier, so that a line that begins at the start itself is seen to be whole.
    file.seek(SeekFrom::Start(start.saturating_sub(1)))?;
    let skipped = start.min(1);
    let mut part = BufReader::new(file.take(length.saturating_sub(start) + skipped));
    if skipped == 1 {
        part.skip_until(b'\n')?;
    }
    Ok(part)
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
