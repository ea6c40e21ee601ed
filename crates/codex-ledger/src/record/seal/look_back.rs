//! Looks whether what the walk has done is there.

use super::Sealing;
use crate::git::{Created, VcsError};
use crate::ledger_error::LedgerError;
use crate::read::{IndexChange, IndexRow, index_change};
use crate::record::journal::{CommitEntry, LEDGER};
use crate::system::plain_file::read_index;
use crate::values::Oid;

const STEP: &str = "look at what was recovered";

/// Whether the walk looks at the end whether everything is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LookBack {
    Off,
    On,
}

impl Sealing<'_> {
    /// Makes a ref or a tag, also in the place of one that a crash has left broken.
    pub(super) fn make_anew(
        &self,
        name: &str,
        make: impl Fn() -> Result<Created, VcsError>,
    ) -> Result<Created, VcsError> {
        let first = make();
        if matches!(first, Ok(Created::Made { .. } | Created::Unsigned { .. }))
            || !self.parts.vcs.remove_broken_ref(name)?
        {
            return first;
        }
        make()
    }

    /// Makes sure that the row, the seal or tag and the commit are there. What is there and says something else is a warning
    /// of the step that found it.
    pub(super) fn look_back(&self) -> Result<(), LedgerError> {
        let missing = |name: &str, finding: &str| {
            Err(LedgerError::Integrity { path: name.into(), finding: finding.to_owned() })
        };
        let manifest = self.in_place()?.manifest;
        let index = self.parts.places.index();
        let rows = read_index(&index).unwrap_or_default();
        match index_change(&rows, &IndexRow::of(&manifest)) {
            // An index that cannot be read was left as it is, and a warning says so.
            Ok(IndexChange::Nothing) | Err(_) => {}
            Ok(IndexChange::Append(_) | IndexChange::Replace(_)) => {
                return missing(&index.display().to_string(), "the row of the record is not there");
            }
        }
        let (vcs, failed) = (self.parts.vcs.as_ref(), || LedgerError::git(STEP));
        let name = self.guard_name();
        let Some(oid) = vcs.read_ref(&name).map_err(failed())? else {
            return missing(&name, "it is not there, or git cannot read it");
        };
        if vcs.read_object(&oid).map_err(failed())?.is_none() {
            return missing(&name, "its object is missing");
        }
        if let Some(CommitEntry { oid }) = self.journal.read(LEDGER)? {
            let commit = oid.parse::<Oid>().ok().map(|oid| vcs.commit(&oid)).transpose().map_err(failed())?;
            if commit.flatten().is_none() {
                return missing(&oid, "the commit of the record is missing");
            }
        }
        Ok(())
    }
}
