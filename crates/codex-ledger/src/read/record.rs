//! [`Record`]: one record, as it was read.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::ledger_error::LedgerError;
use crate::manifest::{Manifest, ManifestFile};
use crate::read::reader::{FileKind, files_below};
use crate::system::plain_file::{read_manifest, read_plain};
use crate::values::{Places, RepoPath, TurnId};

/// One record, as it was read: its manifest, and its files when they are asked for.
///
/// Nothing is checked but that the manifest can be read; [`verify`](crate::prove::verify()) checks.
#[derive(Debug, Clone)]
pub struct Record {
    number: TurnId,
    folder: PathBuf,
    file: ManifestFile,
}

impl Record {
    /// Reads the manifest of a record.
    pub(crate) fn read(places: &Places, number: TurnId) -> Result<Self, LedgerError> {
        let path = places.manifest(number);
        let bytes = read_manifest(&path).map_err(LedgerError::disk("read a manifest", &path))?;
        let file = Manifest::read(&bytes).map_err(|source| LedgerError::Manifest { path, source })?;
        Ok(Self { number, folder: places.turn(number), file })
    }

    /// The number that its folder is named after.
    pub fn turn_id(&self) -> TurnId {
        self.number
    }

    /// What it says.
    pub fn manifest(&self) -> &Manifest {
        &self.file.manifest
    }

    /// The SHA-256 of the bytes of its manifest.
    pub fn manifest_sha256(&self) -> &str {
        &self.file.sha256
    }

    /// Whether a later major version of the format wrote it.
    pub fn is_newer_format(&self) -> bool {
        self.file.newer_major
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The files that it has, sorted, relative to its folder, `manifest.json` included.
    ///
    /// # Errors
    ///
    /// The folder cannot be read.
    pub fn files(&self) -> Result<Vec<RepoPath>, LedgerError> {
        let found = files_below(&self.folder).map_err(LedgerError::disk("list a record", &self.folder))?;
        Ok(found.into_iter().filter(|file| file.kind == FileKind::File).map(|file| file.path).collect())
    }

    /// The bytes of one of its files; `None` if there is none of that name.
    ///
    /// # Errors
    ///
    /// The file is there and cannot be read, or the path could lead out of the record.
    pub fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        let path: RepoPath = path.parse().map_err(|error| {
            let source = io::Error::new(io::ErrorKind::InvalidInput, error);
            LedgerError::disk("read a file of a record", self.folder.join(path))(source)
        })?;
        read_below(&self.folder, &path)
    }

    /// The difference, if the record has one.
    ///
    /// # Errors
    ///
    /// As [`read_file`](Self::read_file).
    pub fn diff(&self) -> Result<Option<Vec<u8>>, LedgerError> {
        match &self.manifest().artifacts.diff {
            Some(path) => self.read_file(path),
            None => Ok(None),
        }
    }
}

/// Reads a file below a folder; no part of its path may be a symbolic link.
pub(crate) fn read_below(folder: &Path, path: &RepoPath) -> Result<Option<Vec<u8>>, LedgerError> {
    let full = folder.join(OsStr::from_bytes(path.as_bytes()));
    let failed = |error| LedgerError::disk("read a file of a record", &full)(error);
    let mut above = full.parent();
    while let Some(part) = above.filter(|part| *part != folder) {
        match std::fs::symlink_metadata(part) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => {
                return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "a folder is no folder")));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        }
        above = part.parent();
    }
    match read_plain(&full) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}
