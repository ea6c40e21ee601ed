//! [`TrustStore`]: what a user has trusted, in a folder of the user's state.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use codex_ledger::values::sha256_hex;
use rustix::fs::{CWD, Mode, OFlags, openat};
use serde::{Deserialize, Serialize};

use super::file_list::FileList;
use super::places::WritablePlaces;
use super::trust_error::TrustError;

/// The format of a record; one of another format is not believed.
const FORMAT: &str = "codex-turns-trust/1";
/// No record is larger.
const LIMIT_BYTES: u64 = 4 << 20;

/// What a user has trusted, one file for each project.
#[derive(Clone, Debug)]
pub struct TrustStore {
    folder: PathBuf,
}

/// What was trusted of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrustRecord {
    format: String,
    /// The real path of its root.
    root: String,
    /// The files with their bytes.
    pub files: FileList,
    /// What the person was shown, so that only what has changed is shown next time.
    pub effects: Vec<String>,
}

impl TrustRecord {
    /// Creates the record of a project whose root has this real path.
    pub fn new(root: &Path, files: FileList, effects: Vec<String>) -> Self {
        Self { format: FORMAT.to_owned(), root: named(root), files, effects }
    }
}

impl TrustStore {
    /// Takes the folder of a user's state, which need not exist.
    ///
    /// # Errors
    ///
    /// An agent or another user may write to it.
    pub(crate) fn below(state: &Path, writable: &WritablePlaces) -> Result<Self, TrustError> {
        let folder = state.join("trust");
        if let Some(place) = writable.holding(&folder) {
            return Err(TrustError::StoreInReach { store: folder, place: place.to_owned() });
        }
        for part in [state, &folder] {
            match fs::symlink_metadata(part) {
                Ok(_) => owned(part)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(TrustError::Store { store: part.to_owned(), source }),
            }
        }
        Ok(Self { folder })
    }

    /// Returns what was trusted of the project at this real path.
    ///
    /// # Errors
    ///
    /// The record is there and cannot be read. One that says something else than a record is none.
    pub fn load(&self, root: &Path) -> Result<Option<TrustRecord>, TrustError> {
        let path = self.path(root);
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match openat(CWD, &path, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            Err(error) => return Err(self.failed(error.into())),
        };
        let found = file.metadata().map_err(|error| self.failed(error))?;
        if !found.is_file() || !is_ours(&found) {
            return Err(TrustError::StoreOfOthers { store: path });
        }
        let mut bytes = Vec::new();
        file.take(LIMIT_BYTES).read_to_end(&mut bytes).map_err(|error| self.failed(error))?;
        let record = serde_json::from_slice::<TrustRecord>(&bytes).ok();
        Ok(record.filter(|record| record.format == FORMAT && record.root == named(root)))
    }

    /// Keeps what is trusted of a project, in the place of what was.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn save(&self, root: &Path, record: &TrustRecord) -> Result<(), TrustError> {
        self.write(root, record).map_err(|error| self.failed(error))
    }

    /// Forgets a project; returns whether anything was trusted of it.
    ///
    /// # Errors
    ///
    /// The record cannot be removed.
    pub fn forget(&self, root: &Path) -> Result<bool, TrustError> {
        match fs::remove_file(self.path(root)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn write(&self, root: &Path, record: &TrustRecord) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        owned(&self.folder).map_err(io::Error::other)?;
        // The mode of such a file is 0600, and a rename leaves no half of one.
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(&serde_json::to_vec_pretty(record)?)?;
        file.as_file().sync_all()?;
        file.persist(self.path(root))?;
        Ok(())
    }

    fn path(&self, root: &Path) -> PathBuf {
        self.folder.join(format!("{}.json", sha256_hex(root.as_os_str().as_bytes())))
    }

    fn failed(&self, source: io::Error) -> TrustError {
        TrustError::Store { store: self.folder.clone(), source }
    }
}

/// Refuses what is not a folder of this user alone.
fn owned(folder: &Path) -> Result<(), TrustError> {
    match fs::metadata(folder) {
        Ok(found) if found.is_dir() && is_ours(&found) => Ok(()),
        Ok(_) => Err(TrustError::StoreOfOthers { store: folder.to_owned() }),
        Err(source) => Err(TrustError::Store { store: folder.to_owned(), source }),
    }
}

fn is_ours(found: &fs::Metadata) -> bool {
    found.uid() == rustix::process::geteuid().as_raw() && found.mode() & 0o022 == 0
}

/// The path of a root as a record names it: of two different paths never the same.
fn named(root: &Path) -> String {
    root.to_str().map_or_else(|| sha256_hex(root.as_os_str().as_bytes()), str::to_owned)
}
