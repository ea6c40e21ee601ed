//! [`OpenFolder`]: a folder that stays the same one, whatever becomes of its path.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, mkdirat, openat, readlinkat, renameat, unlinkat};
use rustix::io::Errno;

use crate::project::ProjectPlace;

/// How many links one path may lead through, as Linux has it.
const LINKS: u32 = 40;
/// How many names are tried for a temporary file.
const ATTEMPTS: u32 = 16;

/// A file or folder of the disk, whatever its path.
pub(crate) type FileIdentity = (u64, u64);

/// The folders whose links are not followed: a repository brought them, or an agent may have made them.
///
/// ```
/// use std::os::unix::fs::symlink;
///
/// use codex_runner::AgentFolders;
///
/// let scratch = tempfile::tempdir()?;
/// let work = scratch.path().join("work");
/// std::fs::create_dir(&work)?;
/// symlink("/tmp", work.join("out"))?;
/// let folders = AgentFolders::of(&work, &[]);
/// assert!(folders.lead_to(&work).is_ok());
/// assert!(folders.lead_to(&work.join("out")).unwrap_err().to_string().contains("is a symbolic link"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct AgentFolders(Vec<FileIdentity>);

impl AgentFolders {
    /// The project that `dir` is in, that of the working directory, and the folders that were added to the sandbox.
    pub fn of(dir: &Path, added: &[PathBuf]) -> Self {
        let roots = [dir, Path::new(".")].map(|dir| ProjectPlace::of(dir).root);
        let all = roots.iter().map(PathBuf::as_path).chain([dir]).chain(added.iter().map(PathBuf::as_path));
        Self(all.filter_map(|folder| fs::metadata(folder).ok()).map(|found| identity(&found)).collect())
    }

    /// Looks whether a folder is there and is reached without a link of these folders.
    ///
    /// # Errors
    ///
    /// It is not there, or is reached by a link that is not followed.
    pub fn lead_to(&self, folder: &Path) -> io::Result<()> {
        OpenFolder::open(folder, self).map(drop)
    }

    fn has_any(&self, folders: &[FileIdentity]) -> bool {
        folders.iter().any(|folder| self.0.contains(folder))
    }
}

/// A folder that is held open.
///
/// It was reached part by part. A symbolic link on the way was followed only if it is in no [`AgentFolders`] and in no
/// folder that every user may write to.
#[derive(Debug)]
pub(crate) struct OpenFolder {
    folder: File,
    /// Its path without links, when it was opened.
    real: PathBuf,
    /// The folders from the root of the file system to this one.
    line: Vec<FileIdentity>,
}

impl OpenFolder {
    /// Opens a folder.
    ///
    /// # Errors
    ///
    /// It is not there, or is reached by a link that is not followed.
    pub(crate) fn open(path: &Path, theirs: &AgentFolders) -> io::Result<Self> {
        let mut folder = Self::root()?;
        let mut parts: Vec<OsString> = reversed(&std::path::absolute(path)?);
        let mut links = 0;
        while let Some(part) = parts.pop() {
            if part == "/" {
                folder = Self::root()?;
            } else if part == ".." {
                folder.leave()?;
            } else if let Some(target) = folder.enter(&part)? {
                let is_refused = theirs.has_any(&folder.line) || folder.is_for_all_users()?;
                links += 1;
                if is_refused {
                    return Err(link_error(&folder.real.join(part)));
                }
                if links > LINKS {
                    return Err(Errno::LOOP.into());
                }
                parts.extend(reversed(Path::new(&target)));
            }
        }
        Ok(folder)
    }

