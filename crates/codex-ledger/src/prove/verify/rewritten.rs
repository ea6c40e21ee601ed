//! Work commits that the branch does not have: where their changes went.

use std::collections::{BTreeMap, BTreeSet};

use super::patch_check::without_ledger;
use super::record_findings::{Lost, UnlessFound};
use super::repository::Repository;
use crate::git::{CommitInfo, VcsError};
use crate::prove::finding::{Finding, FindingCode as Code};
use crate::values::{Oid, TurnId};

/// How many commits of the branch are searched.
const COMMITS: usize = 1000;
/// How many records in a row may have gone into one commit.
const IN_ONE: usize = 32;

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
        } else if let UnlessFound::Wrong(code, sentence) = &lost.unless_found {
            lost.finding(*code, sentence.clone())
        } else {
            let sentence =
                format!("the branch has neither the work commit {} nor another with its change", lost.work);
            lost.finding(Code::Rewritten, sentence)
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
