//! [`Heads`]: the records that no other record names as parent.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::ledger_error::LedgerError;
use crate::manifest::{Extra, Manifest, ManifestError, ManifestFile, ParentLink};
use crate::system::Disk;
use crate::system::plain_file::{read_manifest, read_plain};
use crate::values::{Places, TurnId, number_runs};

/// The records that a worktree shows, and which of them nobody names as parent.
///
/// Finding the heads takes reading every manifest, so what was found is kept: then only records that came
/// since are read, and the heads themselves.
#[derive(Debug, Default)]
pub(crate) struct Heads {
    /// The heads, sorted by number.
    pub(crate) links: Vec<ParentLink>,
}

/// What was found the last time.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownHeads {
    /// Runs of numbers, first and last.
    runs: Vec<(u64, u64)>,
    /// The heads and their uids.
    heads: BTreeMap<u64, String>,
}

impl KnownHeads {
    /// Reads it; `None` if it is missing or broken.
    pub(crate) fn read(cache: &Path) -> Option<Self> {
        serde_json::from_slice(&read_plain(cache).ok()?).ok()
    }

    /// Whether a record was looked at.
    pub(crate) fn covers(&self, number: u64) -> bool {
        number_runs::has(&self.runs, number)
    }

    /// How many records were looked at.
    pub(crate) fn count(&self) -> u64 {
        self.runs.iter().map(|(first, last)| (last + 1).saturating_sub(*first)).sum()
    }

    /// The numbers and uids of the heads.
    pub(crate) fn heads(&self) -> impl Iterator<Item = (u64, &str)> {
        self.heads.iter().map(|(number, uid)| (*number, uid.as_str()))
    }
}

impl Heads {
    /// Finds the heads of a worktree, and keeps what was found in `cache`.
    ///
    /// # Errors
    ///
    /// The folder of the records cannot be listed, or there is a record of a newer format.
    pub(crate) fn find(places: &Places, disk: &dyn Disk, cache: &Path) -> Result<Self, LedgerError> {
        Self::among(&list(&places.turns())?, places, disk, cache)
    }

    /// As [`find`](Self::find), where the numbers of the records are known.
    pub(crate) fn among(
        present: &BTreeSet<u64>,
        places: &Places,
        disk: &dyn Disk,
        cache: &Path,
    ) -> Result<Self, LedgerError> {
        let known = KnownHeads::read(cache);
        let found = known.as_ref().and_then(|known| update(places, known, present).transpose());
        let (now, links) = match found {
            Some(found) => found?,
            None => rebuild(places, present)?,
        };
        if known.as_ref() != Some(&now) {
            // A cache that cannot be written costs time, not truth.
            if let Ok(bytes) = serde_json::to_vec(&now)
                && let Some(folder) = cache.parent()
            {
                let _ = disk.create_dir_all(folder).and_then(|()| disk.write_unsynced(cache, &bytes));
            }
        }
        Ok(Self { links })
    }
}

/// The numbers of the records.
fn list(turns: &Path) -> Result<BTreeSet<u64>, LedgerError> {
    let failed = |error| LedgerError::disk("list the records", turns)(error);
    let entries = match fs::read_dir(turns) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut present = BTreeSet::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        present.extend(name.to_str().and_then(number));
    }
    Ok(present)
}

/// The number that a name in the folder of the records is.
pub(crate) fn number(name: &str) -> Option<u64> {
    name.parse::<TurnId>().ok().map(TurnId::get)
}

/// The heads from what was known and the records that came since; `None` where that does not suffice.
fn update(
    places: &Places,
    known: &KnownHeads,
    present: &BTreeSet<u64>,
) -> Result<Option<(KnownHeads, Vec<ParentLink>)>, LedgerError> {
    let fresh: Vec<u64> = present.iter().copied().filter(|number| !known.covers(*number)).collect();
    if present.len() as u64 != known.count() + fresh.len() as u64 {
        return Ok(None);
    }
    let mut heads = Vec::new();
    for (number, uid) in &known.heads {
        match read(places, *number)? {
            Some(file) if file.manifest.ledger.as_ref().is_some_and(|part| part.uid == *uid) => {
                heads.push(file);
            }
            _ => return Ok(None),
        }
    }
    for number in fresh {
        heads.extend(read(places, number)?);
    }
    Ok(Some(settle(heads, present)))
}

fn rebuild(places: &Places, present: &BTreeSet<u64>) -> Result<(KnownHeads, Vec<ParentLink>), LedgerError> {
    let mut files = Vec::new();
    for number in present {
        files.extend(read(places, *number)?);
    }
    Ok(settle(files, present))
}

/// Drops what another one names as its parent.
fn settle(files: Vec<ManifestFile>, present: &BTreeSet<u64>) -> (KnownHeads, Vec<ParentLink>) {
    let named: BTreeSet<u64> = files
        .iter()
        .filter_map(|file| file.manifest.ledger.as_ref())
        .flat_map(|part| part.parents.iter().map(|parent| parent.turn_id.get()))
        .collect();
    let mut links: Vec<ParentLink> = files
        .into_iter()
        .filter(|file| !named.contains(&file.manifest.turn_id.get()))
        .filter_map(|file| {
            let uid = file.manifest.ledger?.uid;
            Some(ParentLink {
                turn_id: file.manifest.turn_id,
                uid,
                manifest_sha256: file.sha256,
                extra: Extra::new(),
            })
        })
        .collect();
    links.sort_by_key(|link| link.turn_id);
    let heads = links.iter().map(|link| (link.turn_id.get(), link.uid.clone())).collect();
    (KnownHeads { runs: runs(present), heads }, links)
}

fn runs(numbers: &BTreeSet<u64>) -> Vec<(u64, u64)> {
    let mut runs = Vec::new();
    for number in numbers {
        number_runs::add(&mut runs, *number);
    }
    runs
}

/// A record's manifest; one that is not there, is not ours or cannot be read is no parent.
fn read(places: &Places, number: u64) -> Result<Option<ManifestFile>, LedgerError> {
    let Ok(id) = TurnId::new(number) else { return Ok(None) };
    let Ok(bytes) = read_manifest(&places.manifest(id)) else { return Ok(None) };
    match Manifest::read(&bytes) {
        Ok(file) if file.newer_major => Err(LedgerError::ReadOnly {
            root: places.root().to_owned(),
            format: file.manifest.ledger.map(|part| part.format).unwrap_or_default(),
        }),
        Ok(file) => Ok((file.manifest.turn_id == id && file.manifest.ledger.is_some()).then_some(file)),
        Err(ManifestError::NewerMajor { format, .. }) => {
            Err(LedgerError::ReadOnly { root: places.root().to_owned(), format })
        }
        Err(ManifestError::Json(_)) => Ok(None),
    }
}

#[cfg(test)]
mod tests;
