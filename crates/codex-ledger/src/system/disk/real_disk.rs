//! [`RealDisk`]: the disk of the machine, below a few folders.

use std::ffi::{CString, OsStr, OsString};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, RenameFlags, chmod};
use rustix::fs::{fstat, openat, renameat, renameat_with, statat, unlinkat};
use rustix::io::Errno;

use super::below::{DiskRoot, Way, clear_way, is_anchor, open_child, open_dir, open_parent, set_mode};
use super::halves::half_name;
use super::{Disk, DiskFile};

/// The disk of the machine, below the folders it was made for.
///
/// Each part of a path is opened in the folder before it and may not be a symbolic link: a folder of the ledger that
/// somebody replaced by a link leads nowhere, also if it is replaced while a write is on its way.
///
/// ```
/// use codex_ledger::system::{Disk, DiskRoot, RealDisk};
///
/// let scratch = tempfile::tempdir()?;
/// let disk = RealDisk::within([DiskRoot::below(scratch.path(), "ledger")]);
/// disk.create_dir_all(&scratch.path().join("ledger/turns"))?;
/// disk.write_new(&scratch.path().join("ledger/turns/note"), b"kept\n")?;
/// assert!(disk.write_new(&scratch.path().join("elsewhere"), b"").is_err());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct RealDisk {
    roots: Vec<DiskRoot>,
}

impl RealDisk {
    /// Makes one that writes below these folders and nowhere else.
    pub fn within(roots: impl IntoIterator<Item = DiskRoot>) -> Self {
        Self { roots: roots.into_iter().collect() }
    }
}

impl Disk for RealDisk {
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        open_dir(&self.roots, path, Way::Make).map(drop)
    }

    fn write_new(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.put(path, bytes, File::sync_all)
    }

    fn write_unsynced(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.put(path, bytes, |_| Ok(()))
    }

    /// By several threads: what one waits for is mostly what the others wait for, too.
    fn sync_files(&self, paths: &[PathBuf]) -> io::Result<()> {
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                self.open_to_read(path)?.sync_all()?;
            }
            Ok(())
        };
        thread::scope(|scope| {
            let others: Vec<_> = (1..paths.len().min(SYNCING)).map(|_| scope.spawn(work)).collect();
            let own = work();
            let joined =
                others.into_iter().map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic)));
            joined.fold(own, Result::and)
        })
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.open_to_append(path)?;
        if fstat(&file)?.st_nlink > 1 {
            // It has another name somewhere, and what stands there is not ours to change.
            let mut whole = Vec::new();
            self.open_to_read(path)?.read_to_end(&mut whole)?;
            whole.extend_from_slice(bytes);
            return self.write_new(path, &whole);
        }
        let written = loop {
            match file.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        if written < bytes.len() {
            let sentence = format!("only {written} of {} bytes were written", bytes.len());
            return Err(io::Error::new(io::ErrorKind::WriteZero, sentence));
        }
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (from_folder, from_name) = open_parent(&self.roots, from)?;
        let (to_folder, to_name) = open_parent(&self.roots, to)?;
        let moved = statat(&from_folder, &from_name, AtFlags::SYMLINK_NOFOLLOW)?;
        if FileType::from_raw_mode(moved.st_mode) == FileType::Directory {
            rename_new(&from_folder, &from_name, &to_folder, &to_name)
        } else {
            rename_file(&from_folder, &from_name, &to_folder, &to_name)
        }
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        File::from(open_dir(&self.roots, path, Way::MustExist)?).sync_all()
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let (folder, name) = open_parent(&self.roots, path)?;
        Ok(unlinkat(&folder, &name, AtFlags::empty())?)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        let (folder, name) = open_parent(&self.roots, path)?;
        remove_all_in(&open_to_empty(&folder, &name)?)?;
        Ok(unlinkat(&folder, &name, AtFlags::REMOVEDIR)?)
    }

    fn clear_way(&self, path: &Path) -> io::Result<()> {
        clear_way(&self.roots, path)
    }

    fn set_mode(&self, path: &Path, mode: u32) -> io::Result<()> {
        if is_anchor(&self.roots, path) {
            return Ok(chmod(path, Mode::from_raw_mode(mode & 0o7777))?);
        }
        let (folder, name) = open_parent(&self.roots, path)?;
        set_mode(&folder, &name, mode)
    }

    fn open_append(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(RealFile(self.open_to_append(path)?)))
    }
}

/// So many files are synced at once.
const SYNCING: usize = 4;

