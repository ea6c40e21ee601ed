//! What was recorded in old places, or by other programs, is anchored in the chain.

mod old_ledger;

use serde_json::json;

pub use self::old_ledger::{OldIndex, OldLedger, OldTurn};
use crate::ledger_error::LedgerError;
use crate::manifest::{Extra, RecordState};
use crate::read::{IndexFinding, TurnsIndex};
use crate::record::{FileLedger, RecordEnd, Recorded, TaskHeader, TurnHeader};
use crate::upkeep::tombstone::TOOL;

const TASK: &str = "import";

/// What was found in old places, and the record that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Imported {
    /// What was found.
    pub found: OldLedger,
    /// The record that names it; none if there is nothing, or an earlier import named the same.
    pub record: Option<Recorded>,
    /// The name that an index with another header got, beside the new one.
    pub index_kept_as: Option<String>,
}

impl FileLedger {
    /// Looks for what was recorded in old places or by other programs, and writes one record that names all of it with
    /// its hashes.
    ///
    /// What is found stays where it is and as it is: nobody observed it, so nothing of it becomes a record of its own, and
    /// from now on every change to it can be shown. Only an index with another header at the place of ours gets another
    /// name, since rows could not be written otherwise.
    ///
    /// # Errors
    ///
    /// A turn runs in this worktree, or files cannot be read or written.
    pub fn import(&self) -> Result<Imported, LedgerError> {
        let index_kept_as = self.move_foreign_index()?;
        self.init()?;
        if index_kept_as.is_some() {
            // The rows of the records that are here were in nobody's index.
            self.rebuild_index()?;
        }
        let reader = self.reader();
        let found = OldLedger::find(self.vcs().worktree_root(), &reader)?;
        let parameters = parameters(&found);
        let mut imported = Imported { found, record: None, index_kept_as };
        let is_known = reader.records()?.filter_map(Result::ok).any(|record| {
            record.manifest().task.name == TASK && record.manifest().task.parameters == parameters
        });
        if is_known || imported.found.is_empty() {
            return Ok(imported);
        }
        let mut header = TaskHeader::named(TASK);
        header.inputs = imported.found.places();
        header.parameters = parameters;
        let count = imported.found.turns.len();
        let statement =
            format!("Named {count} turns that were recorded before, with the hashes of their files.\n");
        let end = RecordEnd::new().state(RecordState::Completed, "").statement_of_work(statement);
        imported.record = Some(self.open_turn(TurnHeader::new(header, TOOL, TOOL))?.finish(end)?);
        Ok(imported)
    }

    /// Gives an index with another header another name.
    fn move_foreign_index(&self) -> Result<Option<String>, LedgerError> {
        let _turn = self.lock_worktree()?;
        let (path, disk) = (self.places().index(), &self.parts().disk);
        let Ok(bytes) = crate::system::plain_file::read_index(&path) else { return Ok(None) };
        let index = TurnsIndex::parse(&bytes);
        if !matches!(index.findings.first(), Some(IndexFinding::UnknownHeader { .. })) {
            return Ok(None);
        }
        let name = format!("turns_index.old-{}.csv", &crate::values::sha256_hex(&bytes)[..8]);
        let root = self.places().root();
        let moved = disk.rename(&path, &root.join(&name)).and_then(|()| disk.sync_dir(root));
        moved.map_err(LedgerError::disk("keep the old index under another name", &path))?;
        Ok(Some(name))
    }
}

fn parameters(found: &OldLedger) -> Extra {
    let indexes: Vec<_> =
        found.indexes.iter().map(|index| json!({ "path": index.path, "sha256": index.sha256 })).collect();
    let turns: Vec<_> = found
        .turns
        .iter()
        .map(|turn| {
            json!({
                "path": turn.path,
                "turnId": turn.number,
                "timestampUtc": turn.timestamp_utc,
                "task": turn.task,
                "files": turn.files,
                "sha256": turn.sha256,
            })
        })
        .collect();
    [("indexes".to_owned(), indexes.into()), ("turns".to_owned(), turns.into())].into_iter().collect()
}
