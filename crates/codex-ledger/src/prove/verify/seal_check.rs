//! Whether claim, tag or seal say the same as the record.

use super::known_refs::trailer;
use super::record_findings::{RecordFindings, RecordGuard};
use super::repository::Repository;
use super::sealed::Sealed;
use super::surveyed::Surveyed;
use crate::claims::{CLAIM_PREFIX, SEAL_PREFIX, TAG_PREFIX};
use crate::git::VcsError;
use crate::prove::finding::{Finding, FindingCode as Code};
use crate::values::places::{manifest_path, repo_path};
use crate::values::{LEDGER_ROOT, Oid, TurnId};

/// What refs are compared with: what a record is, and what it says of itself where that is understood.
pub(super) struct Answer<'a> {
    number: TurnId,
    sha256: &'a str,
    uid: Option<&'a str>,
    /// The claim that it names.
    claim: Option<&'a str>,
    /// The rest of it; nothing for a record of a later format.
    sealed: Option<&'a Sealed<'a>>,
}

impl<'a> Answer<'a> {
    pub(super) fn of(sealed: &'a Sealed<'a>) -> Self {
        Self {
            number: sealed.number,
            sha256: sealed.sha256,
            uid: Some(&sealed.ledger.uid),
            claim: sealed.ledger.claim.as_ref().map(|claim| claim.oid.as_str()),
            sealed: Some(sealed),
        }
    }

    /// A record of a later format: comparing names and hashes needs no understanding of it.
    pub(super) fn of_newer(number: TurnId, record: &'a Surveyed) -> Option<Self> {
        let newer = record.newer.as_ref()?;
        Some(Self {
            number,
            sha256: record.sha256.as_deref()?,
            uid: newer.uid.as_deref(),
            claim: newer.claim.as_deref(),
            sealed: None,
        })
    }

    fn path(&self) -> String {
        format!("{LEDGER_ROOT}/turns/{}/manifest.json", self.number)
    }

    fn find(&self, code: Code, path: impl Into<String>, sentence: impl Into<String>) -> Finding {
        Finding::new(code, path, sentence).of(self.number)
    }
}

/// Compares the ref of the claim with what the record says about it.
pub(super) fn claim(repository: &Repository<'_>, answer: &Answer<'_>, outcome: &mut RecordFindings) {
    let Some(there) = repository.refs.claims.get(&answer.number) else { return };
    if answer.claim == Some(there.as_str()) {
        return;
    }
    let sentence = match answer.claim {
        Some(named) => format!("the claim is {there}, and the record names {named}"),
        None if answer.sealed.is_some() => format!("the claim is {there}, and the record names none"),
        // A later format may say it elsewhere.
        None => return,
    };
    let path = format!("{CLAIM_PREFIX}{}", answer.number);
    outcome.findings.push(answer.find(Code::ClaimMismatch, path, sentence));
}

/// Compares the tag and the seal with the record: whichever is there, whatever the record says of itself.
pub(super) fn guard(
    repository: &Repository<'_>,
    answer: &Answer<'_>,
    outcome: &mut RecordFindings,
) -> Result<RecordGuard, VcsError> {
    let named = answer.sealed.and_then(Sealed::tag);
    let seal = by_seal(repository, answer, outcome)?;
    let tag = by_tag(repository, answer, named, &seal, outcome)?;
    if named.is_none() && [&seal, &tag].iter().all(|guard| **guard == RecordGuard::Missing) {
        // A record that was imported was never claimed and has no seal.
        if answer.claim.is_some() && answer.sealed.is_some() {
            absent(
                repository,
                answer,
                &format!("{SEAL_PREFIX}{}", answer.number),
                Code::SealMissing,
                outcome,
            );
        }
    }
    Ok(match (tag, seal) {
        (RecordGuard::Wrong, _) | (_, RecordGuard::Wrong) => RecordGuard::Wrong,
        (RecordGuard::Missing, seal) if named.is_none() => seal,
        (tag, _) => tag,
    })
}

