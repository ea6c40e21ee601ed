//! Whether the patch of a record leads from its tree before to its tree after.

use std::collections::BTreeMap;

use super::record_findings::{RecordFindings, RecordGuard};
use super::redacted_patch;
use super::replay::Replays;
use super::repository::Repository;
use super::sealed::Sealed;
use super::surveyed::Surveyed;
use crate::git::{Changes, ReadObjects, VcsError, WriteObjects};
use crate::manifest::{ChangeLists, Manifest, OutputFile};
use crate::prove::finding::FindingCode as Code;
use crate::read::record::read_below;
use crate::system::plain_file::read_manifest;
use crate::values::places::ledger_path;
use crate::values::{Oid, TreeId, sha256_hex};

pub(super) fn check(
    repository: &Repository<'_>,
    sealed: &Sealed<'_>,
    record: &Surveyed,
    guard: &RecordGuard,
    replays: Replays,
    outcome: &mut RecordFindings,
) -> Result<(), VcsError> {
    let [Some(before), Some(after)] = sealed.sides() else { return Ok(()) };
    if before == after && sealed.manifest.artifacts.diff.is_none() {
        return Ok(());
    }
    let Some(from) = repository.place(&before)? else {
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
    };
    let pair = Pair { repository, sealed, before: &before, after: &after, from: &from, replays };
    let to = repository.place(&after)?;
    if !pair.patch(record, to.as_ref(), guard, outcome)? {
        return Ok(());
    }
    if let Some(to) = to {
        pair.changes(&to, outcome)?;
    }
    Ok(())
}

/// The two trees of a record.
struct Pair<'a> {
    repository: &'a Repository<'a>,
    sealed: &'a Sealed<'a>,
    before: &'a TreeId,
    after: &'a TreeId,
    /// The tree before, or one that is more by the ledger alone.
    from: &'a TreeId,
    replays: Replays,
}

