//! [`AbsentRecords`]: records that are not in the worktree, and rightly so.

use std::collections::BTreeMap;

use crate::manifest::ParentLink;
use crate::values::TurnId;

/// Records that are not in the worktree, rightly so, with the SHA-256 of the manifest where git has it.
#[derive(Debug, Default)]
pub(super) struct AbsentRecords(BTreeMap<TurnId, Option<String>>);

impl AbsentRecords {
    pub(super) fn add(&mut self, number: TurnId, manifest_sha256: Option<String>) {
        self.0.insert(number, manifest_sha256);
    }

    /// Whether a record is known to be elsewhere.
    pub(super) fn has(&self, number: TurnId) -> bool {
        self.0.contains_key(&number)
    }

    /// Whether what git has of a record is what a later one names as its parent.
    pub(super) fn is_parent(&self, link: &ParentLink) -> bool {
        self.0.get(&link.turn_id).is_some_and(|sha256| sha256.as_deref() == Some(&link.manifest_sha256))
    }
}
