//! Whether claim, tag or seal say the same as the record.

use super::known_refs::trailer;
use super::record_findings::{RecordFindings, RecordGuard};
use super::repository::Repository;
use super::sealed::Sealed;
use crate::claims::{CLAIM_PREFIX, SEAL_PREFIX, TAG_PREFIX};
use crate::git::VcsError;
use crate::prove::finding::FindingCode as Code;
use crate::values::Oid;
use crate::values::places::repo_path;

/// Compares the ref of the claim with what the record says about it.
pub(super) fn claim(repository: &Repository<'_>, sealed: &Sealed<'_>, outcome: &mut RecordFindings) {
    let Some(there) = repository.refs.claims.get(&sealed.number) else { return };
    let named = sealed.ledger.claim.as_ref().map(|claim| claim.oid.as_str());
    if named != Some(there.as_str()) {
        let sentence = match named {
            Some(named) => format!("the claim is {there}, and the record names {named}"),
            None => format!("the claim is {there}, and the record names none"),
        };
        let path = format!("{CLAIM_PREFIX}{}", sealed.number);
        outcome.findings.push(sealed.find(Code::ClaimMismatch, path, sentence));
    }
}

/// Compares the tag or the seal with the record.
pub(super) fn guard(
    repository: &Repository<'_>,
    sealed: &Sealed<'_>,
    outcome: &mut RecordFindings,
) -> Result<RecordGuard, VcsError> {
    match sealed.tag() {
        Some(tag) => by_tag(repository, sealed, &format!("refs/tags/{tag}"), outcome),
        None => by_seal(repository, sealed, outcome),
    }
}

fn by_tag(
    repository: &Repository<'_>,
    sealed: &Sealed<'_>,
    name: &str,
    outcome: &mut RecordFindings,
) -> Result<RecordGuard, VcsError> {
    let is_there = repository.refs.tags.contains_key(&sealed.number);
    if !is_there || name != format!("{TAG_PREFIX}{}", sealed.number) {
        absent(repository, sealed, name, Code::TagMissing, outcome);
        return Ok(RecordGuard::Missing);
    }
    let mut moved = |sentence: String| {
        outcome.findings.push(sealed.find(Code::TagMoved, name, sentence));
        Ok(RecordGuard::Wrong)
    };
    let Some(tag) = repository.tag(sealed.number, name)? else {
        return moved("it is not the annotated tag that the ledger made".to_owned());
    };
    if let Some(sentence) = other_record(&tag.message, sealed) {
        return moved(sentence);
    }
    let said = trailer(&tag.message, "Turn-Manifest-Sha256");
    if said != Some(&manifest_in(repository, sealed, &tag.target)?.unwrap_or_default()) {
        return moved(format!("it is on {}, which does not have the manifest that it names", tag.target));
    }
    if said != Some(sealed.sha256) {
        mismatch(sealed, name, said, outcome);
        return Ok(RecordGuard::Wrong);
    }
    Ok(RecordGuard::Tag(tag.target))
}

fn by_seal(
    repository: &Repository<'_>,
    sealed: &Sealed<'_>,
    outcome: &mut RecordFindings,
) -> Result<RecordGuard, VcsError> {
    let name = format!("{SEAL_PREFIX}{}", sealed.number);
    let Some(oid) = repository.refs.seals.get(&sealed.number) else {
        // A record that was imported was never claimed and has no seal.
        if sealed.ledger.claim.is_some() {
            absent(repository, sealed, &name, Code::SealMissing, outcome);
        }
        return Ok(RecordGuard::Missing);
    };
    let mut differs = |sentence: String| {
        outcome.findings.push(sealed.find(Code::SealMismatch, name.clone(), sentence));
        Ok(RecordGuard::Wrong)
    };
    let Some(commit) = repository.commit(oid)? else {
        return differs(format!("it names {oid}, which is no commit that is there"));
    };
    if let Some(sentence) = other_record(&commit.message, sealed) {
        return differs(sentence);
    }
    let said = trailer(&commit.message, "Turn-Manifest-Sha256");
    if said != Some(sealed.sha256) {
        mismatch(sealed, &name, said, outcome);
        return Ok(RecordGuard::Wrong);
    }
    for (folder, tree) in [("before", &sealed.ledger.trees.before), ("after", &sealed.ledger.trees.after)] {
        let Some(tree) = tree else { continue };
        let there = repository.oid_at(&commit.tree, &repo_path(folder))?;
        // An empty tree leaves no trace in the tree that it is put into.
        if there.is_some_and(|oid| oid.as_str() != tree) {
            return differs(format!("it guards another tree {folder} than the record names"));
        }
    }
    Ok(RecordGuard::Seal(commit.tree))
}

/// What is there says that it belongs to another record.
fn other_record(message: &str, sealed: &Sealed<'_>) -> Option<String> {
    let number = sealed.number.to_string();
    match (trailer(message, "Turn-Id"), trailer(message, "Turn-Uid")) {
        (Some(id), _) if id != number => Some(format!("it belongs to turn {id}")),
        (_, Some(uid)) if uid != sealed.ledger.uid => Some(format!("it belongs to the record {uid}")),
        (Some(_), Some(_)) => None,
        _ => Some("it names no record".to_owned()),
    }
}

fn mismatch(sealed: &Sealed<'_>, name: &str, said: Option<&str>, outcome: &mut RecordFindings) {
    let said = said.unwrap_or("none");
    let sentence = format!("the manifest has the hash {} and {name} says {said}", sealed.sha256);
    outcome.findings.push(sealed.find(Code::SealMismatch, sealed.path("manifest.json"), sentence));
}

fn absent(
    repository: &Repository<'_>,
    sealed: &Sealed<'_>,
    name: &str,
    code: Code,
    outcome: &mut RecordFindings,
) {
    if repository.purged.contains(&sealed.number) {
        return;
    }
    if repository.refs.claims.contains_key(&sealed.number) {
        let sentence = "the record was made in this repository, and what guards it is gone";
        outcome.findings.push(sealed.find(code, name, sentence));
    } else {
        outcome.is_seal_elsewhere = true;
    }
}

/// The hash of the record's manifest as a commit has it.
fn manifest_in(
    repository: &Repository<'_>,
    sealed: &Sealed<'_>,
    commit: &Oid,
) -> Result<Option<String>, VcsError> {
    let path = sealed.manifest_path();
    let known = repository.asked.at(commit, &path);
    if let Some(sha256) = known.and_then(|blob| repository.asked.sha256(blob)) {
        return Ok(Some(sha256.to_owned()));
    }
    let tree = match repository.commit(commit)? {
        Some(commit) => commit.tree,
        None => return Ok(None),
    };
    let Some(blob) = repository.oid_at(&tree, &path)? else { return Ok(None) };
    Ok(repository.vcs.blob_sha256s(&[blob])?.pop())
}
