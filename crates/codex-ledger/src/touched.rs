//! [`Touched`]: what an agent did to the ledger, and its undoing.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::disk::Disk;
use crate::kept::Kept;
use crate::ledger_error::LedgerError;
use crate::manifest::{Extra, Violation};
use crate::oid::Oid;
use crate::parts::Parts;
use crate::places::{LEDGER_ROOT, ledger_path};
use crate::repo_path::RepoPath;
use crate::vcs::{Change, EntryKind};

/// The kind of the violations that this finds.
pub(crate) const LEDGER_TOUCHED: &str = "ledger-touched";

/// What differs below the folder of the ledger.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    before: Option<Oid>,
    changes: Vec<Change>,
}

impl Touched {
    /// Compares the folder of the ledger with what it was.
    pub(crate) fn find(parts: &Parts, kept: &Kept) -> Result<Self, LedgerError> {
        let step = "compare the ledger with what it was";
        if kept.is_untouched(parts) {
            return Ok(Self::default());
        }
        let vcs = parts.vcs.as_ref();
        let before = kept.tree(parts).map_err(LedgerError::git(step))?;
        let after = vcs.folder_tree(&ledger_path()).map_err(LedgerError::git(step))?;
        if after == before {
            return Ok(Self::default());
        }
        let after = match after {
            Some(after) => after,
            None => vcs.tree_with(None, &[]).map_err(LedgerError::git(step))?,
        };
        let changes = vcs.changes(before.as_ref(), &after).map_err(LedgerError::git(step))?;
        Ok(Self { before, changes: changes.entries })
    }

    /// One violation for each path.
    pub(crate) fn violations(&self) -> impl Iterator<Item = Violation> {
        self.changes.iter().map(|change| {
            let done = match (&change.before, &change.after) {
                (None, _) => "was added to the ledger during the turn and is removed",
                (Some(_), None) => "was deleted from the ledger during the turn and is restored",
                (Some(_), Some(_)) => "was changed in the ledger during the turn and is restored",
            };
            Violation {
                kind: LEDGER_TOUCHED.to_owned(),
                path: Some(format!("{LEDGER_ROOT}/{}", change.path)),
                detail: done.to_owned(),
                extra: Extra::new(),
            }
        })
    }

    /// Puts the old content back.
    ///
    /// # Errors
    ///
    /// Some of it could not be put back; everything else was.
    pub(crate) fn undo(&self, parts: &Parts) -> Result<(), LedgerError> {
        let root = parts.places.root();
        let disk = parts.disk.as_ref();
        let mut result = Ok(());
        let mut removed = BTreeSet::new();
        for change in self.changes.iter().filter(|change| change.after.is_some()) {
            let before = change.before.as_ref().map(|side| side.0);
            if before.is_some() && before == change.after.as_ref().map(|side| side.0) {
                continue;
            }
            let path = self.topmost(parts, &change.path)?;
            if removed.insert(path.clone()) {
                result = result.and(remove(disk, &root.join(path)));
            }
        }
        for change in &self.changes {
            if let Some((kind, blob)) = &change.before {
                result =
                    result.and(restore(parts, &root.join(system_path(change.path.as_bytes())), *kind, blob));
            }
        }
        result
    }

    /// What to remove for a path that was added: the highest folder above it that was none before.
    fn topmost(&self, parts: &Parts, path: &RepoPath) -> Result<PathBuf, LedgerError> {
        let bytes = path.as_bytes();
        for end in memchr::memchr_iter(b'/', bytes) {
            let folder = RepoPath::from_bytes(&bytes[..end]).expect("a part of a path is one");
            let entry = match &self.before {
                Some(tree) => parts.vcs.entry(tree, &folder).map_err(LedgerError::git("look into a tree"))?,
                None => None,
            };
            if entry.is_none_or(|entry| entry.kind != EntryKind::Folder) {
                return Ok(system_path(folder.as_bytes()));
            }
        }
        Ok(system_path(bytes))
    }
}

fn system_path(path: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(path))
}

fn remove(disk: &dyn Disk, path: &Path) -> Result<(), LedgerError> {
    let is_folder = path.symlink_metadata().is_ok_and(|found| found.is_dir());
    let removed = if is_folder { disk.remove_dir_all(path) } else { disk.remove_file(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(LedgerError::disk("remove what was added to the ledger", path)(error))
        }
        _ => Ok(()),
    }
}

fn restore(parts: &Parts, path: &Path, kind: EntryKind, blob: &Oid) -> Result<(), LedgerError> {
    let step = "restore what was in the ledger";
    let refused = || LedgerError::Refused { step, reason: format!("{} is no file", path.display()) };
    if !matches!(kind, EntryKind::File | EntryKind::Executable) {
        return Err(refused());
    }
    let object = parts.vcs.read_object(blob).map_err(LedgerError::git(step))?.ok_or_else(refused)?;
    let folder = path.parent().expect("a file of the ledger lies in a folder");
    parts
        .disk
        .create_dir_all(folder)
        .and_then(|()| parts.disk.write_new(path, &object.bytes))
        .and_then(|()| parts.disk.sync_dir(folder))
        .map_err(LedgerError::disk(step, path))
}
