//! [`PrivateIndex`]: an index beside the user's.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::GitCli;
use super::index_file::{IndexCopy, IndexFile, Placeholder, set_modified};
use crate::git::PrivateDirs;
use crate::git::vcs::VcsError;
use crate::system::file_age::file_age;
use crate::values::RepoPath;

const STEP: &str = "prepare a private index";
/// What a process that died has left is removed after this time, where a file system knows no locks.
const STALE: Duration = Duration::from_hours(24);

/// An index file of our own, removed when it is dropped.
#[derive(Debug)]
pub(super) struct PrivateIndex {
    path: PathBuf,
    /// Says to other processes that the folder is in use.
    _folder: Option<File>,
    oid_bytes: usize,
    /// Where an entry stands for a folder that is left out.
    placeholder: Option<RepoPath>,
}

impl PrivateIndex {
    /// Names an index that is empty.
    pub(super) fn empty(git: &GitCli) -> Result<Self, VcsError> {
        let folder = PrivateDirs::indexes(&git.git_dir);
        fs::create_dir_all(&folder).map_err(failed(&folder))?;
        let in_use = enter(&folder);
        let path = folder.join(format!("{}-{:016x}", std::process::id(), fastrand::u64(..)));
        Ok(Self { path, _folder: in_use, oid_bytes: git.empty_tree.as_str().len() / 2, placeholder: None })
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

    /// Begins with a copy of the user's index, if there is one, without the entries of a folder; git does not look into that
    /// folder, unless that would change what else it finds. [`remove`](Self::remove) comes before this index becomes a tree.
    ///
    /// Of an index in a form that only git knows the copy has everything.
    pub(super) fn of_user_without(git: &GitCli, folder: &RepoPath) -> Result<Self, VcsError> {
        let user = git.git_dir.join("index");
        let mut index = Self::empty(git)?;
        let from = IndexFile { path: &user, oid_bytes: index.oid_bytes };
        let placeholder = placeholder(&git.runner.root, folder);
        let copied = fs::metadata(&user).and_then(|found| found.modified()).and_then(|modified| {
            let copied = from.copy_without(folder, placeholder, &index.path)?;
            set_modified(&index.path, modified)?;
            Ok(copied)
        });
        match copied {
            Ok(IndexCopy::Written) => {
                index.placeholder = (placeholder == Placeholder::Repository).then(|| folder.clone());
                Ok(index)
            }
            Ok(IndexCopy::UnknownForm) => Self::copy_of(git, &user),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(index),
            Err(error) => Err(failed(&user)(error)),
        }
    }

    /// Takes the entries at and below a path out of it; returns whether that was done, which only git can do in some forms.
    pub(super) fn remove(&self, folder: &RepoPath) -> Result<bool, VcsError> {
        match self.file().remove(folder) {
            Ok(IndexCopy::UnknownForm) => Ok(false),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&self.path)(error)),
            Ok(IndexCopy::Written) | Err(_) => Ok(true),
        }
    }

    fn file(&self) -> IndexFile<'_> {
        IndexFile { path: &self.path, oid_bytes: self.oid_bytes }
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

    /// The paths at which it has a commit of another repository; `None` if only git can tell.
    pub(super) fn repositories(&self) -> Result<Option<BTreeSet<RepoPath>>, VcsError> {
        let mut found = match self.file().repositories() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some(BTreeSet::new()),
            found => found.map_err(failed(&self.path))?,
        };
        if let (Some(found), Some(placeholder)) = (&mut found, &self.placeholder) {
            found.remove(placeholder);
        }
        Ok(found)
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

/// What stands for a folder that is left out. A folder above it that is a repository of its own is no longer one for git if the
/// index has something below it.
fn placeholder(root: &Path, folder: &RepoPath) -> Placeholder {
    let folder = Path::new(OsStr::from_bytes(folder.as_bytes()));
    let mut above = folder.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty());
    let is_repository = |above: &Path| root.join(above).join(".git").symlink_metadata().is_ok();
    if above.any(is_repository) { Placeholder::Nothing } else { Placeholder::Repository }
}

fn copy_with_time(from: &Path, to: &Path) -> io::Result<()> {
    let modified = fs::metadata(from)?.modified()?;
    fs::copy(from, to)?;
    set_modified(to, modified)
}

/// Locks the folder together with all who use it, so that nobody else removes what is in it. Whoever comes when nobody uses
/// it removes what processes that were killed have left.
fn enter(folder: &Path) -> Option<File> {
    let file = File::open(folder).ok()?;
    match file.try_lock() {
        Ok(()) => remove_left(folder, Duration::ZERO),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(_)) => remove_left(folder, STALE),
    }
    file.lock_shared().is_ok().then_some(file)
}

/// That a file of the past cannot be removed now is no reason to fail.
fn remove_left(folder: &Path, age: Duration) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let is_kept = name.as_bytes().starts_with(b"kept-") && !name.as_bytes().ends_with(b".lock");
        if !is_kept && file_age(&path).is_some_and(|found| found >= age) {
            let _ = fs::remove_file(path);
        }
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> VcsError {
    let path = path.to_owned();
    move |source| VcsError::Io { step: STEP, path, source }
}