impl RealDisk {
    fn put(&self, path: &Path, bytes: &[u8], sync: impl Fn(&File) -> io::Result<()>) -> io::Result<()> {
        let (folder, name) = open_parent(&self.roots, path)?;
        let (mut file, temporary) = create_temporary(&folder, &name)?;
        let written = file.write_all(bytes).and_then(|()| sync(&file));
        let placed = written.and_then(|()| rename_file(&folder, &temporary, &folder, &name));
        if placed.is_err() {
            // The reason is in `placed`; a temporary file that stays is removed with its folder.
            let _ = unlinkat(&folder, &temporary, AtFlags::empty());
        }
        placed
    }

    fn open_to_read(&self, path: &Path) -> io::Result<File> {
        let (folder, name) = open_parent(&self.roots, path)?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(File::from(openat(&folder, &name, flags, Mode::empty())?))
    }

    /// Without `NONBLOCK` a FIFO in the place of the file would hold us until somebody reads it.
    fn open_to_append(&self, path: &Path) -> io::Result<File> {
        let (folder, name) = open_parent(&self.roots, path)?;
        let flags = OFlags::WRONLY
            | OFlags::CREATE
            | OFlags::APPEND
            | OFlags::NOFOLLOW
            | OFlags::NONBLOCK
            | OFlags::CLOEXEC;
        let file = openat(&folder, &name, flags, Mode::from_raw_mode(0o666))?;
        if FileType::from_raw_mode(fstat(&file)?.st_mode) != FileType::RegularFile {
            let sentence = format!("{} is no file", path.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, sentence));
        }
        Ok(File::from(file))
    }
}

struct RealFile(File);

impl DiskFile for RealFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }
}

fn create_temporary(folder: &OwnedFd, name: &OsStr) -> io::Result<(File, OsString)> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    loop {
        let temporary = OsString::from(half_name(name, fastrand::u64(..)));
        match openat(folder, &temporary, flags, Mode::from_raw_mode(0o666)) {
            Ok(file) => {
                let file = File::from(file);
                // As long as it is locked, it is not half of a file that a process has left.
                let is_locked = file.lock().is_ok();
                if !is_locked || fstat(&file)?.st_nlink > 0 {
                    return Ok((file, temporary));
                }
            }
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// The system itself refuses to put a file in the place of a folder.
fn rename_file(from: &OwnedFd, from_name: &OsStr, to: &OwnedFd, to_name: &OsStr) -> io::Result<()> {
    Ok(renameat(from, from_name, to, to_name)?)
}

/// Renames a folder to a name that nobody has: the plain call would replace an empty folder.
fn rename_new(from: &OwnedFd, from_name: &OsStr, to: &OwnedFd, to_name: &OsStr) -> io::Result<()> {
    match renameat_with(from, from_name, to, to_name, RenameFlags::NOREPLACE) {
        // Some file systems do not know the flag.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
        other => return Ok(other?),
    }
    match statat(to, to_name, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => Ok(renameat(from, from_name, to, to_name)?),
        Ok(_) => Err(Errno::EXIST.into()),
        Err(errno) => Err(errno.into()),
    }
}

/// Opens a folder whose entries are to be removed, which its owner may have locked.
fn open_to_empty(parent: &OwnedFd, name: &OsStr) -> io::Result<OwnedFd> {
    let found = statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)?;
    let is_folder = FileType::from_raw_mode(found.st_mode) == FileType::Directory;
    if is_folder && found.st_mode & 0o700 != 0o700 {
        set_mode(parent, name, 0o700)?;
    }
    open_child(parent, name)
}

/// Empties a folder without recursion: it moves nested folders up, so that no depth exhausts the stack or the descriptors.
fn remove_all_in(folder: &OwnedFd) -> io::Result<()> {
    loop {
        let names = names_in(folder)?;
        if names.is_empty() {
            return Ok(());
        }
        for name in names {
            let name = OsStr::from_bytes(name.to_bytes());
            if is_removed(folder, name)? {
                continue;
            }
            let inner = open_to_empty(folder, name)?;
            for name in names_in(&inner)? {
                let name = OsStr::from_bytes(name.to_bytes());
                if !is_removed(&inner, name)? {
                    // A folder without write permission cannot be moved.
                    open_to_empty(&inner, name)?;
                    let up = OsString::from(format!(".removed-{:016x}", fastrand::u64(..)));
                    rename_new(&inner, name, folder, &up)?;
                }
            }
            unlinkat(folder, name, AtFlags::REMOVEDIR)?;
        }
    }
}

/// Removes an entry unless it is a folder, and returns whether it was removed.
fn is_removed(folder: &OwnedFd, name: &OsStr) -> io::Result<bool> {
    match unlinkat(folder, name, AtFlags::empty()) {
        Err(Errno::ISDIR | Errno::PERM) => Ok(false),
        other => Ok(other.map(|()| true)?),
    }
}

fn names_in(folder: &OwnedFd) -> io::Result<Vec<CString>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
            names.push(entry.file_name().to_owned());
        }
    }
    Ok(names)
}
