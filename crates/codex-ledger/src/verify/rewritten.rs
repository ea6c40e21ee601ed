//! Work commits that the branch does not have: where their changes went.

use std::collections::{BTreeMap, BTreeSet};

use super::git_check::{Repository, Sealed};
use super::patch_check::{tree, without_ledger};
use crate::finding::{Finding, FindingCode as Code};
use crate::oid::{Oid, TreeId};
use crate::places::LEDGER_ROOT;
use crate::turn_id::TurnId;
use crate::vcs::{CommitInfo, VcsError};

/// How many commits of the branch are searched.
const COMMITS: usize = 1000;
/// How many records in a row may have gone into one commit.
const IN_ONE: usize = 32;

/// A record whose work commit the branch does not have.
pub(super) struct Lost {
    number: TurnId,
    work: Oid,
    before: Option<TreeId>,
    after: Option<TreeId>,
    patch_id: Option<String>,
    if_nothing_is_found: Verdict,
}

/// What it means that the branch has no commit with the change of a record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Somebody rewrote the branch; the commit is in the repository, or in the clone that made the record.
    Fine,
    /// The commit never was.
    Wrong,
}

impl Lost {
    pub(super) fn of(sealed: &Sealed<'_>, work: Oid, if_nothing_is_found: Verdict) -> Self {
        Self {
            number: sealed.number,
            work,
            before: tree(sealed.ledger.trees.before.as_deref()),
            after: tree(sealed.ledger.trees.after.as_deref()),
            patch_id: sealed.ledger.patch_id.clone(),
            if_nothing_is_found,
        }
    }

    fn finding(&self, code: Code, sentence: String) -> Finding {
        Finding::new(code, format!("{LEDGER_ROOT}/turns/{}/manifest.json", self.number), sentence)
            .of(self.number)
    }
}

pub(super) fn check(
    repository: &Repository<'_>,
    lost: Vec<Lost>,
    findings: &mut Vec<Finding>,
) -> Result<(), VcsError> {
    if lost.is_empty() {
        return Ok(());
    }
    let single: BTreeSet<String> = lost.iter().filter_map(|lost| lost.patch_id.clone()).collect();
    let groups = groups(repository, &lost)?;
    let wanted: BTreeSet<String> = single.iter().chain(groups.keys()).cloned().collect();
    let found = search(repository, wanted)?;
    let mut squashed: BTreeMap<TurnId, &Oid> = BTreeMap::new();
    for (patch_id, numbers) in &groups {
        if let Some(commit) = found.get(patch_id) {
            squashed.extend(numbers.iter().map(|number| (*number, commit)));
        }
    }
    for lost in lost {
        let by_patch = lost.patch_id.as_ref().and_then(|patch_id| found.get(patch_id));
        findings.push(if let Some(commit) = by_patch {
            let sentence = format!("the branch has the change of the work commit {} as {commit}", lost.work);
            lost.finding(Code::Rebased, sentence)
        } else if let Some(commit) = squashed.get(&lost.number) {
            let sentence =
                format!("the branch has the change of the work commit {} within {commit}", lost.work);
            lost.finding(Code::Squashed, sentence)
        } else if lost.if_nothing_is_found == Verdict::Fine {
            let sentence =
                format!("the branch has neither the work commit {} nor another with its change", lost.work);
            lost.finding(Code::Rewritten, sentence)
        } else {
            let sentence =
                format!("the work commit {} does not exist, nor another with its change", lost.work);
            lost.finding(Code::HeadAfterMissing, sentence)
        });
    }
    Ok(())
}

/// The patch ids of records in a row as one change.
fn groups(repository: &Repository<'_>, lost: &[Lost]) -> Result<BTreeMap<String, Vec<TurnId>>, VcsError> {
    let mut groups = BTreeMap::new();
    for (first, begin) in lost.iter().enumerate() {
        let Some(before) = &begin.before else { continue };
        let mut numbers = vec![begin.number];
        let mut end = begin;
        for next in lost.iter().skip(first + 1).take(IN_ONE) {
            if end.after.is_none() || end.after != next.before {
                break;
            }
            numbers.push(next.number);
            end = next;
            if let Some(after) = &next.after
                && repository.vcs.read_object(before)?.is_some()
                && repository.vcs.read_object(after)?.is_some()
                && let Some(patch_id) = repository.vcs.patch_id(Some(before), after)?
            {
                groups.insert(patch_id, numbers.clone());
            }
        }
    }
    Ok(groups)
}

/// The commits of the branch with these patch ids, the folder of the ledger left out.
fn search(
    repository: &Repository<'_>,
    mut wanted: BTreeSet<String>,
) -> Result<BTreeMap<String, Oid>, VcsError> {
    let mut found = BTreeMap::new();
    let Some(head) = repository.head.as_ref().filter(|_| !wanted.is_empty()) else { return Ok(found) };
    let mut commits = repository.vcs.log(head, COMMITS)?;
    // A commit that was only moved still says which turn it is of.
    commits.sort_by_key(|commit| !commit.message.contains("Turn-Id:"));
    for commit in commits {
        if wanted.is_empty() {
            break;
        }
        if let Some(patch_id) = patch_id_of(repository, &commit)?
            && wanted.remove(&patch_id)
        {
            found.insert(patch_id, commit.oid);
        }
    }
    Ok(found)
}

fn patch_id_of(repository: &Repository<'_>, commit: &CommitInfo) -> Result<Option<String>, VcsError> {
    let vcs = repository.vcs;
    // A merge has no change of its own.
    let before = match commit.parents.as_slice() {
        [] => None,
        [parent] if vcs.commit(parent)?.is_some() => Some(without_ledger(vcs, parent)?),
        _ => return Ok(None),
    };
    let after = without_ledger(vcs, &commit.oid)?;
    vcs.patch_id(before.as_ref(), &after)
}
