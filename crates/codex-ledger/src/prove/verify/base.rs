//! [`Base`]: the records that a verification takes as they are in an earlier commit.

use std::collections::BTreeMap;

use super::committed::Committed;
use super::survey::Survey;
use crate::git::{Vcs, VcsError};
use crate::ledger_error::LedgerError;
use crate::prove::finding::{Finding, FindingCode as Code};
use crate::values::{LEDGER_ROOT, Oid, TurnId};

const STEP: &str = "verify what came since";

/// The records of an earlier commit.
pub(super) struct Base {
    pub(super) commit: Oid,
    /// The SHA-256 of the manifest of each.
    pub(super) manifests: BTreeMap<TurnId, String>,
}

impl Base {
    /// The latest commit that HEAD and a revision have in common.
    pub(super) fn find(vcs: &dyn Vcs, revision: &str) -> Result<Self, LedgerError> {
        let refused = |reason: String| LedgerError::Refused { step: STEP, reason };
        let failed = LedgerError::git(STEP);
        let find = || -> Result<Result<Self, String>, VcsError> {
            let Some(since) = vcs.commit_named(revision)? else {
                return Ok(Err(format!("{revision} names no commit of this repository; fetch it first")));
            };
            let Some(head) = vcs.head()? else { return Ok(Err("there is no commit yet".to_owned())) };
            let Some(commit) = vcs.merge_base(&since, &head)? else {
                return Ok(Err(format!("HEAD and {revision} have no commit in common in this clone")));
            };
            let base = Committed::at(vcs, Some(commit.clone()))?;
            let numbers: Vec<TurnId> = base.records.iter().copied().collect();
            Ok(Ok(Self { manifests: base.manifests(&numbers)?, commit }))
        };
        find().map_err(failed)?.map_err(refused)
    }

    /// The records that were there before must be there as they were; one that is gone is told of with its number.
    pub(super) fn check(&self, survey: &Survey, findings: &mut Vec<Finding>) {
        for (number, before) in &self.manifests {
            let Some(record) = survey.records.get(number) else { continue };
            if record.sha256.as_ref() != Some(before) {
                let here = record.sha256.as_deref().unwrap_or("none");
                let sentence =
                    format!("the manifest has the hash {here}, and {before} in commit {}", self.commit);
                let path = format!("{LEDGER_ROOT}/turns/{number}/manifest.json");
                findings.push(Finding::new(Code::RecordChanged, path, sentence).of(*number));
            }
        }
    }
}
