//! Patches that lead to trees which nobody has: applied one after the other, as far as they follow on each other.
//!
//! A clone has the trees of its commits. Where several records went into one commit, it has the tree before the first and
//! the tree after the last of them, and the patches lead from one to the other.

use super::ask::ask_for_places;
use super::patch_check;
use super::record_findings::RecordFindings;
use super::repository::Repository;
use super::sealed::Sealed;
use super::survey::Survey;
use super::surveyed::Surveyed;
use crate::git::VcsError;
use crate::values::{TreeId, TurnId};

/// So many bytes of patches are applied at once.
const BYTES: usize = 64 << 20;

/// Looks again at records of which a tree was not there.
pub(super) fn check(
    repository: &mut Repository<'_>,
    survey: &Survey,
    outcomes: &mut [(TurnId, RecordFindings)],
) -> Result<(), VcsError> {
    let waiting: Vec<Waiting<'_>> = outcomes
        .iter()
        .enumerate()
        .filter(|(_, (_, outcome))| outcome.without_trees.is_some())
        .filter_map(|(place, (number, _))| Waiting::of(place, *number, survey.records.get(number)?))
        .collect();
    if waiting.is_empty() {
        return Ok(());
    }
    let asked = ask_for_places(repository, waiting.iter().map(|waiting| &waiting.sealed));
    repository.asked = asked;
    let mut next = 0;
    while let Some(first) = waiting.get(next) {
        let chain = chain(repository, &waiting[next..])?;
        if chain > 0 {
            for proven in &waiting[next..next + chain] {
                outcomes[proven.place].1.without_trees = None;
            }
            next += chain;
            continue;
        }
        if repository.place(&first.before)?.is_some()
            && let Some(guard) = outcomes[first.place].1.without_trees.take()
        {
            let outcome = &mut outcomes[first.place].1;
            patch_check::check(repository, &first.sealed, first.record, &guard, Replays::Some, outcome)?;
        }
        next += 1;
    }
    Ok(())
}

/// Whether a patch whose end nobody has may be applied to see where it leads, which takes starting git several times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replays {
    None,
    Some,
}

struct Waiting<'a> {
    /// Where its outcome is.
    place: usize,
    record: &'a Surveyed,
    sealed: Sealed<'a>,
    before: TreeId,
    after: TreeId,
}

impl<'a> Waiting<'a> {
    fn of(place: usize, number: TurnId, record: &'a Surveyed) -> Option<Self> {
        let sealed = Sealed::of(number, record)?;
        let [Some(before), Some(after)] = sealed.sides() else { return None };
        Some(Self { place, record, sealed, before, after })
    }
}

/// How many records lead from a tree that is there to another one by their patches; 0 if the first does not.
fn chain(repository: &Repository<'_>, waiting: &[Waiting<'_>]) -> Result<usize, VcsError> {
    let Some(first) = waiting.first() else { return Ok(0) };
    let Some(from) = repository.place(&first.before)? else { return Ok(0) };
    let mut patches = Vec::new();
    let mut reached = &first.before;
    for (count, next) in waiting.iter().enumerate() {
        if next.before != *reached || patches.len() > BYTES || !next.sealed.redacted_in_patch().is_empty() {
            return Ok(0);
        }
        if next.before != next.after {
            let Some(patch) = patch_check::recorded_patch(repository, &next.sealed) else { return Ok(0) };
            patches.extend_from_slice(&patch);
        }
        reached = &next.after;
        if repository.place(reached)?.is_some() {
            let Some(tree) = repository.vcs.apply(&from, &patches)? else { return Ok(0) };
            let ledger = repository.outside(&from)?.and_then(|left| left.ledger);
            let left = repository.outside(&tree)?;
            let is_there = left.is_some_and(|left| left.tree == *reached && left.ledger == ledger);
            return Ok(if is_there { count + 1 } else { 0 });
        }
    }
    Ok(0)
}
