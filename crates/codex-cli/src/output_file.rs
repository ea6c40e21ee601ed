//! [`OutputFile`]: a file that is there whole or not at all.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A file that is written once, at the end.
///
/// It is written beside its place and moved there, so that a reader never sees half of it. What is no plain file
/// (a device, a named pipe, `/dev/stdout`) is written to as it is.
#[derive(Debug)]
pub(crate) struct OutputFile {
    given: PathBuf,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// A plain file, or none yet, behind all links.
    Plain(PathBuf),
    /// Anything else.
    Special,
}

impl OutputFile {
    /// Looks whether the file can be written, and leaves nothing behind.
    ///
    /// # Errors
    ///
    /// It cannot.
    pub(crate) fn prepare(path: &Path) -> Result<Self, Failure> {
        let unwritable = |source| Failure::Unwritable { path: path.to_owned(), source };
        let place = place(path).map_err(unwritable)?;
        if let Place::Plain(plain) = &place {
            // It has no name and is gone when it is closed.
            tempfile::tempfile_in(folder(plain)).map_err(unwritable)?;
        }
        Ok(Self { given: path.to_owned(), place })
    }

    /// Removes what an earlier turn has left, which is not the answer of this one.
    ///
    /// # Errors
    ///
    /// It cannot be removed.
    pub(crate) fn clear(&self) -> Result<(), Failure> {
        let Place::Plain(plain) = &self.place else { return Ok(()) };
        match fs::remove_file(plain) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(Failure::Unwritable { path: self.given.clone(), source })
            }
            _ => Ok(()),
        }
    }

    /// Writes the file, whole.
    ///
    /// # Errors
    ///
    /// It cannot be written; what was there before is still there.
    pub(crate) fn write(&self, contents: &[u8]) -> io::Result<()> {
        match &self.place {
            Place::Special => OpenOptions::new().write(true).open(&self.given)?.write_all(contents),
            Place::Plain(plain) => {
                // The umask takes from these permissions what it takes from those of any new file.
                let readable = Permissions::from_mode(0o666);
                let mut file = tempfile::Builder::new().permissions(readable).tempfile_in(folder(plain))?;
                file.write_all(contents)?;
                file.persist(plain)?;
                Ok(())
            }
        }
    }

    /// The path as it was given.
    pub(crate) fn path(&self) -> &Path {
        &self.given
    }

    /// Whether two outputs would be one file.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (&self.place, &other.place) {
            (Place::Plain(one), Place::Plain(other)) => one == other,
            _ => false,
        }
    }
}

fn place(path: &Path) -> io::Result<Place> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(found) if found.is_file() => fs::canonicalize(path).map(Place::Plain),
        Ok(_) => Ok(Place::Special),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
            Ok(Place::Plain(fs::canonicalize(folder(path))?.join(name)))
        }
        Err(error) => Err(error),
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_keeps_its_links() {
        let scratch = tempfile::tempdir().unwrap();
        let (real, link) = (scratch.path().join("real"), scratch.path().join("link"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let file = OutputFile::prepare(&link).unwrap();
        file.write(b"new").unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert!(link.is_symlink());
        file.clear().unwrap();
        assert!(!real.exists());
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1, "only the link is left");
    }

    #[test]
    fn preparing_leaves_nothing_and_keeps_what_is_there() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("answer");
        OutputFile::prepare(&path).unwrap();
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
        fs::write(&path, "kept").unwrap();
        OutputFile::prepare(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"kept");
    }

    #[test]
    fn a_device_is_written_to_and_not_replaced() {
        let file = OutputFile::prepare(Path::new("/dev/null")).unwrap();
        file.clear().unwrap();
        file.write(b"gone").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn a_directory_and_a_missing_folder_are_refused() {
        let scratch = tempfile::tempdir().unwrap();
        assert!(OutputFile::prepare(scratch.path()).is_err());
        assert!(OutputFile::prepare(&scratch.path().join("no/answer")).is_err());
    }

    #[test]
    fn one_file_by_two_names_is_seen() {
        let scratch = tempfile::tempdir().unwrap();
        let one = OutputFile::prepare(&scratch.path().join("a")).unwrap();
        let same = OutputFile::prepare(&scratch.path().join("./a")).unwrap();
        let other = OutputFile::prepare(&scratch.path().join("b")).unwrap();
        assert!(one.is_same(&same) && !one.is_same(&other));
    }
}
