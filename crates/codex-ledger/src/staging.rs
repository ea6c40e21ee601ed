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
use crate::hash::sha256_hex;
use crate::journal::{Journal, Opened, Ran};
use crate::ledger_error::LedgerError;
use crate::manifest::{ArtifactFile, Extra, Manifest, TruncatedFile};
use crate::parts::Parts;
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
        parts: &Parts,
        journal: &Journal,
        opened: &Opened,
        ran: &Ran,
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
        let artifacts = Artifacts::render(parts, journal, &facts, &mut manifest, &mut cleaner);
        for name in ["logs", "reports"] {
            if artifacts.has_folder(name) {
                disk.create_dir_all(&folder.join(name)).map_err(failed())?;
            }
        }
        let ledger = manifest.ledger.get_or_insert_default();
        for artifact in &artifacts.files {
            disk.write_new(&folder.join(artifact.path), &artifact.bytes).map_err(failed())?;
            ledger.artifacts.push(ArtifactFile {
                path: artifact.path.to_owned(),
                sha256: sha256_hex(&artifact.bytes),
                bytes: artifact.bytes.len() as u64,
                extra: Extra::new(),
            });
            if let Some(cut) = &artifact.cut {
                ledger.truncated.push(TruncatedFile {
                    path: artifact.path.to_owned(),
                    original_bytes: cut.original_bytes,
                    sha256: Some(cut.sha256.clone()),
                    extra: Extra::new(),
                });
            }
        }
        for name in ["logs", "reports"] {
            if artifacts.has_folder(name) {
                disk.sync_dir(&folder.join(name)).map_err(failed())?;
            }
        }
        ledger.artifacts.sort_by(|one, other| one.path.cmp(&other.path));
        ledger.redactions = cleaner.counts();
        ledger.violations.extend(cleaner.violations());
        Ok(Self { folder, manifest })
    }

    /// Writes the manifest, after which the record is whole.
    pub(crate) fn seal(self, parts: &Parts) -> Result<(), LedgerError> {
        let failed = || LedgerError::disk("seal the record", &self.folder);
        parts
            .disk
            .write_new(&self.folder.join("manifest.json"), &self.manifest.to_bytes())
            .and_then(|()| parts.disk.sync_dir(&self.folder))
            .map_err(failed())
    }
}
