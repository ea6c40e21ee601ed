//! [`Asked`]: what git says of many records, asked at once.

use std::collections::{HashMap, HashSet};

use super::git_check::{Repository, Sealed};
use super::patch_check::tree;
use crate::oid::{Oid, TreeId};
use crate::parts::Parts;
use crate::places::{repo_path, turn_path};
use crate::repo_path::RepoPath;
use crate::vcs::{CommitInfo, Comparison, GitObject, TagInfo, VcsError};

/// So many records are asked for at once: it bounds the memory, and hides the start of git.
pub(super) const AT_ONCE: usize = 256;

/// Answers to what the checks will want to know of some records.
///
/// It has only what is there and what is well. Whatever is not in here is asked for record by record, which is
/// what finds the words for what is wrong.
#[derive(Debug, Default)]
pub(super) struct Asked {
    objects: HashMap<Oid, GitObject>,
    places: HashMap<(Oid, RepoPath), Oid>,
    sha256s: HashMap<Oid, String>,
    comparisons: HashMap<(TreeId, TreeId), Comparison>,
    same: HashSet<(TreeId, TreeId)>,
}

impl Asked {
    pub(super) fn about(repository: &Repository<'_>, records: &[Sealed<'_>]) -> Self {
        let mut asked = Self::default();
        if let Err(error) = asked.ask(repository, records) {
            tracing::debug!(%error, "git is asked record by record");
        }
        asked
    }

    pub(super) fn commit(&self, oid: &Oid) -> Option<CommitInfo> {
        CommitInfo::read(oid, self.objects.get(oid)?)
    }

    pub(super) fn tag(&self, oid: &Oid) -> Option<TagInfo> {
        TagInfo::read(oid, self.objects.get(oid)?)
    }

    pub(super) fn has(&self, oid: &Oid) -> bool {
        self.objects.contains_key(oid)
    }

    pub(super) fn at(&self, object: &Oid, path: &RepoPath) -> Option<&Oid> {
        self.places.get(&(object.clone(), path.clone()))
    }

    pub(super) fn sha256(&self, blob: &Oid) -> Option<&str> {
        self.sha256s.get(blob).map(String::as_str)
    }

    pub(super) fn comparison(&self, before: &TreeId, after: &TreeId) -> Option<&Comparison> {
        self.comparisons.get(&(before.clone(), after.clone()))
    }

    /// Whether the tree of a commit is known to be another one outside of the ledger.
    pub(super) fn is_same_outside(&self, commit: &CommitInfo, tree: &TreeId) -> bool {
        self.same.contains(&(commit.tree.clone(), tree.clone()))
    }

    fn ask(&mut self, repository: &Repository<'_>, records: &[Sealed<'_>]) -> Result<(), VcsError> {
        let guards = records.iter().filter_map(|record| guard(repository, record));
        let works = records.iter().filter(|record| record.tag().is_some()).filter_map(Sealed::head_after);
        self.read(repository, guards.chain(works).chain(records.iter().flat_map(trees)))?;
        let mut places = Vec::new();
        let mut targets = Vec::new();
        for record in records {
            let Some(guard) = guard(repository, record) else { continue };
            if let Some(tag) = self.tag(&guard) {
                places.push((tag.target.clone(), manifest_path(record)));
                targets.push(tag.target);
            } else if let Some(seal) = self.commit(&guard) {
                places.extend(["before", "after"].map(|side| (seal.tree.clone(), repo_path(side))));
            }
        }
        self.read(repository, targets.into_iter())?;
        self.look_up(repository, places)?;
        self.compare(repository, records)
    }

    fn read(
        &mut self,
        repository: &Repository<'_>,
        wanted: impl Iterator<Item = Oid>,
    ) -> Result<(), VcsError> {
        let unknown = wanted.filter(|oid| !repository.latest.contains_key(oid) && !self.has(oid));
        let wanted: Vec<Oid> = unknown.collect::<HashSet<Oid>>().into_iter().collect();
        let found = repository.vcs.read_objects(&wanted)?;
        self.objects.extend(wanted.into_iter().zip(found).filter_map(|(oid, found)| Some((oid, found?))));
        Ok(())
    }

    fn look_up(&mut self, repository: &Repository<'_>, places: Vec<(Oid, RepoPath)>) -> Result<(), VcsError> {
        let found = repository.vcs.oids_at(&places)?;
        let blobs: HashSet<Oid> = places
            .iter()
            .zip(&found)
            .filter(|((_, path), _)| path.as_bytes().ends_with(b"manifest.json"))
            .filter_map(|(_, found)| found.clone())
            .collect();
        let blobs: Vec<Oid> = blobs.into_iter().collect();
        let sha256s = repository.vcs.blob_sha256s(&blobs)?;
        self.sha256s.extend(blobs.into_iter().zip(sha256s));
        self.places.extend(places.into_iter().zip(found).filter_map(|(place, found)| Some((place, found?))));
        Ok(())
    }

    fn compare(&mut self, repository: &Repository<'_>, records: &[Sealed<'_>]) -> Result<(), VcsError> {
        let (mut pairs, mut works) = (HashSet::new(), HashSet::new());
        for record in records {
            let [Some(before), Some(after)] = sides(record) else { continue };
            if before != after && self.has(&before) && self.has(&after) {
                pairs.insert((before, after.clone()));
            }
            if let Some(work) = record.head_after()
                && record.tag().is_some()
                && let Some(work) = repository.latest.get(&work).cloned().or_else(|| self.commit(&work))
                && self.has(&after)
            {
                works.insert((work.tree, after));
            }
        }
        let works: Vec<(TreeId, TreeId)> = works.into_iter().collect();
        let same = repository.vcs.same_outside(&works, &Parts::exclude())?;
        self.same.extend(works.into_iter().zip(same).filter(|(_, same)| *same).map(|(work, _)| work));
        let pairs: Vec<(TreeId, TreeId)> = pairs.into_iter().collect();
        let comparisons = repository.vcs.compare(&pairs)?;
        self.comparisons.extend(pairs.into_iter().zip(comparisons));
        Ok(())
    }
}

/// The tag or the seal that should guard a record.
fn guard(repository: &Repository<'_>, record: &Sealed<'_>) -> Option<Oid> {
    let refs = if record.tag().is_some() { &repository.refs.tags } else { &repository.refs.seals };
    refs.get(&record.number).cloned()
}

fn sides(record: &Sealed<'_>) -> [Option<TreeId>; 2] {
    let trees = &record.ledger.trees;
    [tree(trees.before.as_deref()), tree(trees.after.as_deref())]
}

fn trees(record: &Sealed<'_>) -> impl Iterator<Item = TreeId> {
    sides(record).into_iter().flatten()
}

pub(super) fn manifest_path(record: &Sealed<'_>) -> RepoPath {
    repo_path(&format!("{}/manifest.json", turn_path(record.number)))
}