    /// Opens a folder below this one and makes those that are not there; follows no link.
    ///
    /// # Errors
    ///
    /// A part of the path is a link or no folder, or cannot be made.
    pub(crate) fn make_below(&self, path: &Path) -> io::Result<Self> {
        let mut folder =
            Self { folder: self.folder.try_clone()?, real: self.real.clone(), line: self.line.clone() };
        for part in path.components() {
            let Component::Normal(part) = part else { return Err(io::ErrorKind::InvalidInput.into()) };
            match mkdirat(&folder.folder, part, Mode::from_raw_mode(0o777)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno.into()),
            }
            if folder.enter(part)?.is_some() {
                return Err(link_error(&folder.real.join(part)));
            }
        }
        Ok(folder)
    }

    /// The path without links that the folder had when it was opened.
    pub(crate) fn real(&self) -> &Path {
        &self.real
    }

    /// Whether both are the same folder.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.line.last() == other.line.last()
    }

    /// Whether it is one of these folders or below one.
    pub(crate) fn is_within(&self, theirs: &AgentFolders) -> bool {
        theirs.has_any(&self.line)
    }

    /// Makes a file that is not there.
    ///
    /// # Errors
    ///
    /// Something has this name, even a link to nowhere, or the file cannot be made.
    pub(crate) fn create_new(&self, name: &OsStr, mode: u32) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(openat(&self.folder, name, flags, Mode::from_raw_mode(rustix_mode(mode)))?.into())
    }

    /// Opens what is there for writing: a device or a named pipe; a link is refused.
    ///
    /// # Errors
    ///
    /// It cannot be opened.
    pub(crate) fn open_special(&self, name: &OsStr, flags: OFlags) -> io::Result<File> {
        let flags = flags | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NOCTTY | OFlags::CLOEXEC;
        Ok(openat(&self.folder, name, flags, Mode::empty())?.into())
    }

    /// Puts a file in place whole or not at all; whatever has this name is replaced, a link as well.
    ///
    /// # Errors
    ///
    /// It cannot be written; what was there is still there.
    pub(crate) fn replace(&self, name: &OsStr, contents: &[u8], mode: u32) -> io::Result<()> {
        let (mut file, temporary) = self.create_temporary(name, mode)?;
        let written = file.write_all(contents);
        let placed = written.and_then(|()| Ok(renameat(&self.folder, &temporary, &self.folder, name)?));
        if placed.is_err() {
            // The reason is in `placed`.
            let _ = self.remove(&temporary);
        }
        placed
    }

    /// Looks whether files can be made here, and leaves nothing behind.
    ///
    /// # Errors
    ///
    /// They cannot.
    pub(crate) fn try_to_write(&self, name: &OsStr) -> io::Result<()> {
        let (_, temporary) = self.create_temporary(name, 0o600)?;
        self.remove(&temporary)
    }

    /// Removes a file or a link.
    ///
    /// # Errors
    ///
    /// It cannot be removed.
    pub(crate) fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(unlinkat(&self.folder, name, AtFlags::empty())?)
    }

    fn create_temporary(&self, name: &OsStr, mode: u32) -> io::Result<(File, OsString)> {
        for _ in 0..ATTEMPTS {
            let mut temporary = OsString::from(".codex-turns.");
            // The name of the file may be as long as the system allows.
            temporary.push(OsStr::from_bytes(&name.as_bytes()[..name.len().min(64)]));
            temporary.push(format!(".{:016x}.tmp", fastrand::u64(..)));
            match self.create_new(&temporary, mode) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                other => return Ok((other?, temporary)),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    fn root() -> io::Result<Self> {
        let folder = File::from(openat(CWD, "/", way(), Mode::empty())?);
        let line = vec![identity(&folder.metadata()?)];
        Ok(Self { folder, real: PathBuf::from("/"), line })
    }

    /// Goes into a folder; returns where a link leads instead.
    fn enter(&mut self, name: &OsStr) -> io::Result<Option<OsString>> {
        match openat(&self.folder, name, way() | OFlags::NOFOLLOW, Mode::empty()) {
            Ok(entered) => {
                self.folder = entered.into();
                self.real.push(name);
                self.line.push(identity(&self.folder.metadata()?));
                Ok(None)
            }
            Err(errno @ (Errno::LOOP | Errno::NOTDIR | Errno::MLINK)) => {
                let target = readlinkat(&self.folder, name, Vec::new()).map_err(|_| errno)?;
                Ok(Some(OsStr::from_bytes(target.as_bytes()).to_owned()))
            }
            Err(errno) => Err(errno.into()),
        }
    }

    fn leave(&mut self) -> io::Result<()> {
        if self.line.len() > 1 {
            self.folder = openat(&self.folder, "..", way(), Mode::empty())?.into();
            self.real.pop();
            self.line.pop();
        }
        Ok(())
    }

    /// Whether every user may make links in it, as in a folder for temporary files.
    fn is_for_all_users(&self) -> io::Result<bool> {
        Ok(self.folder.metadata()?.mode() & 0o002 != 0)
    }
}

/// The folder or file itself, whatever it is called.
pub(crate) fn identity(found: &Metadata) -> FileIdentity {
    (found.dev(), found.ino())
}

/// Says that a link is not followed.
pub(crate) fn link_error(path: &Path) -> io::Error {
    io::Error::other(format!("{} is a symbolic link, which is not followed here", path.display()))
}

/// A folder need not be readable to be passed.
fn way() -> OFlags {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let access = OFlags::PATH;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let access = OFlags::RDONLY;
    access | OFlags::DIRECTORY | OFlags::CLOEXEC
}

fn rustix_mode(mode: u32) -> rustix::fs::RawMode {
    rustix::fs::RawMode::try_from(mode).expect("permissions have few bits")
}

/// The parts of a path, the last one first.
fn reversed(path: &Path) -> Vec<OsString> {
    let parts = path.components().filter(|part| !matches!(part, Component::CurDir));
    parts.rev().map(|part| part.as_os_str().to_owned()).collect()
}

#[cfg(test)]
mod tests;
