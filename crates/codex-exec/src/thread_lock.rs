//! [`ThreadLock`]: one turn per thread at a time, across processes.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process;
use std::time::Duration;

use codex_protocol::ThreadId;
use thiserror::Error;

use crate::{StateDir, ThreadHolder};

/// Holds a thread for one turn: as long as it lives, every other attempt to get it fails, in this process and
/// in others of this user.
///
/// The system gives the lock back when its holder dies, however it dies.
///
/// ```
/// use codex_exec::{StateDir, ThreadLock, ThreadLockError};
///
/// let scratch = tempfile::tempdir()?;
/// let state = StateDir::at(scratch.path().join("state"));
/// let thread = codex_protocol::ThreadId::parse("0199a213-81c0-7800-8aa1-bbab2a035a53")?;
///
/// let held = ThreadLock::acquire(&state, &thread)?;
/// assert!(matches!(ThreadLock::acquire(&state, &thread), Err(ThreadLockError::Busy { .. })));
/// drop(held);
/// assert!(ThreadLock::acquire(&state, &thread).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "the thread is free again when this is dropped"]
pub struct ThreadLock {
    path: PathBuf,
    /// Closing it gives the lock back.
    file: File,
}

/// Says why a thread cannot be had.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ThreadLockError {
    /// Somebody else works on it.
    #[error("the thread {thread} is in use{}", by(holder.as_ref()))]
    #[non_exhaustive]
    Busy {
        /// The thread.
        thread: ThreadId,
        /// The process that holds it, if that could be read.
        holder: Option<ThreadHolder>,
    },
    /// The lock file cannot be made or locked.
    #[error("the lock file {} of the thread cannot be used", path.display())]
    #[non_exhaustive]
    Io {
        /// The file, or the folder that it belongs into.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl ThreadLock {
    /// Takes the thread, or fails at once where somebody has it.
    ///
    /// # Errors
    ///
    /// The thread is in use, or the state folder cannot be used.
    pub fn acquire(state: &StateDir, thread: &ThreadId) -> Result<Self, ThreadLockError> {
        let folder = state
            .threads()
            .map_err(|source| ThreadLockError::Io { path: state.path().to_owned(), source })?;
        let path = folder.join(file_name(thread.as_str()));
        let failed = |source| ThreadLockError::Io { path: path.clone(), source };
        loop {
            let file = open(&path).map_err(failed)?;
            match locked(&file, &path).map_err(failed)? {
                Locked::Ours => return Ok(Self::held(path, file)),
                Locked::Theirs => {
                    return Err(ThreadLockError::Busy { thread: thread.clone(), holder: holder(file) });
                }
                Locked::Removed => {}
            }
        }
    }

    /// Removes the files of holders that died a day ago or longer, and whose threads nobody has taken since.
    ///
    /// A younger file is left: whoever takes its thread at this very moment would find it held.
    pub(crate) fn forget_abandoned(state: &StateDir) -> io::Result<()> {
        for path in old_files(&state.threads()?)? {
            if let Ok(file) = OpenOptions::new().read(true).write(true).open(&path)
                && let Ok(Locked::Ours) = locked(&file, &path)
            {
                drop(Self { path, file });
            }
        }
        Ok(())
    }

    fn held(path: PathBuf, mut file: File) -> Self {
        // The number is for the message to others alone; the lock holds without it.
        let _ = file.set_len(0).and_then(|()| write!(file, "{}", process::id()));
        Self { path, file }
    }
}

impl Drop for ThreadLock {
    fn drop(&mut self) {
        // Removed while it is locked, so that the file removed is the one that was locked.
        if is_at(&self.file, &self.path).unwrap_or(false) {
            let _ = fs::remove_file(&self.path);
        }
        let _ = self.file.unlock();
    }
}

/// Files of a folder that were not written for a day.
pub(crate) fn old_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    const OLD: Duration = Duration::from_hours(24);
    let is_old = |entry: &fs::DirEntry| {
        let age = entry.metadata().and_then(|found| found.modified()).ok()?.elapsed().ok()?;
        (age > OLD).then_some(())
    };
    let entries = fs::read_dir(folder)?.flatten();
    Ok(entries.filter(|entry| is_old(entry).is_some()).map(|entry| entry.path()).collect())
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

enum Locked {
    Ours,
    Theirs,
    /// The last holder removes the file as it lets go. Where that came between the opening and the locking,
    /// this is a lock on a file that nobody else can find.
    Removed,
}

fn locked(file: &File, path: &Path) -> io::Result<Locked> {
    match file.try_lock() {
        Ok(()) if is_at(file, path)? => Ok(Locked::Ours),
        Ok(()) => Ok(Locked::Removed),
        Err(TryLockError::WouldBlock) => Ok(Locked::Theirs),
        Err(TryLockError::Error(source)) => Err(source),
    }
}

fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let opened = file.metadata()?;
    match fs::metadata(path) {
        Ok(found) => Ok((found.dev(), found.ino()) == (opened.dev(), opened.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The holder writes its number into the file when it takes the thread.
fn holder(file: File) -> Option<ThreadHolder> {
    let taken = file.metadata().and_then(|found| found.modified());
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    let holder = ThreadHolder::new(text.trim().parse().ok()?);
    Some(taken.map_or(holder, |since| holder.since(since)))
}

fn by(holder: Option<&ThreadHolder>) -> String {
    holder.map_or_else(String::new, |holder| format!(" by {holder}"))
}

/// The id is a UUID, but what Codex said is kept even where it is none: nothing in it may leave the folder.
fn file_name(thread: &str) -> String {
    let mut name = String::new();
    for byte in thread.bytes().take(80) {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            name.push(char::from(byte.to_ascii_lowercase()));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(name, "%{byte:02x}");
        }
    }
    name + ".lock"
}

#[cfg(test)]
mod tests;
