//! [`RecordFindings`]: what the checks of one record found.

use super::repository::Repository;
use super::sealed::Sealed;
use crate::prove::finding::{Finding, FindingCode};
use crate::values::{LEDGER_ROOT, Oid, TreeId, TurnId};

/// What the checks of one record found; what is the same for many is told once.
#[derive(Default)]
pub(super) struct RecordFindings {
    pub(super) findings: Vec<Finding>,
    pub(super) is_seal_elsewhere: bool,
    /// Whether the tag of a record that was made here is gone.
    pub(super) is_tag_gone: bool,
    /// The guard of a record whose tree before is not there.
    pub(super) without_trees: Option<RecordGuard>,
    pub(super) is_history_cut: bool,
    /// How the manifest differs from the one in HEAD.
    pub(super) differs_from_head: Option<String>,
    pub(super) lost: Option<Lost>,
}

/// What guards a record in this repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RecordGuard {
    /// A tag on this commit.
    Tag(Oid),
    /// A commit that no branch has, with this tree.
    Seal(Oid),
    /// Something that is not what the record was given.
    Wrong,
    /// Nothing.
    Missing,
}

impl RecordGuard {
    /// Whether nothing guards the record because another clone made it.
    pub(super) fn is_missing_rightly(&self, repository: &Repository<'_>, sealed: &Sealed<'_>) -> bool {
        *self == Self::Missing && !repository.refs.claims.contains_key(&sealed.number)
    }
}

/// A record whose work commit the branch does not have.
pub(super) struct Lost {
    pub(super) number: TurnId,
    pub(super) work: Oid,
    pub(super) before: Option<TreeId>,
    pub(super) after: Option<TreeId>,
    pub(super) patch_id: Option<String>,
    pub(super) unless_found: UnlessFound,
}

/// What it means that the branch has no commit with the change of a record.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum UnlessFound {
    /// Somebody rewrote the branch; the commit is in the repository, or in the clone that made the record.
    Fine,
    /// This is wrong, in one sentence.
    Wrong(FindingCode, String),
}

impl Lost {
    pub(super) fn of(sealed: &Sealed<'_>, work: Oid, unless_found: UnlessFound) -> Self {
        let [before, after] = sealed.sides();
        Self {
            number: sealed.number,
            work,
            before,
            after,
            patch_id: sealed.ledger.patch_id.clone(),
            unless_found,
        }
    }

    pub(super) fn finding(&self, code: FindingCode, sentence: String) -> Finding {
        Finding::new(code, format!("{LEDGER_ROOT}/turns/{}/manifest.json", self.number), sentence)
            .of(self.number)
    }
}
