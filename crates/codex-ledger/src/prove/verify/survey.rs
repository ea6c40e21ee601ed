//! [`Survey`]: every record, read and checked by itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use codex_protocol::with_causes;

use super::base::Base;
use super::record_check;
use super::surveyed::Surveyed;
use crate::manifest::{Manifest, ManifestError};
use crate::prove::finding::{Finding, FindingCode};
use crate::read::Reader;
use crate::system::plain_file::read_manifest;
use crate::values::TurnId;

/// Every record, by the number of its folder.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) records: BTreeMap<TurnId, Surveyed>,
    /// What stands for a number and is no record.
    pub(super) foreign: BTreeMap<TurnId, ForeignRecord>,
}

/// Something whose name stands for a number, and that is no record.
#[derive(Debug)]
pub(super) struct ForeignRecord {
    pub(super) name: String,
    pub(super) kind: ForeignKind,
}

/// What stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ForeignKind {
    /// A folder with a manifest that this ledger wrote.
    Renamed,
    /// A link, a file or an empty folder.
    Nothing,
    /// A folder that another program or a person has filled.
    Other,
}

impl ForeignKind {
    fn of(folder: &Path) -> Self {
        if !fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir()) {
            return Self::Nothing;
        }
        let manifest = read_manifest(&folder.join("manifest.json"));
        match manifest.ok().map(|bytes| Manifest::read(&bytes)) {
            Some(Ok(file)) if file.manifest.ledger.is_some() => Self::Renamed,
            Some(Err(ManifestError::NewerMajor { .. })) => Self::Renamed,
            _ if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none()) => Self::Nothing,
            _ => Self::Other,
        }
    }
}

impl Survey {
    /// Reads and checks every record; of those that an earlier commit had only the manifest.
    pub(super) fn take(reader: &Reader, base: Option<&Base>, findings: &mut Vec<Finding>) -> Self {
        let mut survey = Self::default();
        let (numbers, foreign) = match (reader.numbers(), reader.foreign()) {
            (Ok(numbers), Ok(foreign)) => (numbers, foreign),
            (Err(error), _) | (_, Err(error)) => {
                let path = reader.shown(&reader.places().turns());
                findings.push(Finding::new(FindingCode::LedgerUnreadable, path, with_causes(&error)));
                return survey;
            }
        };
        for entry in foreign {
            if let Some(number) = entry.number {
                let kind = ForeignKind::of(&reader.places().turns().join(&entry.name));
                let known = survey.foreign.get(&number);
                if known.is_none_or(|known| known.kind == ForeignKind::Other) {
                    survey.foreign.insert(number, ForeignRecord { name: entry.name.clone(), kind });
                }
            }
            let path = reader.shown(&reader.places().turns().join(&entry.name));
            let sentence = match entry.number {
                Some(number) => {
                    format!("this is no record of the ledger; the number {number} is not given out")
                }
                None => "this is no record of the ledger".to_owned(),
            };
            findings.push(Finding::new(FindingCode::ForeignEntry, path, sentence));
        }
        for (number, surveyed, found) in all(reader, &numbers, base) {
            survey.records.insert(number, surveyed);
            findings.extend(found);
        }
        survey
    }
}

type CheckedRecord = (TurnId, Surveyed, Vec<Finding>);

/// Checks the records by one thread per core.
fn all(reader: &Reader, numbers: &[TurnId], base: Option<&Base>) -> Vec<CheckedRecord> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(numbers.len() / 8 + 1);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
            let is_of_base = base.is_some_and(|base| base.manifests.contains_key(number));
            let (surveyed, findings) = if is_of_base {
                (record_check::of_base(reader, *number), Vec::new())
            } else {
                record_check::check(reader, *number)
            };
            done.push((*number, surveyed, findings));
        }
        done
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    })
}
