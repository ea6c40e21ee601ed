//! [`Disk`]: the one seam of writing.

mod below;
mod halves;
mod real_disk;

pub use self::below::DiskRoot;
pub(crate) use self::halves::remove_halves;
pub use self::real_disk::RealDisk;

use std::io;
use std::path::{Path, PathBuf};

/// Everything the ledger writes outside of git goes through this, so that a test can fail any of it or end the world at
/// any numbered call. Paths are absolute.
///
/// # Errors
///
/// All methods: what the system says, with a path that lies outside of what may be written being
/// [`io::ErrorKind::PermissionDenied`].
#[cfg_attr(feature = "mock", mockall::automock)]
#[expect(clippy::missing_errors_doc, reason = "the section above holds for every method")]
pub trait Disk: Send + Sync {
    /// Makes a folder and those above it; a folder that is there is fine.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;

    /// Puts a file in place whole or not at all: a temporary file beside it is written, synced and renamed onto `path`,
    /// where it replaces a file that is there. The folder is not synced.
    fn write_new(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// As [`write_new`](Self::write_new) without waiting for the disk: the file is whole for every process, and survives a
    /// crash of the machine once [`sync_files`](Self::sync_files) was called, or the system has written it by itself.
    fn write_unsynced(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Makes the content of files durable, all of them at once; none may be a symbolic link.
    fn sync_files(&self, paths: &[PathBuf]) -> io::Result<()>;

    /// Adds to the end of a file, which is made if it is not there, by one `write`, and syncs it.
    ///
    /// A write that the system cuts short is an error of kind [`io::ErrorKind::WriteZero`]; some of it is then there.
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Renames; never replaces a folder.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Makes what was renamed, made and removed in a folder durable.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;

    /// Removes a file or a symbolic link.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes a folder and all in it, also what its owner has locked, following no symbolic link.
    fn remove_dir_all(&self, path: &Path) -> io::Result<()>;

    /// Makes a folder and those above it real ones that their owner can use: a link in the place of one is removed, anything
    /// else is renamed, and no link is followed.
    fn clear_way(&self, path: &Path) -> io::Result<()>;

    /// Sets the permissions of a file or folder; those of a symbolic link and of what it leads to stay.
    fn set_mode(&self, path: &Path, mode: u32) -> io::Result<()>;

    /// Opens a file to add to its end, piece by piece; it is made if it is not there.
    fn open_append(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
}

/// A file that grows.
///
/// # Errors
///
/// All methods: what the system says.
#[cfg_attr(feature = "mock", mockall::automock)]
#[expect(clippy::missing_errors_doc, reason = "the section above holds for every method")]
pub trait DiskFile: Send {
    /// Adds bytes to the end, all of them.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes what was written durable.
    fn sync(&mut self) -> io::Result<()>;
}

#[cfg(test)]
mod tests;
