//! [`read_below`]: the bytes of a file of a project, opened without leaving it.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, openat};

/// Why a file of a project is not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileRefused {
    /// The path, or a folder in it, is a link that leads out.
    #[error("it is a link out of the project, to {}", target.display())]
    #[non_exhaustive]
    OutOfProject {
        /// Where it leads.
        target: PathBuf,
    },
    /// It is a folder, a pipe, a device or a link to nothing.
    #[error("it is not a file")]
    NotAFile,
    /// It is larger than what is read.
    #[error("it is larger than {limit_bytes} bytes")]
    #[non_exhaustive]
    TooLarge {
        /// The most that is read.
        limit_bytes: u64,
    },
    /// The system refuses it.
    #[error("it cannot be read")]
    Unreadable(#[source] io::Error),
}

/// Reads a file below a folder whose path is real; `None` if there is none.
///
/// Links within the folder count, and no link is followed once the real path is known: what another process puts in
/// its place meanwhile is not opened.
///
/// # Errors
///
/// It is there, and is not a file of the project that may be read.
pub(crate) fn read_below(root: &Path, name: &Path, limit_bytes: u64) -> Result<Option<Vec<u8>>, FileRefused> {
    let path = root.join(name);
    let real = match fs::canonicalize(&path) {
        Ok(real) => real,
        Err(error) if is_absent(&error) => {
            return if fs::symlink_metadata(&path).is_ok() { Err(FileRefused::NotAFile) } else { Ok(None) };
        }
        Err(error) => return Err(FileRefused::Unreadable(error)),
    };
    let Ok(below) = real.strip_prefix(root) else {
        return Err(FileRefused::OutOfProject { target: real });
    };
    // Opening a device can do something.
    if !fs::symlink_metadata(&real).is_ok_and(|found| found.is_file()) {
        return Err(FileRefused::NotAFile);
    }
    let file = open(root, below).map_err(FileRefused::Unreadable)?;
    let found = file.metadata().map_err(FileRefused::Unreadable)?;
    if !found.is_file() {
        return Err(FileRefused::NotAFile);
    }
    let mut bytes = Vec::new();
    file.take(limit_bytes + 1).read_to_end(&mut bytes).map_err(FileRefused::Unreadable)?;
    if bytes.len() as u64 > limit_bytes {
        return Err(FileRefused::TooLarge { limit_bytes });
    }
    Ok(Some(bytes))
}

fn open(root: &Path, below: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut folder = openat(CWD, root, flags | OFlags::DIRECTORY, Mode::empty())?;
    let parent = below.parent().unwrap_or(Path::new(""));
    for part in parent.components() {
        folder = openat(&folder, part.as_os_str(), flags | OFlags::DIRECTORY, Mode::empty())?;
    }
    let name = below.file_name().ok_or(io::ErrorKind::NotFound)?;
    Ok(File::from(openat(&folder, name, flags | OFlags::NONBLOCK | OFlags::NOCTTY, Mode::empty())?))
}

/// Returns whether nothing is there, or a file stands where a folder would have to.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
