//! [`DiskRoot`]: a folder that may be written below, reached without following a symbolic link.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RenameFlags};
use rustix::fs::{chmodat, mkdirat, openat, renameat_with, statat, unlinkat};
use rustix::io::Errno;

/// A folder that may be written below.
///
/// It is an *anchor*, which must be there and may be reached over symbolic links, and a path below the anchor, of which
/// no part may be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskRoot {
    anchor: PathBuf,
    below: PathBuf,
    /// The folder, below the anchor, of the folders that are the user's alone.
    private: Option<PathBuf>,
}

impl DiskRoot {
    /// Allows all that is below `anchor`.
    pub fn at(anchor: impl Into<PathBuf>) -> Self {
        Self { anchor: anchor.into(), below: PathBuf::new(), private: None }
    }

    /// Allows what is below the folder `below` of `anchor`, which need not be there yet.
    #[must_use]
    pub fn below(anchor: impl Into<PathBuf>, below: impl Into<PathBuf>) -> Self {
        Self { anchor: anchor.into(), below: below.into(), private: None }
    }

    /// Makes the folders that stand directly in the folder of this name so that nobody but the user can enter them.
    ///
    /// What is in them is made as anywhere else, so that it can be moved to where others may read it.
    #[must_use]
    pub fn private_folders_in(mut self, name: impl AsRef<Path>) -> Self {
        self.private = Some(self.below.join(name));
        self
    }

    /// The permissions of a folder that is made at these parts, before the user's mask.
    fn mode(&self, parts: &[&OsStr]) -> Mode {
        let folder = parts.split_last().map(|(_, folder)| folder.iter().collect::<PathBuf>());
        let is_private = self.private.is_some() && folder == self.private;
        Mode::from_raw_mode(if is_private { 0o700 } else { 0o777 })
    }

    /// The parts of `path` below the anchor, if the path is this folder or below it.
    fn parts<'a>(&self, path: &'a Path) -> Option<Vec<&'a OsStr>> {
        let rest = path.strip_prefix(&self.anchor).ok()?;
        rest.strip_prefix(&self.below).ok()?;
        rest.components()
            .map(|part| match part {
                Component::Normal(name) => Some(name),
                Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => None,
            })
            .collect()
    }
}

/// Whether folders on the way are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    MustExist,
    Make,
}

/// Whether a path is the anchor of one of the roots, whose permissions may be set.
pub(super) fn is_anchor(roots: &[DiskRoot], path: &Path) -> bool {
    roots.iter().any(|root| root.anchor == path)
}

/// Opens the folder `path` itself.
pub(super) fn open_dir(roots: &[DiskRoot], path: &Path, way: Way) -> io::Result<OwnedFd> {
    let (root, parts) = find(roots, path)?;
    walk(root, &parts, way)
}

/// Opens the folder that `path` is in, and gives the last name of `path`.
pub(super) fn open_parent(roots: &[DiskRoot], path: &Path) -> io::Result<(OwnedFd, OsString)> {
    let (root, mut parts) = find(roots, path)?;
    let name = parts.pop().ok_or_else(|| outside(path))?;
    Ok((walk(root, &parts, Way::MustExist)?, name.to_owned()))
}

/// Opens a folder in a folder; a symbolic link is refused.
pub(super) fn open_child(parent: &OwnedFd, name: &OsStr) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match openat(parent, name, flags, Mode::empty()) {
        Err(errno @ (Errno::LOOP | Errno::NOTDIR)) => {
            let sentence = format!("{} is a symbolic link or no folder: {errno}", name.display());
            Err(io::Error::new(io::ErrorKind::PermissionDenied, sentence))
        }
        other => Ok(other?),
    }
}

/// Makes a folder and those above it, up to the anchor, real ones that their owner can use.
pub(super) fn clear_way(roots: &[DiskRoot], path: &Path) -> io::Result<()> {
    let (root, parts) = find(roots, path)?;
    let mut folder = open_anchor(root)?;
    for (depth, part) in parts.iter().enumerate() {
        match statat(&folder, *part, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno.into()),
            Ok(found) => match FileType::from_raw_mode(found.st_mode) {
                FileType::Directory if found.st_mode & 0o700 == 0o700 => {}
                FileType::Directory => set_mode(&folder, part, 0o755)?,
                FileType::Symlink => unlinkat(&folder, *part, AtFlags::empty())?,
                FileType::RegularFile
                | FileType::Fifo
                | FileType::Socket
                | FileType::CharacterDevice
                | FileType::BlockDevice
                | FileType::Unknown => set_aside(&folder, part)?,
            },
        }
        match mkdirat(&folder, *part, root.mode(&parts[..=depth])) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno.into()),
        }
        folder = open_child(&folder, part)?;
    }
    Ok(())
}

/// Gives what stands in the way a name that nobody has.
fn set_aside(folder: &OwnedFd, name: &OsStr) -> io::Result<()> {
    let mut aside = name.to_owned();
    aside.push(format!(".aside-{:08x}", fastrand::u32(..)));
    Ok(renameat_with(folder, name, folder, &aside, RenameFlags::NOREPLACE)?)
}

/// Sets the permissions of what stands in a folder, unless it is a symbolic link.
pub(super) fn set_mode(folder: &OwnedFd, name: &OsStr, mode: u32) -> io::Result<()> {
    let mode = Mode::from_raw_mode(mode & 0o7777);
    match chmodat(folder, name, mode, AtFlags::SYMLINK_NOFOLLOW) {
        // Linux has this call since 6.6 only.
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => set_mode_of_descriptor(folder, name, mode),
        set => Ok(set?),
    }
}

/// The same by a descriptor that opens nothing, so that it takes no permission and follows no link.
#[cfg(target_os = "linux")]
fn set_mode_of_descriptor(folder: &OwnedFd, name: &OsStr, mode: Mode) -> io::Result<()> {
    use std::os::fd::AsRawFd as _;

    let found = openat(folder, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
    if FileType::from_raw_mode(rustix::fs::fstat(&found)?.st_mode) == FileType::Symlink {
        return Ok(());
    }
    Ok(rustix::fs::chmod(format!("/proc/self/fd/{}", found.as_raw_fd()), mode)?)
}

#[cfg(not(target_os = "linux"))]
fn set_mode_of_descriptor(folder: &OwnedFd, name: &OsStr, mode: Mode) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(rustix::fs::fchmod(openat(folder, name, flags, Mode::empty())?, mode)?)
}

fn find<'a, 'b>(roots: &'a [DiskRoot], path: &'b Path) -> io::Result<(&'a DiskRoot, Vec<&'b OsStr>)> {
    let found = roots.iter().find_map(|root| Some((root, root.parts(path)?)));
    found.ok_or_else(|| outside(path))
}

fn outside(path: &Path) -> io::Error {
    let sentence = format!("{} is outside of the folders of the ledger", path.display());
    io::Error::new(io::ErrorKind::PermissionDenied, sentence)
}

fn open_anchor(root: &DiskRoot) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(openat(CWD, &root.anchor, flags, Mode::empty())?)
}

fn walk(root: &DiskRoot, parts: &[&OsStr], way: Way) -> io::Result<OwnedFd> {
    let mut folder = open_anchor(root)?;
    for (depth, part) in parts.iter().enumerate() {
        folder = match open_child(&folder, part) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && way == Way::Make => {
                match mkdirat(&folder, *part, root.mode(&parts[..=depth])) {
                    Ok(()) | Err(Errno::EXIST) => open_child(&folder, part)?,
                    Err(errno) => return Err(errno.into()),
                }
            }
            other => other?,
        };
    }
    Ok(folder)
}
