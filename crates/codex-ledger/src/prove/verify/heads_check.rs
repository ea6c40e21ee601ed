//! Whether the heads that the git directory remembers are those of the records.

use std::collections::{BTreeMap, BTreeSet};

use super::survey::Survey;
use super::surveyed::Surveyed;
use crate::git::{PrivateDirs, Worktree};
use crate::prove::finding::{Finding, FindingCode as Code};
use crate::record::heads::KnownHeads;
use crate::values::TurnId;

/// Compares what a turn would take for the heads with what the records say, where both know the same records.
pub(super) fn check(worktree: &dyn Worktree, survey: &Survey, findings: &mut Vec<Finding>) {
    let cache = PrivateDirs::of(worktree).heads_cache();
    let Some(known) = KnownHeads::read(&cache) else { return };
    let records: BTreeMap<&TurnId, &Surveyed> =
        survey.records.iter().filter(|(number, _)| known.covers(number.get())).collect();
    // One that cannot be read is told of already, and names nobody.
    if records.len() as u64 != known.count() || records.values().any(|record| record.uid().is_none()) {
        return;
    }
    let named: BTreeSet<TurnId> =
        records.values().flat_map(|record| record.parents()).map(|parent| parent.turn_id).collect();
    let heads: BTreeSet<(u64, &str)> = records
        .iter()
        .filter(|(number, _)| !named.contains(*number))
        .filter_map(|(number, record)| Some((number.get(), record.ledger()?.uid.as_str())))
        .collect();
    let remembered: BTreeSet<(u64, &str)> = known.heads().collect();
    if let Some((number, uid)) = heads.symmetric_difference(&remembered).next() {
        let sentence = format!(
            "it does not agree with the records about turn {number} ({uid}), so that the next record would name the wrong \
             parents; remove it once the records are as they should be"
        );
        let mut finding = Finding::new(Code::HeadsDiffer, "turns/heads.json", sentence);
        finding.turn_id = TurnId::new(*number).ok();
        findings.push(finding);
    }
}
