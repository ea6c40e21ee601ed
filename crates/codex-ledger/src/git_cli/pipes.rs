//! Finds the pipe that git waits for.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::rule_files::{ATTRIBUTES, IGNORE};

const MOST_ENTRIES: usize = 200_000;
const LONGEST: Duration = Duration::from_secs(2);

/// Which pipes count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sought {
    /// Those in the place of a file that git reads of every worktree, or of a repository inside it.
    OfGit,
    /// All, since a file `.git` can make any folder a repository.
    Any,
}

/// The first pipe in a worktree, as far as so many entries and this time allow. The git directory at its top is not
/// looked at.
pub(super) fn pipe_below(root: &Path, sought: Sought) -> Option<PathBuf> {
    let end = Instant::now() + LONGEST;
    let mut left = MOST_ENTRIES;
    let mut queue = vec![(root.to_owned(), sought == Sought::Any)];
    while let Some((folder, counts)) = queue.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            left = left.checked_sub(1).filter(|_| Instant::now() < end)?;
            let Ok(kind) = entry.file_type() else { continue };
            let name = entry.file_name();
            if kind.is_fifo() && (counts || is_of_git(&name)) {
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
    [IGNORE, ATTRIBUTES, b"HEAD"].contains(&name.as_bytes())
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
        assert_eq!(pipe_below(root, Sought::Any), None, "the sandbox guards it");
        let queue = pipe("run/queue");
        assert_eq!(pipe_below(root, Sought::OfGit), None, "git reads no such file");
        assert_eq!(pipe_below(root, Sought::Any), Some(queue.clone()));
        fs::remove_file(queue).unwrap();
        for path in ["a/.gitignore", "b/.gitattributes", "c/.git/refs/heads/main", "d/HEAD"] {
            let made = pipe(path);
            assert_eq!(pipe_below(root, Sought::OfGit), Some(made.clone()), "{path}");
            fs::remove_file(made).unwrap();
        }
    }
}
