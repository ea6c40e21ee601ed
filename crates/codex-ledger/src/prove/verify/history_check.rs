//! Whether commits changed records after those that brought them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use super::committed::{Committed, folders_in};
use super::runs::runs;
use super::stray::is_stray;
use super::survey::Survey;
use crate::git::{Alteration, VcsError};
use crate::manifest::{Manifest, ManifestError};
use crate::prove::finding::{Finding, FindingCode as Code, Severity};
use crate::read::Reader;
use crate::system::plain_file::read_plain;
use crate::values::places::{record_and_file, repo_path, turns_path};
use crate::values::{LEDGER_ROOT, Oid, RepoPath, TurnId, sha256_hex};

/// Compares HEAD with what its history had; `changed` are records that the worktree has otherwise than HEAD, with a
/// sentence that says so, `altered` what [`alterations`] says.
pub(super) fn check(
    reader: &Reader,
    committed: &Committed<'_>,
    survey: &Survey,
    changed: Vec<(TurnId, String)>,
    altered: Vec<Alteration>,
    findings: &mut Vec<Finding>,
) -> Result<(), VcsError> {
    let check = HistoryCheck { reader, committed, survey };
    check.against_head(changed, findings)?;
    check.against_history(altered, findings)?;
    check.where_history_begins(findings)
}

/// What commits of this branch did to records after they were there; of those since a commit, if one is named.
pub(super) fn alterations(
    committed: &Committed<'_>,
    since: Option<&Oid>,
) -> Result<Vec<Alteration>, VcsError> {
    match &committed.head {
        Some(head) => committed.vcs.alterations(since, head, &turns_path()),
        None => Ok(Vec::new()),
    }
}

struct HistoryCheck<'a> {
    reader: &'a Reader,
    committed: &'a Committed<'a>,
    survey: &'a Survey,
}

impl HistoryCheck<'_> {
    /// The worktree must have the manifests that HEAD has; an error that tells of a record already is enough.
    fn against_head(
        &self,
        changed: Vec<(TurnId, String)>,
        findings: &mut Vec<Finding>,
    ) -> Result<(), VcsError> {
        for (number, sentence) in changed {
            let path = format!("{LEDGER_ROOT}/turns/{number}/manifest.json");
            if !is_told(findings, number) && self.was_ours(number, &path)? {
                findings.push(Finding::new(Code::RecordChanged, path, sentence).of(number));
            }
        }
        Ok(())
    }

    /// Whether HEAD has a manifest of this ledger there: what a person or another program wrote may be edited.
    fn was_ours(&self, number: TurnId, path: &str) -> Result<bool, VcsError> {
        if self.survey.records.get(&number).is_some_and(|record| record.uid().is_some()) {
            return Ok(true);
        }
        let Some(head) = &self.committed.head else { return Ok(false) };
        let vcs = self.committed.vcs;
        let blob = vcs.oids_at(&[(head.clone(), repo_path(path))])?.pop().flatten();
        blob.map_or(Ok(false), |blob| self.is_ours(&blob))
    }

    /// Whether a blob is a manifest that this ledger wrote.
    fn is_ours(&self, manifest: &Oid) -> Result<bool, VcsError> {
        let Some(object) = self.committed.vcs.read_object(manifest)? else { return Ok(true) };
        Ok(match Manifest::read(&object.bytes) {
            Ok(file) => file.manifest.ledger.is_some(),
            Err(ManifestError::NewerMajor { .. }) => true,
            Err(ManifestError::Json(_)) => false,
        })
    }

    /// No commit may have changed what an earlier one brought.
    fn against_history(&self, altered: Vec<Alteration>, findings: &mut Vec<Finding>) -> Result<(), VcsError> {
        let mut of_records: BTreeMap<TurnId, BTreeMap<RepoPath, Vec<Alteration>>> = BTreeMap::new();
        for alteration in altered {
            let Some((number, file)) = record_and_file(&alteration.path) else { continue };
            // What is gone from the worktree is told of with its number.
            if self.survey.records.contains_key(&number) && !is_stray(file.as_bytes()) {
                let files = of_records.entry(number).or_default();
                files.entry(file).or_default().push(alteration);
            }
        }
        let purged: BTreeSet<(TurnId, String)> = self
            .survey
            .records
            .values()
            .flat_map(|record| record.ledger().into_iter().flat_map(|part| &part.purged))
            .map(|file| (file.turn_id, file.path.clone()))
            .collect();
        for (number, files) in of_records {
            let was_ours = match files.get(&repo_path("manifest.json")).and_then(|first| first.last()) {
                Some(first) => self.is_ours(&first.before)?,
                None => self.survey.records.get(&number).is_some_and(|record| record.uid().is_some()),
            };
            if !was_ours {
                continue;
            }
            let mut changed = Vec::new();
            let mut restored = Vec::new();
            for (file, alterations) in &files {
                // The newest is the first; the oldest knows what was brought.
                let (Some(newest), Some(oldest)) = (alterations.first(), alterations.last()) else {
                    continue;
                };
                let is_purged = purged.contains(&(number, file.to_string()));
                if alterations.iter().all(|alteration| alteration.after.is_none()) && is_purged {
                    continue;
                }
                let list = if self.is_as_brought(number, file, &oldest.before)? {
                    &mut restored
                } else {
                    &mut changed
                };
                list.push((file, &newest.commit));
            }
            for (code, files, what) in [
                (Code::RecordChanged, changed, "after the commit that brought it"),
                (Code::RecordRestored, restored, "and a later one changed it back"),
            ] {
                let Some((file, commit)) = files.first() else { continue };
                let more = match files.len() {
                    1 => String::new(),
                    count => format!(" and {} other files", count - 1),
                };
                let sentence = format!("commit {commit} changed this file{more} {what}");
                let path = format!("{LEDGER_ROOT}/turns/{number}/{file}");
                findings.push(Finding::new(code, path, sentence).of(number));
            }
        }
        Ok(())
    }

    /// Whether the worktree has a file as the first commit of it had.
    fn is_as_brought(&self, number: TurnId, file: &RepoPath, brought: &Oid) -> Result<bool, VcsError> {
        let path = self.reader.places().turn(number).join(OsStr::from_bytes(file.as_bytes()));
        let Ok(bytes) = read_plain(&path) else { return Ok(false) };
        let there = self.committed.vcs.blob_sha256s(std::slice::from_ref(brought))?.pop();
        Ok(there.as_deref() == Some(&sha256_hex(&bytes)))
    }

    /// A history that is cut off says nothing of what it begins with.
    fn where_history_begins(&self, findings: &mut Vec<Finding>) -> Result<(), VcsError> {
        let vcs = self.committed.vcs;
        let Ok(shallow) = read_plain(&vcs.common_dir().join("shallow")) else { return Ok(()) };
        for line in shallow.split(|byte| *byte == b'\n') {
            let Ok(commit) = Oid::from_bytes(line) else { continue };
            let numbers: Vec<TurnId> = folders_in(vcs, &commit, &turns_path())?.into_iter().collect();
            for run in runs(&numbers) {
                let sentence = format!(
                    "{run}: the history of this clone begins with commit {commit}, which has them already, so that an \
                     earlier change of them is not seen; `git fetch --unshallow` brings the rest"
                );
                findings.push(Finding::new(Code::HistoryCut, format!("{LEDGER_ROOT}/turns"), sentence));
            }
        }
        Ok(())
    }
}

/// Whether an error tells of a record already.
fn is_told(findings: &[Finding], number: TurnId) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error && finding.turn_id == Some(number))
}
