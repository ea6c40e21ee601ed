//! Deletes logs and patches of old records.

use std::collections::BTreeSet;

use crate::ledger_error::LedgerError;
use crate::manifest::{Manifest, PurgedFile};
use crate::record::{FileLedger, Recorded};
use crate::upkeep::tombstone::{TOOL, purged};
use crate::values::TurnId;

/// How many files one record names as removed.
const FILES_LIMIT: usize = 10_000;

/// What was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Collected {
    /// How many files.
    pub files: u64,
    /// How many bytes they had.
    pub bytes: u64,
    /// The records that say so; none if there was nothing to delete.
    pub records: Vec<Recorded>,
}

impl FileLedger {
    /// Deletes the logs and patches of all records but the `keep` newest, and records that. Manifests, change logs,
    /// decision records and reports stay.
    ///
    /// The bytes stay in git where records were committed, or where a seal guards them.
    ///
    /// # Errors
    ///
    /// A turn runs in this worktree, a file cannot be deleted, or the deletion cannot be recorded: then the same call can
    /// be repeated.
    pub fn gc(&self, keep: usize) -> Result<Collected, LedgerError> {
        let reader = self.reader();
        let mut numbers = reader.numbers()?;
        numbers.truncate(numbers.len().saturating_sub(keep));
        let mut files = Vec::new();
        let mut bytes = 0;
        let buried: BTreeSet<(TurnId, String)> = reader
            .records()?
            .filter_map(Result::ok)
            .filter_map(|record| record.manifest().ledger.clone())
            .flat_map(|part| part.purged)
            .map(|file| (file.turn_id, file.path))
            .collect();
        for number in numbers {
            let Ok(Some(record)) = reader.record(number) else { continue };
            if record.is_newer_format() {
                continue;
            }
            for (path, sha256, length) in large(record.manifest()) {
                if !buried.contains(&(number, path.to_owned())) {
                    files.push(purged(number, path, sha256, "gc"));
                    bytes += length;
                }
            }
        }
        let mut collected = Collected { files: files.len() as u64, bytes, records: Vec::new() };
        for files in files.chunks(FILES_LIMIT).map(<[PurgedFile]>::to_vec) {
            collected.records.push(self.bury("gc", files, TOOL)?);
        }
        Ok(collected)
    }
}

/// The logs and the patch of a record.
fn large(manifest: &Manifest) -> impl Iterator<Item = (&str, &str, u64)> {
    let is_large = |path: &String| {
        manifest.artifacts.logs.contains(path) || manifest.artifacts.diff.as_ref() == Some(path)
    };
    let artifacts = manifest.ledger.iter().flat_map(|part| &part.artifacts);
    artifacts
        .filter(move |artifact| is_large(&artifact.path))
        .map(|artifact| (artifact.path.as_str(), artifact.sha256.as_str(), artifact.bytes))
}
