//! [`files_below`]: lists the files of a record, without following a symbolic link.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::values::RepoPath;

/// Something in the folder of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundFile {
    /// Relative to the folder.
    pub(crate) path: RepoPath,
    pub(crate) kind: FileKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    File,
    /// A symbolic link, a pipe, a socket or a device.
    Other,
}

/// Everything in a folder that is no folder itself, sorted by path.
pub(crate) fn files_below(folder: &Path) -> io::Result<Vec<FoundFile>> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_owned(), Vec::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let path = if prefix.is_empty() {
                name.as_bytes().to_vec()
            } else {
                [prefix.as_slice(), b"/", name.as_bytes()].concat()
            };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push((entry.path(), path));
            } else if let Ok(path) = RepoPath::from_bytes(path) {
                let kind = if kind.is_file() { FileKind::File } else { FileKind::Other };
                found.push(FoundFile { path, kind });
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}
