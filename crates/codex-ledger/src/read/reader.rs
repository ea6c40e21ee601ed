//! [`Reader`]: the records of a ledger, read and never written.

mod ledger_files;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub(crate) use self::ledger_files::{FileKind, FoundFile, files_below};
use crate::ledger_error::LedgerError;
use crate::manifest::{Extra, ParentLink};
use crate::read::record::Record;
use crate::values::{Places, TurnId};

/// Reads the records of a ledger. It needs no git and no right to write, and keeps nothing between two calls.
///
/// Records are folders whose name is a number; whatever else lies between them is [foreign](Self::foreign).
/// Symbolic links are never followed.
///
/// ```
/// use codex_ledger::Reader;
///
/// let project = tempfile::tempdir()?;
/// let reader = Reader::at(project.path());
/// assert!(!reader.is_initialised());
/// assert_eq!(reader.records()?.count(), 0);
/// assert!(reader.head()?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Reader {
    project: PathBuf,
    places: Places,
}

/// Something between the records that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Foreign {
    /// Its name; what is no UTF-8 is replaced.
    pub name: String,
    /// The number that its name stands for, which is then never claimed.
    pub number: Option<TurnId>,
}

impl Reader {
    /// Reads the ledger of the worktree with this top folder, or of a folder that a ledger was exported to.
    pub fn at(project: impl Into<PathBuf>) -> Self {
        let project = project.into();
        Self { places: Places::below(&project), project }
    }

    /// Where the ledger keeps its files.
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// Whether there is a ledger, with records or without: whether there is an index.
    pub fn is_initialised(&self) -> bool {
        fs::symlink_metadata(self.places.index()).is_ok_and(|found| found.is_file())
    }

    /// The numbers of all records in ascending order.
    ///
    /// # Errors
    ///
    /// A folder of the ledger is a symbolic link, is no folder, or cannot be read.
    pub fn numbers(&self) -> Result<Vec<TurnId>, LedgerError> {
        Ok(self.listing()?.0)
    }

    /// What lies between the records and is none, by name.
    ///
    /// # Errors
    ///
    /// As [`numbers`](Self::numbers).
    pub fn foreign(&self) -> Result<Vec<Foreign>, LedgerError> {
        Ok(self.listing()?.1)
    }

    /// All records in ascending order, each read when it is asked for.
    ///
    /// A record that cannot be read is an error of its own, after which the others follow.
    ///
    /// # Errors
    ///
    /// As [`numbers`](Self::numbers).
    pub fn records(&self) -> Result<impl Iterator<Item = Result<Record, LedgerError>>, LedgerError> {
        let places = self.places.clone();
        Ok(self.numbers()?.into_iter().map(move |number| Record::read(&places, number)))
    }

    /// The record of this number, if there is one.
    ///
    /// # Errors
    ///
    /// It is there and cannot be read.
    pub fn record(&self, number: TurnId) -> Result<Option<Record>, LedgerError> {
        if self.guard()? == Presence::Absent {
            return Ok(None);
        }
        match fs::symlink_metadata(self.places.turn(number)) {
            Ok(found) if found.is_dir() => Record::read(&self.places, number).map(Some),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(LedgerError::disk("read a record", self.places.turn(number))(error)),
        }
    }

    /// The record with the highest number.
    ///
    /// # Errors
    ///
    /// It cannot be read; or as [`numbers`](Self::numbers).
    pub fn head(&self) -> Result<Option<Record>, LedgerError> {
        self.numbers()?.last().map(|number| Record::read(&self.places, *number)).transpose()
    }

    /// The records that no other record names as parent, sorted by number: what the next record will name.
    ///
    /// Reads every manifest. One that cannot be read, or that has only the oldest keys, is no head.
    ///
    /// # Errors
    ///
    /// As [`numbers`](Self::numbers).
    pub fn heads(&self) -> Result<Vec<ParentLink>, LedgerError> {
        let mut links = Vec::new();
        let mut named = BTreeSet::new();
        for record in self.records()?.filter_map(Result::ok) {
            let Some(part) = &record.manifest().ledger else { continue };
            named.extend(part.parents.iter().map(|parent| parent.turn_id));
            links.push(ParentLink {
                turn_id: record.turn_id(),
                uid: part.uid.clone(),
                manifest_sha256: record.manifest_sha256().to_owned(),
                extra: Extra::new(),
            });
        }
        links.retain(|link| !named.contains(&link.turn_id));
        Ok(links)
    }

    /// Where `path` is for a person: relative to the top of the worktree.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.project).unwrap_or(path).to_string_lossy().into_owned()
    }

    /// Makes sure that the folders down to the records are folders.
    pub(crate) fn guard(&self) -> Result<Presence, LedgerError> {
        let turns = self.places.turns();
        let Ok(below) = turns.strip_prefix(&self.project) else { return Ok(Presence::Absent) };
        let mut folder = self.project.clone();
        for part in below.components() {
            folder.push(part);
            match fs::symlink_metadata(&folder) {
                Ok(found) if found.is_dir() => {}
                Ok(_) => {
                    let finding =
                        "a symbolic link or something else that is no folder stands here".to_owned();
                    return Err(LedgerError::Integrity { path: folder, finding });
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Presence::Absent),
                Err(error) => return Err(LedgerError::disk("read the ledger", folder)(error)),
            }
        }
        Ok(Presence::Present)
    }

    fn listing(&self) -> Result<(Vec<TurnId>, Vec<Foreign>), LedgerError> {
        let (mut numbers, mut foreign) = (Vec::new(), Vec::new());
        if self.guard()? == Presence::Absent {
            return Ok((numbers, foreign));
        }
        let turns = self.places.turns();
        let failed = |error| LedgerError::disk("list the records", &turns)(error);
        for entry in fs::read_dir(&turns).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let is_folder = entry.file_type().map_err(failed)?.is_dir();
            let name = entry.file_name().to_string_lossy().into_owned();
            match name.parse::<TurnId>() {
                Ok(number) if is_folder => numbers.push(number),
                _ => foreign.push(Foreign { number: foreign_number(&name), name }),
            }
        }
        numbers.sort_unstable();
        foreign.sort_by(|one, other| one.name.cmp(&other.name));
        Ok((numbers, foreign))
    }
}

/// Whether the folder of the records is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Present,
    Absent,
}

/// The number that a name other than a plain number stands for: `turn-7`, `turn-007`, `turn-T7`.
pub(crate) fn foreign_number(name: &str) -> Option<TurnId> {
    let rest = match name.strip_prefix("turn-") {
        Some(rest) => rest.strip_prefix('T').unwrap_or(rest).trim_start_matches('0'),
        None => name,
    };
    rest.parse().ok()
}

#[cfg(test)]
mod tests;
