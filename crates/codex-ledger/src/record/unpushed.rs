//! [`Unpushed`]: the notes of seals and tags that a remote does not have yet.

use std::fs;
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::ledger_error::LedgerError;
use crate::record::parts::LedgerParts;
use crate::system::plain_file::read_plain;

const STEP: &str = "note what is to be pushed";

/// A ref that is to be pushed to a remote, and was not. Nothing else is: what was recorded without a push stays here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Unpushed {
    remote: String,
    ref_name: String,
}

impl Unpushed {
    pub(crate) fn new(remote: &str, ref_name: &str) -> Self {
        Self { remote: remote.to_owned(), ref_name: ref_name.to_owned() }
    }

    /// The refs that are to be pushed to this remote, sorted.
    pub(crate) fn all(parts: &LedgerParts, remote: &str) -> Vec<String> {
        let entries = fs::read_dir(parts.dirs.unpushed()).into_iter().flatten().flatten();
        let read = |path: PathBuf| serde_json::from_slice::<Self>(&read_plain(&path).ok()?).ok();
        let notes = entries.filter_map(|entry| read(entry.path()));
        let mut names: Vec<String> =
            notes.filter(|note| note.remote == remote).map(|note| note.ref_name).collect();
        names.sort();
        names
    }

    /// Writes it down, unless it is.
    pub(crate) fn note(&self, parts: &LedgerParts) -> Result<(), LedgerError> {
        let (folder, path) = (parts.dirs.unpushed(), self.path(parts));
        if path.exists() {
            return Ok(());
        }
        let bytes = serde_json::to_vec(self).expect("a note has only text as keys");
        let disk = parts.disk.as_ref();
        disk.create_dir_all(&folder)
            .and_then(|()| disk.write_new(&path, &bytes))
            .and_then(|()| disk.sync_dir(&folder))
            .map_err(LedgerError::disk(STEP, path))
    }

    /// Removes the note, if there is one.
    pub(crate) fn forget(&self, parts: &LedgerParts) -> Result<(), LedgerError> {
        let path = self.path(parts);
        match parts.disk.remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(LedgerError::disk(STEP, path)(error))
            }
            _ => Ok(()),
        }
    }

    fn path(&self, parts: &LedgerParts) -> PathBuf {
        let hash = crate::values::sha256_hex(format!("{}\0{}", self.remote, self.ref_name).as_bytes());
        parts.dirs.unpushed().join(format!("{}.json", &hash[..32]))
    }
}
