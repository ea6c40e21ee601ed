//! The files that a record changed, as one document: `project-files.md`.

use std::os::unix::ffi::OsStrExt as _;

use super::clean::Cleaner;
use super::facts::Facts;
use crate::git::EntryKind;
use crate::record::parts::LedgerParts;
use crate::texts::{ProjectFile, ProjectFileLimits, project_files};
use crate::values::RepoPath;

/// The document; nothing where the changes or a redactor are missing.
pub(super) fn document(parts: &LedgerParts, facts: &Facts<'_>, cleaner: &Cleaner) -> Option<String> {
    let limits = ProjectFileLimits::default();
    let changes = facts.changes()?;
    let after = changes.entries.iter().filter_map(|change| Some((&change.path, change.after.as_ref()?)));
    let files: Vec<ProjectFile> = after
        .take(parts.options.paths_limit)
        .map(|(path, (kind, oid))| {
            let left_out = |reason: String| ProjectFile::left_out(path.clone(), reason);
            match kind {
                EntryKind::File | EntryKind::Executable => {}
                EntryKind::Symlink => return left_out("symbolic link".to_owned()),
                EntryKind::Submodule | EntryKind::Folder => return left_out("submodule".to_owned()),
            }
            // What is as long as that is not even read.
            if let Some(bytes) = length(parts, path).filter(|bytes| *bytes > limits.file_bytes as u64) {
                return left_out(format!("{bytes} bytes, more than {}", limits.file_bytes));
            }
            match parts.vcs.read_object(oid) {
                Ok(Some(object)) => ProjectFile::read(path.clone(), object.bytes),
                Ok(None) | Err(_) => left_out("git has it no more".to_owned()),
            }
        })
        .collect();
    Some(project_files(&files, &limits, cleaner.redactor()?))
}

/// How long a file of the worktree is.
fn length(parts: &LedgerParts, path: &RepoPath) -> Option<u64> {
    let path = parts.vcs.worktree_root().join(std::ffi::OsStr::from_bytes(path.as_bytes()));
    std::fs::symlink_metadata(path).ok().map(|found| found.len())
}
