//! [`SortedPaths`]: paths at which the worktree differs, by what stands there.

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};
use rustix::io::Errno;

use crate::git::vcs::LargeFile;
use crate::values::RepoPath;

/// Paths at which the worktree differs, by what stands there.
#[derive(Debug, Default)]
pub(super) struct SortedPaths {
    /// Files, symbolic links, and what is simply not there.
    pub(super) files: Vec<RepoPath>,
    /// Repositories, of which the commit at HEAD counts.
    pub(super) links: Vec<RepoPath>,
    /// What git could only be told to forget: a pipe, a socket or a device stands there, a folder in the place of a file,
    /// or a symbolic link leads there.
    pub(super) gone: Vec<RepoPath>,
    /// Files that are longer than the limit.
    pub(super) too_large: Vec<LargeFile>,
    file_limit_bytes: u64,
}

impl SortedPaths {
    pub(super) fn with_limit(file_limit_bytes: u64) -> Self {
        Self { file_limit_bytes, ..Self::default() }
    }

    /// Sorts in a path that differs from the index or is not in it.
    pub(super) fn sort_in(&mut self, root: &Path, path: &RepoPath) {
        let list = match standing(root, path) {
            PathStanding::File(bytes) if bytes > self.file_limit_bytes => {
                self.too_large.push(LargeFile::new(path.clone(), bytes));
                return;
            }
            PathStanding::Nothing | PathStanding::File(_) => &mut self.files,
            PathStanding::Repository => &mut self.links,
            PathStanding::Folder | PathStanding::Other => &mut self.gone,
        };
        list.push(path.clone());
    }

    /// Sorts in a path at which the index has a repository. A folder without one is a submodule that is not checked out.
    pub(super) fn sort_link_in(&mut self, root: &Path, path: &RepoPath) {
        match standing(root, path) {
            PathStanding::Folder => {}
            PathStanding::Nothing
            | PathStanding::File(_)
            | PathStanding::Repository
            | PathStanding::Other => {
                self.sort_in(root, path);
            }
        }
    }
}

enum PathStanding {
    Nothing,
    /// A file with its length, or a symbolic link.
    File(u64),
    Folder,
    /// A folder with something called `.git`.
    Repository,
    /// Nothing that git could store, or nothing that is in the worktree.
    Other,
}

fn standing(root: &Path, path: &RepoPath) -> PathStanding {
    let Some(found) = look(root, path) else { return PathStanding::Nothing };
    if is_beyond_a_link(root, path) {
        return PathStanding::Other;
    }
    if found.is_dir() {
        let inside = full(root, path).join(".git");
        return if inside.symlink_metadata().is_ok() {
            PathStanding::Repository
        } else {
            PathStanding::Folder
        };
    }
    if found.is_file() || found.is_symlink() { PathStanding::File(found.len()) } else { PathStanding::Other }
}

/// Whether something stands at the path that git could store, readable or not.
pub(super) fn is_there(root: &Path, path: &RepoPath) -> bool {
    look(root, path).is_some_and(|found| found.is_file() || found.is_symlink() || found.is_dir())
}

/// Whether a file stands at the path that we may not read.
pub(super) fn is_locked(root: &Path, path: &RepoPath) -> bool {
    let is_file = look(root, path).is_some_and(|found| found.is_file());
    is_file && access(full(root, path), Access::READ_OK) == Err(Errno::ACCESS)
}

fn is_beyond_a_link(root: &Path, path: &RepoPath) -> bool {
    let full = full(root, path);
    let above = full.ancestors().skip(1).take_while(|folder| *folder != root);
    above.into_iter().any(Path::is_symlink)
}

fn look(root: &Path, path: &RepoPath) -> Option<Metadata> {
    fs::symlink_metadata(full(root, path)).ok()
}

fn full(root: &Path, path: &RepoPath) -> PathBuf {
    root.join(OsStr::from_bytes(path.as_bytes()))
}
