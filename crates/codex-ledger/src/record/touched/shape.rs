//! [`LedgerShape`]: names, types and permissions of everything in the ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Bound;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirEntryExt as _, MetadataExt as _};
use std::path::Path;

use super::{Touched, named, remove, system_path};
use crate::ledger_error::LedgerError;
use crate::record::footprint::{DEEPEST, FootprintEntry};
use crate::record::ledger_folder::kind_name;
use crate::record::parts::LedgerParts;

/// The bits of a mode that are its type.
const TYPE: u32 = 0o170_000;
const FOLDER: u32 = 0o040_000;
const LINK: u32 = 0o120_000;
const FILE: u32 = 0o100_000;
/// How many files of a folder that was added are named one by one.
const NAMED: usize = 100;

/// A file that was made longer than this is not read to see what of it is as it was.
const MOST_BYTES: u64 = 16 << 20;

/// What each path of the ledger was.
pub(super) struct LedgerShape<'a> {
    modes: BTreeMap<&'a [u8], u32>,
    lengths: BTreeMap<&'a [u8], u64>,
}

impl<'a> LedgerShape<'a> {
    pub(super) fn of(entries: &'a [FootprintEntry]) -> Self {
        let path = |entry: &'a FootprintEntry| entry.path.as_slice();
        Self {
            modes: entries.iter().map(|entry| (path(entry), entry.mode)).collect(),
            lengths: entries.iter().map(|entry| (path(entry), entry.bytes)).collect(),
        }
    }

    /// Removes what was not there or was something else, and gives permissions and empty folders back.
    pub(super) fn restore(&self, parts: &LedgerParts, touched: &mut Touched) {
        let mut seen = BTreeSet::new();
        self.folder(parts, b"", touched, &mut seen);
        for (path, mode) in &self.modes {
            if seen.contains(*path) {
                continue;
            }
            match mode & TYPE {
                FOLDER if self.is_empty_folder(path) => {
                    touched.note(named(path), "was deleted from the ledger during the turn and is restored");
                    let place = place(parts, path);
                    let made = parts.disk.create_dir_all(&place);
                    let made = made.and_then(|()| parts.disk.set_mode(&place, *mode));
                    touched.try_to(made.map_err(LedgerError::disk("restore a folder", place)));
                }
                FOLDER | FILE | LINK => {}
                _ => touched.note(named(path), "was deleted from the ledger during the turn"),
            }
        }
    }

    /// A folder in which nothing was.
    fn is_empty_folder(&self, path: &[u8]) -> bool {
        let below = [path, b"/"].concat();
        let next = self.modes.range::<[u8], _>((Bound::Included(below.as_slice()), Bound::Unbounded)).next();
        !next.is_some_and(|(next, _)| next.starts_with(&below))
    }

    fn folder(&self, parts: &LedgerParts, path: &[u8], touched: &mut Touched, seen: &mut BTreeSet<Vec<u8>>) {
        let place = place(parts, path);
        let Ok(found) = fs::symlink_metadata(&place) else { return };
        seen.insert(path.to_vec());
        self.permissions(parts, path, found.mode(), touched);
        let entries = match fs::read_dir(&place) {
            Ok(entries) => entries,
            Err(error) => return touched.faults.push(LedgerError::disk("look at the ledger", place)(error)),
        };
        let mut children: Vec<_> = entries.flatten().collect();
        children.sort_by_key(fs::DirEntry::ino);
        for child in children {
            let name = child.file_name();
            let own = if path.is_empty() {
                name.as_bytes().to_vec()
            } else {
                [path, b"/", name.as_bytes()].concat()
            };
            let Ok(found) = fs::symlink_metadata(child.path()) else { continue };
            match self.modes.get(own.as_slice()) {
                Some(mode) if mode & TYPE == found.mode() & TYPE => {
                    if mode & TYPE == FOLDER {
                        self.folder(parts, &own, touched, seen);
                    } else if self.is_enormous(&own, &found) {
                        // The old content comes back as that of a file that is gone.
                        touched
                            .note(named(&own), "was changed in the ledger during the turn and is restored");
                        touched.try_to(remove(parts.disk.as_ref(), &child.path()));
                    } else {
                        self.permissions(parts, &own, found.mode(), touched);
                        seen.insert(own);
                    }
                }
                was => {
                    if was.is_some() {
                        let by = kind_name(found.file_type());
                        let done =
                            format!("was replaced by {by} in the ledger during the turn and is restored");
                        touched.note(named(&own), done);
                    } else {
                        added(&child.path(), &own, touched);
                    }
                    let removed = remove(parts.disk.as_ref(), &child.path());
                    touched.try_to(removed);
                }
            }
        }
    }

    /// Whether a file was made so long that reading it would hold the record.
    fn is_enormous(&self, path: &[u8], found: &fs::Metadata) -> bool {
        let was = self.lengths.get(path);
        found.is_file() && found.len() > MOST_BYTES && was.is_none_or(|was| *was != found.len())
    }

    /// Sets the permissions of an entry to what they were; of one that is new to what its owner needs.
    fn permissions(&self, parts: &LedgerParts, path: &[u8], found: u32, touched: &mut Touched) {
        let Some(mode) = self.modes.get(path) else { return };
        if mode & TYPE == LINK || mode & 0o7777 == found & 0o7777 {
            return;
        }
        touched.note(named(path), "had its permissions changed during the turn, and has the old ones again");
        let place = place(parts, path);
        let set = parts.disk.set_mode(&place, *mode);
        touched.try_to(set.map_err(LedgerError::disk("restore permissions", place)));
    }
}

fn place(parts: &LedgerParts, path: &[u8]) -> std::path::PathBuf {
    let root = parts.places.root();
    if path.is_empty() { root.to_owned() } else { root.join(system_path(path)) }
}

/// Names what was added: the files of a folder, or what it is itself.
fn added(place: &Path, path: &[u8], touched: &mut Touched) {
    const DONE: &str = "was added to the ledger during the turn and is removed";
    let mut files = Vec::new();
    list(place, path, 0, &mut files);
    if files.is_empty() || files.len() > NAMED {
        files = vec![path.to_vec()];
    }
    for file in files {
        touched.note(named(&file), DONE);
    }
}

fn list(place: &Path, path: &[u8], depth: usize, files: &mut Vec<Vec<u8>>) {
    if depth > DEEPEST || !fs::symlink_metadata(place).is_ok_and(|found| found.is_dir()) {
        return files.push(path.to_vec());
    }
    for child in fs::read_dir(place).into_iter().flatten().flatten() {
        if files.len() > NAMED {
            return;
        }
        list(&child.path(), &[path, b"/", child.file_name().as_bytes()].concat(), depth + 1, files);
    }
}
