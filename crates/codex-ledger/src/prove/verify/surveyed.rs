//! [`Surveyed`]: what is kept of one record once it was read and checked by itself.

use crate::manifest::{ArtifactFile, LedgerPart, Manifest};
use crate::read::IndexRow;

/// What the checks that compare records need of one; the long lists are left out.
#[derive(Debug)]
pub(super) struct Surveyed {
    /// Nothing if it cannot be read.
    pub(super) manifest: Option<Manifest>,
    /// The SHA-256 of the bytes of the manifest; nothing if there is none.
    pub(super) sha256: Option<String>,
    /// Whether a later major version of the format wrote it.
    pub(super) newer: bool,
    /// The row that follows from the manifest.
    pub(super) row: Option<IndexRow>,
    /// Files that are listed and gone.
    pub(super) missing: Vec<ArtifactFile>,
    /// Paths of all files that are there.
    pub(super) present: Vec<String>,
}

impl Surveyed {
    /// What the ledger adds to the manifest, where this version knows what it means.
    pub(super) fn ledger(&self) -> Option<&LedgerPart> {
        self.manifest.as_ref().filter(|_| !self.newer).and_then(|manifest| manifest.ledger.as_ref())
    }
}
