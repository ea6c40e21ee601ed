//! [`PurgeRequest`]: a leaked secret is removed from a record.

mod holders;

pub use self::holders::Holders;
use crate::ledger_error::LedgerError;
use crate::manifest::ArtifactFile;
use crate::record::{FileLedger, Recorded};
use crate::upkeep::tombstone::{TOOL, purged};
use crate::values::{RepoPath, TurnId};

/// Asks to remove one file of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PurgeRequest {
    /// The record.
    pub turn_id: TurnId,
    /// The file, relative to the folder of the record.
    pub path: String,
    /// Why; the record says so for ever.
    pub reason: String,
    /// The program that asks, `name@version`.
    pub tool: String,
}

impl PurgeRequest {
    /// Names a file and a reason.
    pub fn new(turn_id: TurnId, path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { turn_id, path: path.into(), reason: reason.into(), tool: TOOL.to_owned() }
    }

    /// Names the program that asks.
    #[must_use = "this returns the changed request"]
    pub fn tool(mut self, tool: impl Into<String>) -> Self {
        self.tool = tool.into();
        self
    }
}

/// What became of a file that was to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Purged {
    /// The record that says so.
    pub record: Recorded,
    /// Where the bytes still are.
    pub holders: Holders,
}

impl FileLedger {
    /// Deletes a file of a record, and at once writes a record of its own that says so, so that the hash chain still holds.
    ///
    /// Deleting a file is not forgetting it: what git holds of it is named, and nothing of that is touched. A file that is
    /// gone already is recorded as removed all the same.
    ///
    /// # Errors
    ///
    /// There is no such record or file, a turn runs in this worktree, or something cannot be read or written. If the
    /// file was deleted and the record failed, the same call can be repeated.
    pub fn purge(&self, request: &PurgeRequest) -> Result<Purged, LedgerError> {
        let artifact = self.artifact(request)?;
        let holders = Holders::find(self.vcs().as_ref(), request.turn_id, &artifact.path)?;
        let file = purged(request.turn_id, &artifact.path, &artifact.sha256, &request.reason);
        let record = self.bury("purge", vec![file], &request.tool)?;
        Ok(Purged { record, holders })
    }

    fn artifact(&self, request: &PurgeRequest) -> Result<ArtifactFile, LedgerError> {
        let refused = |reason: String| LedgerError::Refused { step: "purge a file of a record", reason };
        let record = self.reader().record(request.turn_id)?;
        let record = record.ok_or_else(|| refused(format!("there is no turn {}", request.turn_id)))?;
        if record.is_newer_format() {
            return Err(refused("a later version of the format wrote the record".to_owned()));
        }
        let listed = record.manifest().ledger.iter().flat_map(|part| &part.artifacts);
        let found = listed.clone().find(|artifact| artifact.path == request.path).cloned();
        let found = found.ok_or_else(|| {
            let names: Vec<&str> = listed.map(|artifact| artifact.path.as_str()).collect();
            refused(format!("{:?} is none of its files: {}", request.path, names.join(", ")))
        })?;
        // A hostile clone may list any path.
        if RepoPath::from_bytes(request.path.as_bytes()).is_err() {
            return Err(refused(format!("{:?} is not a path below the record", request.path)));
        }
        Ok(found)
    }
}
