//! Tags of records that are gone: pruned, or deleted.

use std::collections::BTreeMap;

use super::committed::Committed;
use super::known_refs::{KnownRefs, trailer};
use super::survey::Survey;
use crate::claims::TAG_PREFIX;
use crate::git::{ObjectKind, TagInfo, VcsError};
use crate::prove::finding::{Finding, FindingCode as Code};
use crate::values::{Oid, TurnId};

/// Says of tags that were made here and are gone whether git pruned them, and what brings them back.
///
/// `fetch --prune-tags` removes every tag that the remote lacks, so that none of an earlier record is left. A record whose
/// tag it took is in the commit at HEAD as it was, and the object of its tag is still there.
pub(super) fn check(
    committed: &Committed<'_>,
    survey: &Survey,
    refs: &KnownRefs,
    gone: &[TurnId],
    findings: &mut Vec<Finding>,
) -> Result<(), VcsError> {
    let Some(last) = gone.last() else { return Ok(()) };
    let vcs = committed.vcs;
    let tags = tag_objects(committed)?;
    let has_remote = !vcs.list_refs("refs/remotes/")?.is_empty();
    let is_pruning = has_remote && refs.tags.keys().all(|number| number > last);
    let manifests = committed.manifests(gone)?;
    for number in gone {
        let record = survey.records.get(number);
        let sha256 = record.and_then(|record| record.sha256.as_deref());
        let uid = record.and_then(|record| record.uid());
        let made: Vec<&TagInfo> = tags
            .get(number)
            .into_iter()
            .flatten()
            .filter(|tag| trailer(&tag.message, "Turn-Uid") == uid)
            .collect();
        let fits = |tag: &&&TagInfo| trailer(&tag.message, "Turn-Manifest-Sha256") == sha256;
        let fitting = made.iter().find(fits);
        let name = format!("{TAG_PREFIX}{number}");
        let back = match fitting {
            Some(tag) => format!("`git update-ref {name} {}` brings it back", tag.oid),
            None => "where it was pushed, `git fetch REMOTE tag` with its name brings it back".to_owned(),
        };
        let is_as_committed = manifests.get(number).map(String::as_str) == sha256;
        let (code, sentence) = if !made.is_empty() && fitting.is_none() {
            (Code::TagMissing, "the tag is gone, and its object names another manifest".to_owned())
        } else if is_pruning && is_as_committed {
            (Code::TagPruned, format!("git removed a tag that the remote does not have; {back}"))
        } else {
            let sentence = "the record was made in this repository, and what guards it is gone";
            (Code::TagMissing, format!("{sentence}; {back}"))
        };
        findings.push(Finding::new(code, name, sentence).of(*number));
    }
    Ok(())
}

/// Every tag that was ever put on a record and whose object is still there, by the number of the record.
fn tag_objects(committed: &Committed<'_>) -> Result<BTreeMap<TurnId, Vec<TagInfo>>, VcsError> {
    let oids: Vec<Oid> = committed.vcs.objects_of(ObjectKind::Tag)?;
    let objects = committed.vcs.read_objects(&oids)?;
    let mut found: BTreeMap<TurnId, Vec<TagInfo>> = BTreeMap::new();
    for (oid, object) in oids.iter().zip(objects) {
        let tag = object.and_then(|object| TagInfo::read(oid, &object));
        if let Some(tag) = tag
            && let Some(number) = trailer(&tag.message, "Turn-Id").and_then(|number| number.parse().ok())
        {
            found.entry(number).or_default().push(tag);
        }
    }
    Ok(found)
}
