//! Whether the patch of a record leads from its tree before to its tree after.

use super::record_findings::{RecordFindings, RecordGuard};
use super::repository::Repository;
use super::sealed::Sealed;
use super::surveyed::Surveyed;
use crate::git::{Changes, ReadObjects, VcsError, WriteObjects};
use crate::manifest::ChangeLists;
use crate::prove::finding::FindingCode as Code;
use crate::read::record::read_below;
use crate::values::places::ledger_path;
use crate::values::{Oid, TreeId, sha256_hex};

pub(super) fn check(
    repository: &Repository<'_>,
    sealed: &Sealed<'_>,
    record: &Surveyed,
    guard: &RecordGuard,
    outcome: &mut RecordFindings,
) -> Result<(), VcsError> {
    let [Some(before), Some(after)] = sealed.sides() else { return Ok(()) };
    if before == after && sealed.manifest.artifacts.diff.is_none() {
        return Ok(());
    }
    if !is_there(repository, sealed, &before)? {
        if matches!(guard, RecordGuard::Seal(_)) {
            let sentence = format!("the tree {before} that it guards is not there");
            let path = sealed.path("manifest.json");
            outcome.findings.push(sealed.find(Code::SealMismatch, path, sentence));
        } else if repository.is_shallow && sealed.tag().is_some() {
            outcome.is_history_cut = true;
        } else {
            outcome.without_trees = Some(guard.clone());
        }
        return Ok(());
    }
    if patch(repository, sealed, record, &before, &after, outcome)?
        && repository.has(&after)?
        && sealed.ledger.truncated.iter().all(|cut| !cut.path.starts_with("changes"))
    {
        let known = repository.asked.comparison(&before, &after);
        if known.is_some_and(|known| differing(&sealed.manifest.changes, &known.changes, sealed).is_none()) {
            return Ok(());
        }
        let found = repository.vcs.changes(Some(&before), &after)?;
        if let Some(sentence) = differing(&sealed.manifest.changes, &found, sealed) {
            let path = sealed.path("manifest.json");
            outcome.findings.push(sealed.find(Code::ChangesDiffer, path, sentence));
        }
    }
    Ok(())
}

/// Compares the patch with the trees; gives whether they may be compared further.
fn patch(
    repository: &Repository<'_>,
    sealed: &Sealed<'_>,
    record: &Surveyed,
    before: &TreeId,
    after: &TreeId,
    outcome: &mut RecordFindings,
) -> Result<bool, VcsError> {
    let Some(path) = &sealed.manifest.artifacts.diff else {
        if !sealed.ledger.truncated.iter().any(|cut| cut.path == "diff.patch") {
            let sentence = "the trees differ, and there is no patch";
            outcome.findings.push(sealed.find(Code::PatchDiffers, sealed.path("manifest.json"), sentence));
        }
        return Ok(true);
    };
    let is_redacted = sealed.ledger.redactions.iter().any(|redaction| redaction.path == *path);
    let is_gone = record.missing.iter().any(|missing| missing.path == *path);
    if is_redacted || is_gone {
        return Ok(true);
    }
    // The bytes of the file were compared with this hash before.
    let listed = sealed.ledger.artifacts.iter().find(|artifact| artifact.path == *path);
    let known = repository.asked.comparison(before, after);
    if known.zip(listed).is_some_and(|(known, listed)| known.patch_sha256 == listed.sha256) {
        return Ok(true);
    }
    let Some(bytes) = bytes_as_recorded(repository, sealed, path) else { return Ok(true) };
    if repository.vcs.apply(before, &bytes)?.as_ref() == Some(after) {
        return Ok(true);
    }
    let sentence = format!("it does not lead from the tree {before} to the tree {after}");
    outcome.findings.push(sealed.find(Code::PatchDiffers, sealed.path(path), sentence));
    Ok(false)
}

/// The patch, unless it was changed: that is told of already.
fn bytes_as_recorded(repository: &Repository<'_>, sealed: &Sealed<'_>, path: &str) -> Option<Vec<u8>> {
    let listed = sealed.ledger.artifacts.iter().find(|artifact| artifact.path == path)?;
    let bytes = read_below(&repository.places.turn(sealed.number), &path.parse().ok()?).ok()??;
    (sha256_hex(&bytes) == listed.sha256).then_some(bytes)
}

/// Whether the tree before is there, or can be made again from the commit that the turn began on.
fn is_there(repository: &Repository<'_>, sealed: &Sealed<'_>, before: &TreeId) -> Result<bool, VcsError> {
    if repository.has(before)? {
        return Ok(true);
    }
    let Some(head) = sealed.head_before() else { return Ok(false) };
    if repository.commit(&head)?.is_none() {
        return Ok(false);
    }
    Ok(without_ledger(repository.vcs, &head)? == *before)
}

/// The tree of a commit without the folder of the ledger.
pub(super) fn without_ledger(
    objects: &(impl ReadObjects + WriteObjects + ?Sized),
    commit: &Oid,
) -> Result<TreeId, VcsError> {
    objects.tree_without(&objects.tree_of(commit)?, &[ledger_path()])
}

fn differing(listed: &ChangeLists, found: &Changes, sealed: &Sealed<'_>) -> Option<String> {
    let same = |list: &[String], found: &mut dyn Iterator<Item = String>| list.iter().cloned().eq(found);
    let lists = [
        ("added", same(&listed.added, &mut found.added().map(ToString::to_string))),
        ("modified", same(&listed.modified, &mut found.modified().map(ToString::to_string))),
        ("deleted", same(&listed.deleted, &mut found.deleted().map(ToString::to_string))),
    ];
    if let Some((name, _)) = lists.iter().find(|(_, same)| !same) {
        return Some(format!("the list of {name} files is not what git says about the two trees"));
    }
    let metrics = &sealed.manifest.metrics;
    let counts = [
        ("filesChanged", metrics.files_changed, found.files_changed()),
        ("linesAdded", metrics.lines_added, found.lines_added()),
        ("linesDeleted", metrics.lines_deleted, found.lines_deleted()),
    ];
    let wrong = counts.into_iter().find(|(_, listed, found)| listed.is_some_and(|listed| listed != *found));
    wrong.map(|(name, _, found)| format!("{name} is {found} by what git says about the two trees"))
}
