//! [`Surveyed`]: what is kept of one record once it was read and checked by itself.

use crate::manifest::{ArtifactFile, LedgerPart, Manifest, ParentLink};
use crate::read::IndexRow;

/// What the checks that compare records need of one; the long lists are left out.
#[derive(Debug, Default)]
pub(super) struct Surveyed {
    /// Nothing if it cannot be read.
    pub(super) manifest: Option<Manifest>,
    /// The SHA-256 of the bytes of the manifest; nothing if there is none.
    pub(super) sha256: Option<String>,
    /// What a record names although a later major version of the format wrote it; nothing for others.
    pub(super) newer: Option<NewerRecord>,
    /// The row that follows from the manifest.
    pub(super) row: Option<IndexRow>,
    /// Files that are listed and gone.
    pub(super) missing: Vec<ArtifactFile>,
    /// Paths of all files that are there; only the manifest of a record that is taken as it was.
    pub(super) present: Vec<String>,
    /// Whether it is taken as it was in an earlier commit: only its manifest was read.
    pub(super) is_of_base: bool,
}

/// What can be compared without understanding the format: names and hashes, where they stand where they always did.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct NewerRecord {
    pub(super) uid: Option<String>,
    pub(super) claim: Option<String>,
    pub(super) parents: Vec<ParentLink>,
}

impl NewerRecord {
    /// Takes what is there out of the bytes of a manifest.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let manifest: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
        let ledger = &manifest["ledger"];
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let links = ledger["parents"].as_array().cloned().unwrap_or_default();
        Self {
            uid: text(&ledger["uid"]),
            claim: text(&ledger["claim"]["oid"]),
            parents: links.into_iter().filter_map(|link| serde_json::from_value(link).ok()).collect(),
        }
    }
}

impl Surveyed {
    /// What the ledger adds to the manifest, where this version knows what it means.
    pub(super) fn ledger(&self) -> Option<&LedgerPart> {
        self.manifest.as_ref().filter(|_| self.newer.is_none()).and_then(|manifest| manifest.ledger.as_ref())
    }

    /// The records that it names as its parents, whatever its format.
    pub(super) fn parents(&self) -> &[ParentLink] {
        match (&self.newer, self.ledger()) {
            (Some(newer), _) => &newer.parents,
            (None, Some(part)) => &part.parents,
            (None, None) => &[],
        }
    }

    /// Its UUID, whatever its format.
    pub(super) fn uid(&self) -> Option<&str> {
        match &self.newer {
            Some(newer) => newer.uid.as_deref(),
            None => self.ledger().map(|part| part.uid.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::NewerRecord;

    #[test]
    fn what_a_later_format_names_where_this_one_does_is_taken() {
        let manifest = br#"{"ledger":{"format":"turns-ledger/9","uid":"u","claim":{"oid":"c","new":1},
            "parents":[{"turnId":1,"uid":"p","manifestSha256":"h"},{"other":2}]}}"#;
        let found = NewerRecord::read(manifest);
        assert_eq!((found.uid.as_deref(), found.claim.as_deref()), (Some("u"), Some("c")));
        assert_eq!(found.parents.len(), 1);
        assert_eq!(found.parents[0].manifest_sha256, "h");
        let other = br#"{"ledger":{"uid":7,"claim":"c","parents":{}}}"#;
        assert_eq!(NewerRecord::read(other), NewerRecord::default());
        assert_eq!(NewerRecord::read(b"{"), NewerRecord::default());
    }
}
