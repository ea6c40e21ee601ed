//! [`remove_halves`]: what a process that was killed has left of the files that it was writing.

use std::ffi::OsStr;
use std::fs::{self, TryLockError};
use std::path::Path;
use std::time::Duration;

use super::Disk;
use crate::system::file_age::file_age;
use crate::system::plain_file::open_plain;

/// Where a file system knows no locks, no write takes as long.
const ABANDONED: Duration = Duration::from_mins(1);

/// Removes the temporary files of [`Disk::write_new`] from a folder, if nobody is writing them: their writer holds a lock.
///
/// That one cannot be removed now is no reason to fail.
pub(crate) fn remove_halves(disk: &dyn Disk, folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if !is_half(&entry.file_name()) {
            continue;
        }
        // The lock is held until the file is gone, so that its writer finds out.
        let Ok(half) = open_plain(&path) else { continue };
        let is_left = match half.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(_)) => file_age(&path).is_some_and(|age| age > ABANDONED),
        };
        if is_left && let Err(error) = disk.remove_file(&path) {
            tracing::warn!(path = %path.display(), %error, "half of a file is still there");
        }
    }
}

/// The name of a temporary file for this name and number.
pub(super) fn half_name(name: &OsStr, number: u64) -> String {
    // A name may be as long as the system takes, so that only its beginning fits beside the number.
    let beginning: String = name.to_string_lossy().chars().take(40).collect();
    format!(".{beginning}.{number:016x}.tmp")
}

fn is_half(name: &OsStr) -> bool {
    let parts = name.to_str().and_then(|name| name.strip_prefix('.')?.strip_suffix(".tmp")?.rsplit_once('.'));
    parts.is_some_and(|(_, number)| number.len() == 16 && number.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::{half_name, remove_halves};
    use crate::system::{DiskRoot, RealDisk};

    #[test]
    fn only_what_nobody_writes_and_has_such_a_name_is_removed() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().canonicalize().unwrap();
        let write = |name: &str| fs::write(folder.join(name), "{").unwrap();
        let (left, written) = (half_name("heads.json".as_ref(), 7), half_name("heads.json".as_ref(), 8));
        write(&left);
        write(&written);
        let writer = File::open(folder.join(&written)).unwrap();
        writer.lock().unwrap();
        for of_the_user in
            ["notes.tmp", ".notes.tmp", ".notes.0123.tmp", ".notes.0000000000000007", "heads.json"]
        {
            write(of_the_user);
        }
        fs::create_dir(folder.join(".folder.0000000000000007.tmp")).unwrap();

        let disk = RealDisk::within([DiskRoot::at(&folder)]);
        let names = || {
            let entries = fs::read_dir(&folder).unwrap();
            let mut names: Vec<_> =
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        };
        remove_halves(&disk, &folder);
        let mut expected = vec![
            ".folder.0000000000000007.tmp",
            &written,
            ".notes.0000000000000007",
            ".notes.0123.tmp",
            ".notes.tmp",
            "heads.json",
            "notes.tmp",
        ];
        expected.sort_unstable();
        assert_eq!(names(), expected);
        drop(writer);
        remove_halves(&disk, &folder);
        assert!(!names().contains(&written), "its writer has ended");
    }
}
