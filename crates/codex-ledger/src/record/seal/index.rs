//! The index gets its row.

use std::io;

use super::Sealing;
use crate::ledger_error::LedgerError;
use crate::read::{IndexChange, IndexRow, index_change};
use crate::system::plain_file::{is_no_plain_file, read_index};

impl Sealing<'_> {
    pub(super) fn index(&mut self) -> Result<(), LedgerError> {
        let path = self.parts.places.index();
        let failed = || LedgerError::disk("write the index", &path);
        let row = IndexRow::of(&self.in_place()?.manifest);
        let _lock = self.parts.lock_for_a_moment()?;
        let existing = match read_index(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) if is_no_plain_file(&error) => {
                self.warnings.push(format!("the index was left as it is: {error}"));
                return Ok(());
            }
            read => read.map_err(failed())?,
        };
        let disk = self.parts.disk.as_ref();
        match index_change(&existing, &row) {
            Ok(IndexChange::Nothing) => Ok(()),
            Ok(IndexChange::Append(bytes)) => disk.append(&path, &bytes).map_err(failed()),
            Ok(IndexChange::Replace(bytes)) => disk
                .write_new(&path, &bytes)
                .and_then(|()| disk.sync_dir(self.parts.places.root()))
                .map_err(failed()),
            Err(error) => {
                // The row can be made again from the manifest at any time, once somebody has looked.
                self.warnings.push(format!("the index was left as it is: {error}"));
                Ok(())
            }
        }
    }
}
