//! Writes the index again from the manifests.

use std::collections::BTreeSet;

use crate::ledger_error::LedgerError;
use crate::read::{INDEX_HEADER, IndexFinding, IndexRow, Reader, TurnsIndex};
use crate::record::file_ledger::FileLedger;
use crate::record::parts::LedgerParts;
use crate::system::plain_file::read_index;
use crate::values::TurnId;

/// What became of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RebuiltIndex {
    /// How many rows it has.
    pub rows: u64,
    /// Whether its bytes are others than before.
    pub changed: bool,
    /// Numbers whose rows were dropped, since there is nothing of that number.
    pub dropped: Vec<TurnId>,
}

impl FileLedger {
    /// What is recorded here, read and never written.
    pub fn reader(&self) -> Reader {
        Reader::at(self.vcs().worktree_root())
    }

    /// Writes the index again: a header, and the rows that follow from the manifests, sorted by number.
    ///
    /// The row of something that this version cannot derive one from (a foreign folder, a newer format, a manifest that
    /// cannot be read) stays as it is.
    ///
    /// # Errors
    ///
    /// A turn runs in this worktree; the index has another header, so that it must be [imported](Self::import) first; or
    /// files cannot be read or written.
    pub fn rebuild_index(&self) -> Result<RebuiltIndex, LedgerError> {
        let _turn = self.lock_worktree()?;
        self.write_index()
    }

    /// As [`rebuild_index`](Self::rebuild_index), for who holds the lock of the worktree.
    pub(crate) fn write_index(&self) -> Result<RebuiltIndex, LedgerError> {
        write_index(self.parts())
    }
}

/// Writes the index again, for who holds the lock of the worktree.
pub(crate) fn write_index(parts: &LedgerParts) -> Result<RebuiltIndex, LedgerError> {
    let _moment = parts.lock_for_a_moment()?;
    let path = parts.places.index();
    let existing = match read_index(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(LedgerError::disk("read the index", path)(error)),
    };
    let old = TurnsIndex::parse(&existing);
    if let Some(IndexFinding::UnknownHeader { header }) = old.findings.first() {
        let reason = format!("the index has another header and must be imported first: `{header}`");
        return Err(LedgerError::Refused { step: "write the index again", reason });
    }
    let (mut rows, foreign) = derived(&Reader::at(parts.vcs.worktree_root()))?;
    let mut dropped = Vec::new();
    let known: BTreeSet<TurnId> = rows.iter().map(|row| row.turn_id).collect();
    for row in old.rows.into_iter().filter(|row| !known.contains(&row.turn_id)) {
        if foreign.contains(&row.turn_id) {
            rows.push(row);
        } else {
            dropped.push(row.turn_id);
        }
    }
    rows.sort_by_key(|row| row.turn_id);
    let mut text = format!("{INDEX_HEADER}\n");
    for row in &rows {
        text.push_str(&row.to_line());
    }
    let changed = text.as_bytes() != existing;
    if changed {
        let failed = || LedgerError::disk("write the index again", &path);
        parts.disk.write_new(&path, text.as_bytes()).map_err(failed())?;
        parts.disk.sync_dir(parts.places.root()).map_err(failed())?;
    }
    Ok(RebuiltIndex { rows: rows.len() as u64, changed, dropped })
}

/// The rows of our records, and the numbers of whatever else is there.
fn derived(reader: &Reader) -> Result<(Vec<IndexRow>, Vec<TurnId>), LedgerError> {
    let mut rows = Vec::new();
    let mut foreign: Vec<TurnId> = reader.foreign()?.into_iter().filter_map(|entry| entry.number).collect();
    for number in reader.numbers()? {
        match reader.record(number) {
            Ok(Some(record)) if record.manifest().ledger.is_some() && !record.is_newer_format() => {
                rows.push(IndexRow::of(record.manifest()));
            }
            Ok(_) | Err(LedgerError::Manifest { .. }) => foreign.push(number),
            Err(error) => return Err(error),
        }
    }
    Ok((rows, foreign))
}
