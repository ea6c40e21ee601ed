//! [`ask`]: asks git about many records at once.

use std::collections::HashSet;

use super::asked::Asked;
use super::repository::Repository;
use super::sealed::Sealed;
use crate::git::VcsError;
use crate::record::parts::LedgerParts;
use crate::values::places::repo_path;
use crate::values::{Oid, RepoPath, TreeId};

/// So many records are asked for at once: it bounds the memory, and hides the start of git.
pub(super) const AT_ONCE: usize = 256;

/// Asks what the checks will want to know of some records.
pub(super) fn ask(repository: &Repository<'_>, records: &[Sealed<'_>]) -> Asked {
    let mut asked = Asked::default();
    if let Err(error) = asked.ask(repository, records) {
        tracing::debug!(%error, "git is asked record by record");
    }
    asked
}

impl Asked {
    fn ask(&mut self, repository: &Repository<'_>, records: &[Sealed<'_>]) -> Result<(), VcsError> {
        let guards = records.iter().filter_map(|record| guard(repository, record));
        let works = records.iter().filter(|record| record.tag().is_some()).filter_map(Sealed::head_after);
        self.read(repository, guards.chain(works).chain(records.iter().flat_map(trees)))?;
        let mut places = Vec::new();
        let mut targets = Vec::new();
        for record in records {
            let Some(guard) = guard(repository, record) else { continue };
            if let Some(tag) = self.tag(&guard) {
                places.push((tag.target.clone(), record.manifest_path()));
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
            let [Some(before), Some(after)] = record.sides() else { continue };
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
        let same = repository.vcs.same_outside(&works, &LedgerParts::exclude())?;
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

fn trees(record: &Sealed<'_>) -> impl Iterator<Item = TreeId> {
    record.sides().into_iter().flatten()
}
