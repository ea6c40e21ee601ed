//! Files of earlier records are deleted, and a record of its own says so.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io;
use std::os::unix::ffi::OsStrExt as _;

use crate::ledger_error::LedgerError;
use crate::manifest::{Extra, PurgedFile, RecordState};
use crate::record::{FileLedger, RecordEnd, Recorded, TaskHeader, TurnHeader};
use crate::texts::markdown::{code_span, inline};
use crate::values::RepoPath;

/// The name of this program in records that nobody else asked for.
pub(crate) const TOOL: &str = concat!("codex-ledger@", env!("CARGO_PKG_VERSION"));

impl FileLedger {
    /// Deletes files of earlier records and at once records that. Files that are gone already are recorded all the same,
    /// so that a call that was cut short can be repeated.
    pub(crate) fn bury(
        &self,
        task: &str,
        files: Vec<PurgedFile>,
        tool: &str,
    ) -> Result<Recorded, LedgerError> {
        {
            // A turn that runs would take the deletion for its own, and undo it.
            let _turn = self.lock_worktree()?;
            for file in &files {
                self.delete(file)?;
            }
        }
        let mut header = TaskHeader::named(task);
        header.parameters.insert("files".to_owned(), files.len().into());
        let mut end = RecordEnd::new().state(RecordState::Completed, "").statement_of_work(statement(&files));
        end.purged = files;
        self.open_turn(TurnHeader::new(header, tool, tool))?.finish(end)
    }

    fn delete(&self, file: &PurgedFile) -> Result<(), LedgerError> {
        let places = self.places();
        let folder = places.turn(file.turn_id);
        let relative: RepoPath = file.path.parse().map_err(|_| LedgerError::Refused {
            step: "remove a file of a record",
            reason: format!("{:?} is no file of a record", file.path),
        })?;
        let path = folder.join(OsStr::from_bytes(relative.as_bytes()));
        let disk = &self.parts().disk;
        let removed = match disk.remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Ok(()) => disk.sync_dir(path.parent().unwrap_or(&folder)),
            Err(error) => Err(error),
        };
        removed.map_err(LedgerError::disk("remove a file of a record", &path))
    }
}

pub(crate) fn purged(turn_id: crate::values::TurnId, path: &str, sha256: &str, reason: &str) -> PurgedFile {
    PurgedFile {
        turn_id,
        path: path.to_owned(),
        sha256: sha256.to_owned(),
        reason: reason.to_owned(),
        extra: Extra::new(),
    }
}

fn statement(files: &[PurgedFile]) -> String {
    let mut text = "Removed from earlier records:\n\n".to_owned();
    for file in files.iter().take(100) {
        let _ =
            writeln!(text, "- turn {}: {} ({})", file.turn_id, code_span(&file.path), inline(&file.reason));
    }
    if files.len() > 100 {
        let _ = writeln!(text, "- and {} more, which the manifest names", files.len() - 100);
    }
    text
}