impl Pair<'_> {
    /// Compares the patch with the trees; gives whether they may be compared further.
    fn patch(
        &self,
        record: &Surveyed,
        to: Option<&TreeId>,
        guard: &RecordGuard,
        outcome: &mut RecordFindings,
    ) -> Result<bool, VcsError> {
        let Self { repository, sealed, before, after, from, .. } = *self;
        let Some(path) = &sealed.manifest.artifacts.diff else {
            if !sealed.ledger.truncated.iter().any(|cut| cut.path == "diff.patch") {
                let sentence = "the trees differ, and there is no patch";
                outcome.findings.push(sealed.find(
                    Code::PatchDiffers,
                    sealed.path("manifest.json"),
                    sentence,
                ));
            }
            return Ok(true);
        };
        if record.missing.iter().any(|missing| missing.path == *path) {
            return Ok(true);
        }
        let counts = sealed.redacted_in_patch();
        if !counts.is_empty() {
            if let Some(to) = to
                && let Some(recorded) = bytes_as_recorded(repository, sealed, path)
                && let Some(sentence) = self.redacted(to, &recorded, &counts)?
            {
                outcome.findings.push(sealed.find(Code::PatchDiffers, sealed.path(path), sentence));
            }
            return Ok(true);
        }
        // The bytes of the file were compared with this hash before.
        let listed = sealed.ledger.artifacts.iter().find(|artifact| artifact.path == *path);
        let known = repository.asked.comparison(before, after);
        if known.zip(listed).is_some_and(|(known, listed)| known.patch_sha256 == listed.sha256) {
            return Ok(true);
        }
        if to.is_none() && !self.may_replay() {
            outcome.without_trees = Some(guard.clone());
            return Ok(false);
        }
        let Some(bytes) = bytes_as_recorded(repository, sealed, path) else { return Ok(true) };
        let led_to = match repository.vcs.apply(from, &bytes)? {
            Some(tree) => repository.outside(&tree)?.map(|left| (tree, left)),
            None => None,
        };
        let ledger_before = repository.outside(from)?.and_then(|left| left.ledger);
        if let Some((tree, left)) = led_to
            && left.tree == *after
            && left.ledger == ledger_before
        {
            if let Ok(mut replay) = repository.replay.lock() {
                replay.made.insert(after.clone(), tree);
            }
            return Ok(true);
        }
        let sentence = format!("it does not lead from the tree {before} to the tree {after}");
        outcome.findings.push(sealed.find(Code::PatchDiffers, sealed.path(path), sentence));
        Ok(false)
    }

    /// Whether one more patch may be applied to a tree to see where it leads.
    fn may_replay(&self) -> bool {
        let Ok(mut replay) = self.repository.replay.lock() else { return false };
        let may = self.replays == Replays::Some && replay.left > 0;
        replay.left = replay.left.saturating_sub(1);
        may
    }

    /// How a patch with redactions differs from that of the trees.
    fn redacted(
        &self,
        to: &TreeId,
        recorded: &[u8],
        counts: &BTreeMap<&str, u64>,
    ) -> Result<Option<String>, VcsError> {
        let Self { repository, before, after, from, .. } = *self;
        if let Some(actual) = repository.asked.patch(before, after)
            && redacted_patch::difference(recorded, actual, counts).is_none()
        {
            return Ok(None);
        }
        // Many are compared by the attributes of one tree; this one has its own.
        let (before, after) = (self.whole(before, from)?, self.whole(after, to)?);
        let patch = repository.vcs.patch(Some(&before), &after, u64::MAX)?;
        Ok(patch.bytes.and_then(|actual| redacted_patch::difference(recorded, &actual, counts)))
    }

    /// Compares the lists of changes and the hashes of what was written.
    fn changes(&self, to: &TreeId, outcome: &mut RecordFindings) -> Result<(), VcsError> {
        let Self { repository, sealed, before, after, from, .. } = *self;
        let path = || sealed.path("manifest.json");
        let is_cut = |list: &str| sealed.ledger.truncated.iter().any(|cut| cut.path.starts_with(list));
        if !is_cut("changes") {
            let known = repository.asked.comparison(before, after);
            let known = known
                .is_some_and(|known| differing(&sealed.manifest.changes, &known.changes, sealed).is_none());
            if !known {
                let (before, after) = (self.whole(before, from)?, self.whole(after, to)?);
                let found = repository.vcs.changes(Some(&before), &after)?;
                if let Some(sentence) = differing(&sealed.manifest.changes, &found, sealed) {
                    outcome.findings.push(sealed.find(Code::ChangesDiffer, path(), sentence));
                }
            }
        }
        if !is_cut("outputs")
            && let Some(known) = repository.asked.comparison(before, after)
            && let Some(sentence) = self.outputs(&known.changes)
        {
            outcome.findings.push(sealed.find(Code::OutputDiffers, path(), sentence));
        }
        Ok(())
    }

    /// Which output has another hash than the blob of the tree.
    fn outputs(&self, changes: &Changes) -> Option<String> {
        let listed: BTreeMap<String, Option<String>> =
            self.outputs_as_recorded()?.into_iter().map(|output| (output.path, output.sha256)).collect();
        changes.entries.iter().find_map(|change| {
            let (kind, oid) = change.after.as_ref()?;
            let path = change.path.to_string();
            let listed = listed.get(&path)?.as_deref();
            let there = if kind.is_blob() { Some(self.repository.asked.sha256(oid)?) } else { None };
            (listed != there).then(|| {
                let [listed, there] = [listed, there].map(|hash| hash.unwrap_or("none"));
                format!(
                    "the output {path} has the hash {there} in the tree after, and the record says {listed}"
                )
            })
        })
    }

    /// The outputs, which are too many to be kept of all records; unless the manifest was changed meanwhile.
    fn outputs_as_recorded(&self) -> Option<Vec<OutputFile>> {
        let bytes = read_manifest(&self.repository.places.manifest(self.sealed.number)).ok()?;
        let file = Manifest::read(&bytes).ok()?;
        (file.sha256 == self.sealed.sha256).then_some(file.manifest.outputs)
    }

    /// The tree of this name, made where only one is there that is more by the ledger.
    fn whole(&self, tree: &TreeId, there: &TreeId) -> Result<TreeId, VcsError> {
        if tree == there {
            Ok(tree.clone())
        } else {
            self.repository.vcs.tree_without(there, &[ledger_path()])
        }
    }
}

/// The patch of a record, unless it was changed: that is told of already.
pub(super) fn recorded_patch(repository: &Repository<'_>, sealed: &Sealed<'_>) -> Option<Vec<u8>> {
    bytes_as_recorded(repository, sealed, sealed.manifest.artifacts.diff.as_ref()?)
}

/// The patch, unless it was changed: that is told of already.
fn bytes_as_recorded(repository: &Repository<'_>, sealed: &Sealed<'_>, path: &str) -> Option<Vec<u8>> {
    let listed = sealed.ledger.artifacts.iter().find(|artifact| artifact.path == path)?;
    let bytes = read_below(&repository.places.turn(sealed.number), &path.parse().ok()?).ok()??;
    (sha256_hex(&bytes) == listed.sha256).then_some(bytes)
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
