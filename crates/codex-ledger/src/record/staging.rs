//! [`Staged`]: a record put together in a private folder, before anybody can see it.

mod artifacts;
mod clean;
mod facts;
mod project_files;
mod tasks;

use std::path::PathBuf;

use self::artifacts::Artifacts;
use self::clean::Cleaner;
use self::facts::Facts;
use crate::ledger_error::LedgerError;
use crate::manifest::Manifest;
use crate::record::journal::{Journal, OpenedEntry, RanEntry};
use crate::record::parts::LedgerParts;
use crate::redaction::RedactionRules;

/// A record whose files are written, all but the manifest.
///
/// It is made of the journal and of git alone, so that it comes out the same whenever it is made again.
#[derive(Debug)]
pub(crate) struct Staged {
    folder: PathBuf,
    manifest: Manifest,
}

impl Staged {
    /// Writes the artifacts of a record.
    pub(crate) fn write(
        parts: &LedgerParts,
        journal: &Journal,
        opened: &OpenedEntry,
        ran: &RanEntry,
        head_after: Option<String>,
        rules: RedactionRules,
    ) -> Result<Self, LedgerError> {
        let folder = journal.staging();
        let failed = || LedgerError::disk("put the record together", &folder);
        let disk = parts.disk.as_ref();
        if folder.symlink_metadata().is_ok() {
            disk.remove_dir_all(&folder).map_err(failed())?;
        }
        let mut cleaner = Cleaner::new(rules, opened, ran);
        let facts = Facts::gather(parts, journal, opened, ran, head_after)?;
        let mut manifest = facts.manifest(parts, &mut cleaner);
        let artifacts = Artifacts::new(disk, folder.clone(), &mut cleaner);
        artifacts.write(parts, journal, &facts, &mut manifest).map_err(failed())?;
        let ledger = manifest.ledger.get_or_insert_default();
        ledger.redactions = cleaner.counts();
        ledger.violations.extend(cleaner.violations());
        Ok(Self { folder, manifest })
    }

    /// Writes the manifest, after which the record is whole.
    pub(crate) fn seal(self, parts: &LedgerParts) -> Result<(), LedgerError> {
        let failed = || LedgerError::disk("seal the record", &self.folder);
        parts
            .disk
            .write_new(&self.folder.join("manifest.json"), &self.manifest.to_bytes())
            .and_then(|()| parts.disk.sync_dir(&self.folder))
            .map_err(failed())
    }
}
