//! Finds the files that keep git from its work: pipes that it waits for, and files that do not fit into memory.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::rule_files::{ATTRIBUTES, IGNORE};

const MODULES: &[u8] = b".gitmodules";
const MOST_ENTRIES: usize = 200_000;
const LONGEST: Duration = Duration::from_secs(2);

/// Larger files of rules or refs do not occur in practice.
const MOST_BYTES: u64 = 64 << 20;

/// Which files count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sought {
    /// Those in the place of a file that git reads of every worktree, or of a repository inside it.
    OfGit,
    /// All pipes, since a file `.git` can make any folder a repository.
    Any,
    /// Files that git reads as a whole and that are too large for that.
    TooLarge,
}

/// Returns the first such file in a worktree, within limits of entries and time. The git directory at its top is left out.
pub(super) fn obstacle_below(root: &Path, sought: Sought) -> Option<PathBuf> {
    let end = Instant::now() + LONGEST;
    let mut left = MOST_ENTRIES;
    let mut queue = vec![(root.to_owned(), sought == Sought::Any)];
    while let Some((folder, counts)) = queue.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            left = left.checked_sub(1).filter(|_| Instant::now() < end)?;
            let Ok(kind) = entry.file_type() else { continue };
            let name = entry.file_name();
            let is_read = counts || is_of_git(&name);
            let is_found = match sought {
                Sought::OfGit | Sought::Any => kind.is_fifo(),
                Sought::TooLarge => entry.metadata().is_ok_and(|found| found.len() > MOST_BYTES),
            };
            if is_read && is_found {
                return Some(entry.path());
            }
            let is_git_dir = name == ".git";
            if kind.is_dir() && !(is_git_dir && folder == root) {
                queue.push((entry.path(), counts || is_git_dir));
            }
        }
    }
    None
}

pub(super) fn is_pipe(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.file_type().is_fifo())
}

fn is_of_git(name: &OsStr) -> bool {
    [IGNORE, ATTRIBUTES, MODULES, b"HEAD"].contains(&name.as_bytes())
}

#[cfg(test)]
mod tests {
    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    #[test]
    fn a_pipe_that_git_reads_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let pipe = |path: &str| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o644), 0).unwrap();
            path
        };
        pipe(".git/HEAD");
        assert_eq!(obstacle_below(root, Sought::Any), None, "the sandbox guards it");
        let queue = pipe("run/queue");
        assert_eq!(obstacle_below(root, Sought::OfGit), None, "git reads no such file");
        assert_eq!(obstacle_below(root, Sought::Any), Some(queue.clone()));
        fs::remove_file(queue).unwrap();
        for path in ["a/.gitignore", "b/.gitattributes", "c/.git/refs/heads/main", "d/HEAD"] {
            let made = pipe(path);
            assert_eq!(obstacle_below(root, Sought::OfGit), Some(made.clone()), "{path}");
            fs::remove_file(made).unwrap();
        }
    }

    #[test]
    fn a_file_that_does_not_fit_into_memory_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (path, bytes, is_found) in [
            (".git/packed-refs", MOST_BYTES + 1, false),
            ("video.bin", MOST_BYTES + 1, false),
            ("a/.gitignore", MOST_BYTES, false),
            ("a/.gitignore", MOST_BYTES + 1, true),
            ("b/.git/packed-refs", MOST_BYTES + 1, true),
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::File::create(&path).unwrap().set_len(bytes).unwrap();
            let found = obstacle_below(root, Sought::TooLarge);
            assert_eq!(found, is_found.then(|| path.clone()), "{}", path.display());
            fs::remove_file(path).unwrap();
        }
    }
}
