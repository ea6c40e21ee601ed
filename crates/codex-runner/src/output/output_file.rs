//! [`WholeFile`]: a file that is there whole or not at all.

mod named_pipe;

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::stdio::{stderr, stdout};

use super::open_folder::{AgentFolders, FileIdentity, OpenFolder, identity, link_error};

/// Only the user reads what an agent said.
const PRIVATE: u32 = 0o600;

/// A file that is written once, at the end, for its user alone.
///
/// Its folder is opened before the turn, and the file is written in it and moved to its name there: a reader never sees
/// half of it, and no link that an agent makes leads it elsewhere. What is no plain file (a device, a named pipe,
/// `/dev/stdout`) is written to as it is.
///
/// ```
/// use codex_runner::{AgentFolders, WholeFile};
///
/// let project = tempfile::tempdir()?;
/// let path = project.path().join("answer.txt");
/// let answer = WholeFile::prepare(&path, &AgentFolders::of(project.path(), &[]))?;
/// assert!(!path.exists(), "nothing is left behind before the turn");
/// answer.write(b"All tests pass.")?;
/// assert_eq!(std::fs::read_to_string(&path)?, "All tests pass.");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct WholeFile {
    given: PathBuf,
    /// The same, whatever the working directory.
    absolute: PathBuf,
    theirs: AgentFolders,
    place: FilePlace,
}

#[derive(Debug)]
enum FilePlace {
    /// A plain file, or none yet.
    Plain { folder: OpenFolder, name: OsString },
    /// A device or a named pipe.
    Special { folder: OpenFolder, name: OsString, identity: FileIdentity },
    /// Our own standard output or standard error.
    Own(File),
    /// Something else behind a link of the system's, such as `/dev/fd/5`.
    Behind,
}

impl WholeFile {
    /// Opens the folder, looks whether the file can be written there, and leaves nothing behind.
    ///
    /// # Errors
    ///
    /// It cannot.
    pub fn prepare(path: &Path, theirs: &AgentFolders) -> io::Result<Self> {
        let absolute = std::path::absolute(path)?;
        let place = place(&absolute, theirs)?;
        if let FilePlace::Plain { folder, name } = &place {
            folder.try_to_write(name)?;
        }
        Ok(Self { given: path.to_owned(), absolute, theirs: theirs.clone(), place })
    }

    /// Removes what an earlier turn has left, which is not the answer of this one.
    ///
    /// # Errors
    ///
    /// It cannot be removed.
    pub fn clear(&self) -> io::Result<()> {
        let FilePlace::Plain { folder, name } = &self.place else { return Ok(()) };
        match folder.remove(name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Writes the file, whole.
    ///
    /// # Errors
    ///
    /// It cannot be written, or its folder is no longer the one that was there before the turn. What was there before
    /// is still there.
    pub fn write(&self, contents: &[u8]) -> io::Result<()> {
        match &self.place {
            FilePlace::Plain { folder, name } => {
                self.must_be_there(folder)?;
                folder.replace(name, contents, PRIVATE)
            }
            FilePlace::Special { folder, name, identity } => {
                self.must_be_there(folder)?;
                let is_theirs = folder.is_within(&self.theirs);
                let mut file = if is_theirs {
                    named_pipe::open(folder, name)?
                } else {
                    folder.open_special(name, OFlags::empty())?
                };
                if self::identity(&file.metadata()?) != *identity {
                    return Err(io::Error::other("the file was replaced during the turn"));
                }
                if is_theirs { named_pipe::write(&file, contents) } else { file.write_all(contents) }
            }
            FilePlace::Own(file) => (&*file).write_all(contents),
            FilePlace::Behind => OpenOptions::new().append(true).open(&self.absolute)?.write_all(contents),
        }
    }

    /// The path as it was given.
    pub fn path(&self) -> &Path {
        &self.given
    }

    /// Whether two outputs would be one file.
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.place, &other.place) {
            (FilePlace::Plain { folder, name }, FilePlace::Plain { folder: other, name: other_name }) => {
                folder.is(other) && name == other_name
            }
            _ => false,
        }
    }

    /// A reader who opens the path has to find what was written, and not what an agent has put there.
    fn must_be_there(&self, folder: &OpenFolder) -> io::Result<()> {
        match OpenFolder::open(parent(&self.absolute), &self.theirs) {
            Ok(now) if now.is(folder) => Ok(()),
            _ => Err(io::Error::other("its folder was replaced during the turn")),
        }
    }
}

fn place(path: &Path, theirs: &AgentFolders) -> io::Result<FilePlace> {
    let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?.to_owned();
    let folder = OpenFolder::open(parent(path), theirs)?;
    let real = folder.real().join(&name);
    let found = match fs::symlink_metadata(&real) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(FilePlace::Plain { folder, name });
        }
        Err(error) => return Err(error),
    };
    if found.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if found.is_file() {
        return Ok(FilePlace::Plain { folder, name });
    }
    if !found.is_symlink() {
        return Ok(FilePlace::Special { folder, name, identity: identity(&found) });
    }
    if folder.real() != Path::new("/dev") && !folder.real().starts_with("/proc") {
        return Err(link_error(&real));
    }
    let target = identity(&fs::metadata(&real)?);
    let own = [stdout().try_clone_to_owned(), stderr().try_clone_to_owned()];
    let mut own = own.into_iter().flatten().map(File::from);
    let same = own.find(|own| own.metadata().is_ok_and(|found| identity(&found) == target));
    Ok(same.map_or(FilePlace::Behind, FilePlace::Own))
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

#[cfg(test)]
mod tests;
