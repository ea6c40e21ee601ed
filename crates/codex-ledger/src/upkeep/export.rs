//! [`export()`]: a copy of all records in another folder.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::ledger_error::LedgerError;
use crate::prove::{Verification, verify_files};
use crate::read::Reader;
use crate::read::reader::{FileKind, files_below};
use crate::system::plain_file::read_plain;
use crate::system::{Disk, DiskRoot, RealDisk};
use crate::values::Places;

/// A copy of all records.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exported {
    /// The folder; [`Reader::at`] reads it.
    pub folder: PathBuf,
    /// How many files were copied.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// What is found in the copy.
    pub verification: Verification,
}

/// Copies all records, the index and the attributes file to `folder`, where they lie as they do in a project, and checks
/// the copy. What is damaged is copied as it is; symbolic links and folders of others are not.
///
/// The folder may be there if it is empty; the one above it must be there. The copy is not synced to the disk.
///
/// # Errors
///
/// There is something in the folder, or files cannot be read or written.
pub fn export(reader: &Reader, folder: &Path) -> Result<Exported, LedgerError> {
    let step = "export the ledger";
    let folder = std::path::absolute(folder).map_err(LedgerError::disk(step, folder))?;
    let failed = |error| LedgerError::disk(step, &folder)(error);
    match fs::read_dir(&folder) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return Err(failed(io::Error::new(io::ErrorKind::AlreadyExists, "the folder is not empty")));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let (Some(parent), Some(name)) = (folder.parent(), folder.file_name()) else {
        return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "this is no name of a folder")));
    };
    let disk = RealDisk::within([DiskRoot::below(parent, name)]);
    let mut copy = Copy { disk: &disk, files: 0, bytes: 0 };
    let (from, to) = (reader.places(), Places::below(&folder));
    copy.folder(&to.turns())?;
    for number in reader.numbers()? {
        copy.record(&from.turn(number), &to.turn(number))?;
    }
    for (from, to) in [(from.index(), to.index()), (from.attributes(), to.attributes())] {
        copy.file(&from, &to)?;
    }
    let (files, bytes) = (copy.files, copy.bytes);
    let verification = verify_files(&Reader::at(&folder))?;
    Ok(Exported { folder, files, bytes, verification })
}

struct Copy<'a> {
    disk: &'a dyn Disk,
    files: u64,
    bytes: u64,
}

impl Copy<'_> {
    fn folder(&self, folder: &Path) -> Result<(), LedgerError> {
        self.disk.create_dir_all(folder).map_err(LedgerError::disk("export the ledger", folder))
    }

    fn record(&mut self, from: &Path, to: &Path) -> Result<(), LedgerError> {
        self.folder(to)?;
        let files = files_below(from).map_err(LedgerError::disk("export a record", from))?;
        for file in files.into_iter().filter(|file| file.kind == FileKind::File) {
            let path = OsStr::from_bytes(file.path.as_bytes());
            let target = to.join(path);
            if let Some(folder) = target.parent().filter(|folder| *folder != to) {
                self.folder(folder)?;
            }
            self.file(&from.join(path), &target)?;
        }
        Ok(())
    }

    /// Copies a file, if it is there.
    fn file(&mut self, from: &Path, to: &Path) -> Result<(), LedgerError> {
        let bytes = match read_plain(from) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(LedgerError::disk("export a file", from)(error)),
        };
        let written = self.disk.open_append(to).and_then(|mut file| file.write(&bytes));
        written.map_err(LedgerError::disk("export a file", to))?;
        self.files += 1;
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}
