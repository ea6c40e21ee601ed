//! [`Sealed`]: one record on its way through the checks.

use std::collections::BTreeMap;

use super::surveyed::Surveyed;
use crate::manifest::{LedgerPart, Manifest};
use crate::prove::finding::{Finding, FindingCode};
use crate::values::places::manifest_path;
use crate::values::{LEDGER_ROOT, Oid, RepoPath, TreeId, TurnId};

/// One record on its way through the checks.
pub(super) struct Sealed<'a> {
    pub(super) number: TurnId,
    pub(super) manifest: &'a Manifest,
    pub(super) ledger: &'a LedgerPart,
    pub(super) sha256: &'a str,
}

impl<'a> Sealed<'a> {
    /// A record whose manifest can be read and is ours.
    pub(super) fn of(number: TurnId, record: &'a Surveyed) -> Option<Self> {
        let (manifest, ledger) = (record.manifest.as_ref()?, record.ledger()?);
        Some(Self { number, manifest, ledger, sha256: record.sha256.as_deref()? })
    }

    /// The full path of the manifest for a person.
    pub(super) fn path(&self, file: &str) -> String {
        format!("{LEDGER_ROOT}/turns/{}/{file}", self.number)
    }

    pub(super) fn find(
        &self,
        code: FindingCode,
        path: impl Into<String>,
        sentence: impl Into<String>,
    ) -> Finding {
        Finding::new(code, path, sentence).of(self.number)
    }

    /// The tag that the record says it has; nothing in a record that nothing was committed for.
    pub(super) fn tag(&self) -> Option<&str> {
        self.manifest.git.as_ref().and_then(|git| git.tag.as_deref())
    }

    pub(super) fn head_before(&self) -> Option<Oid> {
        self.manifest.git.as_ref().and_then(|git| git.head_before.as_ref()?.parse().ok())
    }

    pub(super) fn head_after(&self) -> Option<Oid> {
        self.manifest.git.as_ref().and_then(|git| git.head_after.as_ref()?.parse().ok())
    }

    /// The trees before and after, as far as the record names them.
    pub(super) fn sides(&self) -> [Option<TreeId>; 2] {
        let tree = |text: &Option<String>| text.as_ref()?.parse().ok();
        [tree(&self.ledger.trees.before), tree(&self.ledger.trees.after)]
    }

    /// How often each rule took something out of the patch; empty if none did.
    pub(super) fn redacted_in_patch(&self) -> BTreeMap<&'a str, u64> {
        let Some(patch) = &self.manifest.artifacts.diff else { return BTreeMap::new() };
        let redactions = self.ledger.redactions.iter().filter(|redaction| redaction.path == *patch);
        redactions.map(|redaction| (redaction.rule.as_str(), redaction.count)).collect()
    }

    /// Where its manifest is in a tree.
    pub(super) fn manifest_path(&self) -> RepoPath {
        manifest_path(self.number)
    }
}
