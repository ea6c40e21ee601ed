//! [`Touched`]: what was done to the ledger during a turn, and its undoing.

mod shape;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use self::shape::LedgerShape;
use crate::git::{EntryKind, PathChange};
use crate::ledger_error::LedgerError;
use crate::manifest::Violation;
use crate::record::kept::Kept;
use crate::record::ledger_folder::LedgerFolder;
use crate::record::parts::LedgerParts;
use crate::system::Disk;
use crate::values::places::ledger_path;
use crate::values::{LEDGER_ROOT, Oid, RepoPath};

/// The kind of the violations that this finds.
pub(crate) const LEDGER_TOUCHED: &str = "ledger-touched";

const COMPARE: &str = "compare the ledger with what it was";

/// What was done to the ledger, and is undone.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    /// What was done to each path, from the folder of the ledger, or from the top of the worktree for the folders above.
    found: BTreeMap<String, String>,
    /// What could not be looked at or put back; everything else was.
    faults: Vec<LedgerError>,
}

impl Touched {
    /// Compares the folder of the ledger with what it was, entry by entry, and puts back what was there.
    ///
    /// First the folders on the way to it, then types, names and permissions of everything in it, then the content.
    pub(crate) fn undo(parts: &LedgerParts, kept: &Kept) -> Self {
        let mut touched = Self::default();
        if kept.is_untouched(parts) {
            return touched;
        }
        touched.clear_way(parts);
        let entries = kept.entries();
        let shape = LedgerShape::of(&entries);
        touched.restore_shape(parts, &shape);
        touched.restore_content(parts, kept);
        // What was restored has the permissions of new files.
        let mut again = Self::default();
        again.restore_shape(parts, &shape);
        touched.faults.append(&mut again.faults);
        touched
    }

    /// One violation for each path.
    pub(crate) fn violations(&self) -> impl Iterator<Item = Violation> {
        self.found.iter().map(|(path, done)| Violation::new(LEDGER_TOUCHED, done).at(path))
    }

    pub(crate) fn faults(&self) -> &[LedgerError] {
        &self.faults
    }

    /// The first of what could not be put back.
    pub(crate) fn into_fault(self) -> Option<LedgerError> {
        self.faults.into_iter().next()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(crate) fn note(&mut self, path: impl Into<String>, done: impl Into<String>) {
        self.found.insert(path.into(), done.into());
    }

    pub(crate) fn try_to(&mut self, done: Result<(), LedgerError>) {
        self.faults.extend(done.err());
    }

    /// Makes the folders above the ledger real ones again.
    pub(crate) fn clear_way(&mut self, parts: &LedgerParts) {
        let worktree = parts.vcs.worktree_root();
        if let Some((path, by)) = LedgerFolder::obstacle(worktree) {
            let name = path.strip_prefix(worktree).unwrap_or(&path).display().to_string();
            self.note(name, format!("was replaced by {by} during the turn and is a folder again"));
        }
        let root = parts.places.root();
        let cleared = parts.disk.clear_way(root);
        self.try_to(cleared.map_err(LedgerError::disk("restore the folder of the ledger", root)));
    }

    fn restore_shape(&mut self, parts: &LedgerParts, shape: &LedgerShape<'_>) {
        shape.restore(parts, self);
    }

    /// Puts old content back where names and types are as they were.
    fn restore_content(&mut self, parts: &LedgerParts, kept: &Kept) {
        let changes = match changed_content(parts, kept) {
            Ok(changes) => changes,
            Err(error) => return self.faults.push(error),
        };
        let root = parts.places.root();
        for change in &changes {
            let path = format!("{LEDGER_ROOT}/{}", change.path);
            match (&change.before, &change.after) {
                (Some(_), None) => {
                    let done = || "was deleted from the ledger during the turn and is restored".to_owned();
                    self.found.entry(path).or_insert_with(done);
                }
                (Some(_), Some(_)) => {
                    self.note(path, "was changed in the ledger during the turn and is restored");
                }
                (None, _) => self.note(path, "was added to the ledger during the turn and is removed"),
            }
            let place = root.join(system_path(change.path.as_bytes()));
            let done = match &change.before {
                Some((kind, blob)) => restore(parts, &place, *kind, blob),
                None => remove(parts.disk.as_ref(), &place),
            };
            self.try_to(done);
        }
    }
}

fn changed_content(parts: &LedgerParts, kept: &Kept) -> Result<Vec<PathChange>, LedgerError> {
    let vcs = parts.vcs.as_ref();
    let before = kept.tree(parts).map_err(LedgerError::git(COMPARE))?;
    let after = vcs.folder_tree(&ledger_path()).map_err(LedgerError::git(COMPARE))?;
    if after == before {
        return Ok(Vec::new());
    }
    let after = match after {
        Some(after) => after,
        None => vcs.tree_with(None, &[]).map_err(LedgerError::git(COMPARE))?,
    };
    Ok(vcs.changes(before.as_ref(), &after).map_err(LedgerError::git(COMPARE))?.entries)
}

pub(crate) fn system_path(path: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(path))
}

/// Removes whatever stands at a path.
pub(crate) fn remove(disk: &dyn Disk, path: &Path) -> Result<(), LedgerError> {
    let is_folder = path.symlink_metadata().is_ok_and(|found| found.is_dir());
    let removed = if is_folder { disk.remove_dir_all(path) } else { disk.remove_file(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(LedgerError::disk("remove what was added to the ledger", path)(error))
        }
        _ => Ok(()),
    }
}

/// Writes a file of the ledger as git has it.
pub(crate) fn restore(
    parts: &LedgerParts,
    path: &Path,
    kind: EntryKind,
    blob: &Oid,
) -> Result<(), LedgerError> {
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

/// A path below the ledger as violations name it.
fn named(path: &[u8]) -> String {
    let inner = RepoPath::from_bytes(path).map(|path| path.to_string());
    let inner = inner.unwrap_or_else(|_| String::from_utf8_lossy(path).into_owned());
    if inner.is_empty() { LEDGER_ROOT.to_owned() } else { format!("{LEDGER_ROOT}/{inner}") }
}