fn by_tag(
    repository: &Repository<'_>,
    answer: &Answer<'_>,
    named: Option<&str>,
    seal: &RecordGuard,
    outcome: &mut RecordFindings,
) -> Result<RecordGuard, VcsError> {
    let name = format!("{TAG_PREFIX}{}", answer.number);
    let is_there = repository.refs.tags.contains_key(&answer.number);
    if let Some(named) = named
        && (!is_there || format!("refs/tags/{named}") != name)
    {
        absent(repository, answer, &format!("refs/tags/{named}"), Code::TagMissing, outcome);
        return Ok(RecordGuard::Missing);
    }
    if !is_there {
        return Ok(RecordGuard::Missing);
    }
    let mut moved = |sentence: String| {
        outcome.findings.push(answer.find(Code::TagMoved, name.clone(), sentence));
        Ok(RecordGuard::Wrong)
    };
    let tag = repository.tag(answer.number, &name)?;
    let Some(tag) = tag.filter(|tag| named.is_some() || trailer(&tag.message, "Turn-Id").is_some()) else {
        // Somebody else may give a tag such a name; it guards nothing.
        if matches!(seal, RecordGuard::Seal(_)) || (named.is_none() && answer.claim.is_none()) {
            return Ok(RecordGuard::Missing);
        }
        return moved("it is not the annotated tag that the ledger made".to_owned());
    };
    if let Some(sentence) = other_record(&tag.message, answer) {
        return moved(sentence);
    }
    let said = trailer(&tag.message, "Turn-Manifest-Sha256");
    if said != Some(&manifest_in(repository, answer, &tag.target)?.unwrap_or_default()) {
        return moved(format!("it is on {}, which does not have the manifest that it names", tag.target));
    }
    if said != Some(answer.sha256) {
        mismatch(answer, &name, said, outcome);
        return Ok(RecordGuard::Wrong);
    }
    Ok(RecordGuard::Tag(tag.target))
}

fn by_seal(
    repository: &Repository<'_>,
    answer: &Answer<'_>,
    outcome: &mut RecordFindings,
) -> Result<RecordGuard, VcsError> {
    let name = format!("{SEAL_PREFIX}{}", answer.number);
    let Some(oid) = repository.refs.seals.get(&answer.number) else { return Ok(RecordGuard::Missing) };
    let mut differs = |sentence: String| {
        outcome.findings.push(answer.find(Code::SealMismatch, name.clone(), sentence));
        Ok(RecordGuard::Wrong)
    };
    let Some(commit) = repository.commit(oid)? else {
        return differs(format!("it names {oid}, which is no commit that is there"));
    };
    if let Some(sentence) = other_record(&commit.message, answer) {
        return differs(sentence);
    }
    let said = trailer(&commit.message, "Turn-Manifest-Sha256");
    if said != Some(answer.sha256) {
        mismatch(answer, &name, said, outcome);
        return Ok(RecordGuard::Wrong);
    }
    let Some(trees) = answer.sealed.map(|sealed| &sealed.ledger.trees) else {
        return Ok(RecordGuard::Seal(commit.tree));
    };
    for (folder, tree) in [("before", &trees.before), ("after", &trees.after)] {
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
fn other_record(message: &str, answer: &Answer<'_>) -> Option<String> {
    let number = answer.number.to_string();
    match (trailer(message, "Turn-Id"), trailer(message, "Turn-Uid")) {
        (Some(id), _) if id != number => Some(format!("it belongs to turn {id}")),
        (_, Some(uid)) if answer.uid.is_some_and(|named| named != uid) => {
            Some(format!("it belongs to the record {uid}"))
        }
        (Some(_), Some(_)) => None,
        _ => Some("it names no record".to_owned()),
    }
}

fn mismatch(answer: &Answer<'_>, name: &str, said: Option<&str>, outcome: &mut RecordFindings) {
    let said = said.unwrap_or("none");
    let sentence = format!("the manifest has the hash {} and {name} says {said}", answer.sha256);
    outcome.findings.push(answer.find(Code::SealMismatch, answer.path(), sentence));
}

fn absent(
    repository: &Repository<'_>,
    answer: &Answer<'_>,
    name: &str,
    code: Code,
    outcome: &mut RecordFindings,
) {
    if repository.purged.contains(&answer.number) {
        return;
    }
    if !repository.refs.claims.contains_key(&answer.number) || !repository.is_made_here(answer.number) {
        outcome.is_seal_elsewhere = true;
    } else if code == Code::TagMissing {
        outcome.is_tag_gone = true;
    } else {
        let sentence = "the record was made in this repository, and what guards it is gone";
        outcome.findings.push(answer.find(code, name, sentence));
    }
}

/// The hash of the record's manifest as a commit has it.
fn manifest_in(
    repository: &Repository<'_>,
    answer: &Answer<'_>,
    commit: &Oid,
) -> Result<Option<String>, VcsError> {
    let path = manifest_path(answer.number);
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
