//! [`LockFile`]: a lock that the system gives back when its holder dies.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::OFlags;

use crate::LedgerError;
use crate::system::file_age::file_age;
use crate::system::{Abort, Waiter};

/// Holds a lock as long as it lives.
///
/// The lock is on the open file, not in its content: it is free again when the holder ends, however it ends.
#[derive(Debug)]
#[must_use = "the lock is free again when this is dropped"]
pub struct LockFile {
    path: PathBuf,
    file: File,
}

impl Drop for LockFile {
    /// Closing the file is not enough: a child that another thread is starting at this moment has it open, too, until
    /// it becomes another program.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

impl LockFile {
    /// Takes the lock if nobody holds it; makes the file and its folder if they are not there.
    ///
    /// Only its owner may open the file, and a group that the umask lets write, as in a repository that a group shares.
    ///
    /// # Errors
    ///
    /// The file cannot be made or locked. That somebody holds it is `None`, not an error.
    pub fn try_acquire(path: &Path) -> Result<Option<Self>, LedgerError> {
        let failed = || LedgerError::disk("lock the ledger", path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed())?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o660);
        options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
        let file = options.open(path).map_err(failed())?;
        keep_others_out(&file).map_err(failed())?;
        match file.try_lock() {
            Ok(()) => {
                // For whoever is told how long it has been held; the lock holds without it.
                let _ = file.set_modified(SystemTime::now());
                Ok(Some(Self { path: path.to_owned(), file }))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(failed()(source)),
        }
    }

    /// Takes the lock, waiting for its holder as long as `limit`.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Busy`] if it is held for that long; else as [`try_acquire`](Self::try_acquire).
    pub fn acquire(path: &Path, limit: Duration, waiter: &dyn Waiter) -> Result<Self, LedgerError> {
        Self::acquire_unless(path, limit, waiter, &Abort::new())
    }

    /// Takes the lock, waiting for its holder as long as `limit` and until `abort` is pulled.
    pub(crate) fn acquire_unless(
        path: &Path,
        limit: Duration,
        waiter: &dyn Waiter,
        abort: &Abort,
    ) -> Result<Self, LedgerError> {
        let start = waiter.elapsed();
        loop {
            if let Some(lock) = Self::try_acquire(path)? {
                return Ok(lock);
            }
            if waiter.elapsed().saturating_sub(start) >= limit || abort.is_pulled() {
                return Err(LedgerError::Busy { lock: path.to_owned(), age: file_age(path) });
            }
            waiter.wait(Duration::from_millis(fastrand::u64(2..20)));
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Removes the rights of users who must not take the lock: read access is enough to hold it.
fn keep_others_out(file: &File) -> io::Result<()> {
    let found = file.metadata()?;
    let mode = found.mode() & 0o7777;
    let is_shared = mode & 0o020 != 0;
    let wanted = mode & if is_shared { 0o660 } else { 0o600 };
    // Only its owner can change it; a link in its place was not opened.
    if mode == wanted || found.uid() != rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    file.set_permissions(fs::Permissions::from_mode(wanted))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::{Duration, SystemTime};

    use rstest::rstest;

    use super::LockFile;
    use crate::LedgerError;
    use crate::system::{Abort, SkippingWaiter, Waiter as _};

    #[rstest]
    #[case::readable_by_all(0o644, 0o600)]
    #[case::writable_by_all(0o666, 0o660)]
    #[case::of_a_group(0o660, 0o660)]
    #[case::readable_by_a_group(0o640, 0o600)]
    #[case::private(0o600, 0o600)]
    fn an_old_lock_file_is_closed_to_others(#[case] old: u32, #[case] new: u32) {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("lock");
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(old)).unwrap();
        let _held = LockFile::try_acquire(&path).unwrap().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, new);
    }

    #[test]
    fn a_lock_is_held_once_and_free_after_its_drop() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("turns/lock");
        let held = LockFile::try_acquire(&path).unwrap().unwrap();
        assert!(LockFile::try_acquire(&path).unwrap().is_none());
        drop(held);
        assert!(LockFile::try_acquire(&path).unwrap().is_some());
    }

    #[test]
    fn waiting_for_a_lock_ends_when_it_is_given_up() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("lock");
        let _held = LockFile::try_acquire(&path).unwrap().unwrap();
        let (waiter, abort) = (SkippingWaiter::new(), Abort::new());
        abort.pull();
        let given_up = LockFile::acquire_unless(&path, Duration::MAX, &waiter, &abort);
        assert!(matches!(given_up, Err(LedgerError::Busy { .. })));
        assert_eq!(waiter.elapsed(), Duration::ZERO);
    }

    #[test]
    fn waiting_for_a_lock_ends_with_its_name_and_age() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("lock");
        let yesterday = SystemTime::now() - Duration::from_hours(24);
        fs::File::create(&path).unwrap().set_modified(yesterday).unwrap();
        let _held = LockFile::try_acquire(&path).unwrap().unwrap();
        let waiter = SkippingWaiter::new();
        let error = LockFile::acquire(&path, Duration::from_mins(1), &waiter).unwrap_err();
        let LedgerError::Busy { lock, age: Some(age) } = error else { panic!("{error}") };
        assert!(lock == path && age < Duration::from_hours(1), "it was taken just now: {age:?}");
    }
}
