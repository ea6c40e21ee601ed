//! [`PrivateIndex`]: an index beside the user's.

use std::ffi::OsString;
use std::fs::{self, File, FileTimes};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::GitCli;
use crate::git::PrivateDirs;
use crate::git::vcs::VcsError;
use crate::system::file_age::file_age;
use crate::values::RepoPath;

const STEP: &str = "prepare a private index";
/// What a process that died has left is removed after this time.
const STALE: Duration = Duration::from_hours(24);

/// An index file of our own, removed when it is dropped.
#[derive(Debug)]
pub(super) struct PrivateIndex {
    path: PathBuf,
}

impl PrivateIndex {
    /// Names an index that is empty.
    pub(super) fn empty(git: &GitCli) -> Result<Self, VcsError> {
        let folder = PrivateDirs::indexes(&git.git_dir);
        fs::create_dir_all(&folder).map_err(failed(&folder))?;
        remove_stale(&folder);
        Ok(Self { path: folder.join(format!("{}-{:016x}", std::process::id(), fastrand::u64(..))) })
    }

    /// Begins with a copy of another index, if that is there: what git knows of each file's size and time saves it from
    /// reading the file again.
    pub(super) fn copy_of(git: &GitCli, other: &Path) -> Result<Self, VcsError> {
        let index = Self::empty(git)?;
        match copy_with_time(other, &index.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(other)(error)),
            _ => Ok(index),
        }
    }

    /// Removes the lock of a git that was killed. Nothing else uses this index.
    pub(super) fn unlock(&self) {
        let mut lock = self.path().as_os_str().to_owned();
        lock.push(".lock");
        drop(fs::remove_file(lock));
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is anything in it.
    pub(super) fn exists(&self) -> bool {
        self.path.exists()
    }

    /// Whether there may be an entry at or below a path.
    ///
    /// Versions 2 and 3 have every path as it is, unless a part of the entries is in another file (`link`) or
    /// stands for a whole folder (`sdir`).
    pub(super) fn may_have(&self, path: &RepoPath) -> bool {
        let has = |bytes: &[u8], what: &[u8]| memchr::memmem::find(bytes, what).is_some();
        fs::read(&self.path).map_or(true, |bytes| {
            let is_plain = matches!(bytes.get(..8), Some([b'D', b'I', b'R', b'C', 0, 0, 0, 2 | 3]));
            !is_plain || [path.as_bytes(), b"link", b"sdir"].iter().any(|what| has(&bytes, what))
        })
    }

    /// Whether there may be an entry that is a commit of another repository: its mode stands in the index as it is.
    pub(super) fn may_have_links(&self) -> bool {
        let has = |bytes: &[u8], what: &[u8]| memchr::memmem::find(bytes, what).is_some();
        match fs::read(&self.path) {
            Ok(bytes) => [&[0, 0, 0xe0, 0][..], b"link", b"sdir"].iter().any(|what| has(&bytes, what)),
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        }
    }

    /// Turns it into a file that git reads as something other than an index.
    pub(super) fn fill(&self, bytes: &[u8]) -> Result<(), VcsError> {
        fs::write(&self.path, bytes).map_err(failed(&self.path))
    }

    /// Keeps it under another name.
    pub(super) fn keep_as(self, path: &Path) -> Result<(), VcsError> {
        fs::rename(&self.path, path).map_err(failed(path))
    }
}

impl Drop for PrivateIndex {
    fn drop(&mut self) {
        let mut lock = OsString::from(&self.path);
        lock.push(".lock");
        // Neither need be there.
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_file(lock);
    }
}

/// Git takes a file that changed in the same moment in which the index was written for suspect, and reads it. A copy with a
/// later time would hide that moment.
fn copy_with_time(from: &Path, to: &Path) -> io::Result<()> {
    let modified = fs::metadata(from)?.modified()?;
    fs::copy(from, to)?;
    File::options().write(true).open(to)?.set_times(FileTimes::new().set_modified(modified))
}

/// That a file of the past cannot be removed now is no reason to fail.
fn remove_stale(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_kept = entry.file_name().as_encoded_bytes().starts_with(b"kept-");
        if !is_kept && file_age(&path).is_some_and(|age| age > STALE) {
            let _ = fs::remove_file(path);
        }
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> VcsError {
    let path = path.to_owned();
    move |source| VcsError::Io { step: STEP, path, source }
}
