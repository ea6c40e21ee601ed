//! [`ask`]: asks git about many records at once.

use std::collections::{HashMap, HashSet};

use super::asked::Asked;
use super::repository::Repository;
use super::sealed::Sealed;
use crate::git::{Comparison, VcsError};
use crate::record::parts::LedgerParts;
use crate::values::places::repo_path;
use crate::values::{Oid, RepoPath, TreeId};

/// So many records are asked for at once: it bounds the memory, and hides the start of git.
pub(super) const AT_ONCE: usize = 256;
/// A longer patch is not compared line by line.
const PATCH_BYTES: u64 = 64 << 20;

/// Asks what the checks will want to know of some records.
pub(super) fn ask(repository: &Repository<'_>, records: &[Sealed<'_>]) -> Asked {
    let mut asked = Asked::default();
    if let Err(error) = asked.ask(repository, records) {
        tracing::debug!(%error, "git is asked record by record");
    }
    asked
}

/// Asks where the trees of some records are, and nothing else.
pub(super) fn ask_for_places<'a>(
    repository: &Repository<'_>,
    records: impl Iterator<Item = &'a Sealed<'a>>,
) -> Asked {
    let mut asked = Asked::default();
    let (mut wanted, mut begun) = (HashSet::new(), HashSet::new());
    for record in records {
        wanted.extend(trees(record));
        begun.extend(record.head_before());
    }
    if let Err(error) = asked.find_places(repository, wanted, &begun) {
        tracing::debug!(%error, "git is asked record by record");
    }
    asked
}

impl Asked {
    fn find_places(
        &mut self,
        repository: &Repository<'_>,
        trees: HashSet<TreeId>,
        begun: &HashSet<Oid>,
    ) -> Result<(), VcsError> {
        self.read(repository, trees.into_iter().chain(begun.iter().cloned()))?;
        self.is_whole = true;
        let known = |oid: &Oid| repository.latest.get(oid).cloned().or_else(|| self.commit(oid));
        let roots: HashSet<TreeId> = begun.iter().filter_map(known).map(|commit| commit.tree).collect();
        self.outside.add(repository.vcs, roots)
    }

    fn ask(&mut self, repository: &Repository<'_>, records: &[Sealed<'_>]) -> Result<(), VcsError> {
        let wanted = records.iter().flat_map(|record| guards(repository, record));
        let wanted = wanted.chain(records.iter().flat_map(commits));
        self.read(repository, wanted.chain(records.iter().flat_map(trees)))?;
        let mut places = Vec::new();
        let mut targets = Vec::new();
        for record in records {
            if let Some(head) = &repository.head
                && repository.in_head.contains(&record.number)
            {
                places.push((head.clone(), record.manifest_path()));
            }
            for guard in guards(repository, record) {
                if let Some(tag) = self.tag(&guard) {
                    places.push((tag.target.clone(), record.manifest_path()));
                    targets.push(tag.target);
                } else if let Some(seal) = self.commit(&guard) {
                    places.extend(["before", "after"].map(|side| (seal.tree.clone(), repo_path(side))));
                }
            }
        }
        self.is_whole = true;
        self.read(repository, targets.into_iter())?;
        self.look_up(repository, places)?;
        let known = |oid: Oid| repository.latest.get(&oid).cloned().or_else(|| self.commit(&oid));
        let roots: HashSet<TreeId> =
            records.iter().flat_map(commits).filter_map(known).map(|commit| commit.tree).collect();
        self.outside.add(repository.vcs, roots)?;
        self.compare(repository, records)?;
        self.hash_outputs(repository)
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
        self.hash(repository, blobs)?;
        self.places.extend(places.into_iter().zip(found).filter_map(|(place, found)| Some((place, found?))));
        Ok(())
    }

    fn hash(&mut self, repository: &Repository<'_>, blobs: HashSet<Oid>) -> Result<(), VcsError> {
        let blobs: Vec<Oid> = blobs.into_iter().filter(|blob| !self.sha256s.contains_key(blob)).collect();
        let sha256s = repository.vcs.blob_sha256s(&blobs)?;
        self.sha256s.extend(blobs.into_iter().zip(sha256s));
        Ok(())
    }

    fn compare(&mut self, repository: &Repository<'_>, records: &[Sealed<'_>]) -> Result<(), VcsError> {
        let mut pairs: HashMap<(TreeId, TreeId), (TreeId, TreeId)> = HashMap::new();
        let mut redacted = HashSet::new();
        for record in records {
            let [Some(before), Some(after)] = record.sides() else { continue };
            if before == after {
                continue;
            }
            let there = [&before, &after].map(|tree| self.place(repository, tree));
            let [Some(before_there), Some(after_there)] = there else { continue };
            let pair = (before, after);
            if !record.redacted_in_patch().is_empty() {
                redacted.insert(pair.clone());
            }
            pairs.insert(pair, (before_there, after_there));
        }
        let exclude = LedgerParts::exclude();
        let (named, there): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let comparisons = repository.vcs.compare(&there, Some(&exclude))?;
        let (named_redacted, there): (Vec<_>, Vec<_>) =
            named.iter().cloned().zip(there).filter(|(named, _)| redacted.contains(named)).unzip();
        self.comparisons.extend(named.into_iter().zip(comparisons));
        let patches = repository.vcs.patches(&there, Some(&exclude), PATCH_BYTES)?;
        let patches = named_redacted.into_iter().zip(patches);
        self.patches.extend(patches.filter_map(|(named, patch)| Some((named, patch.bytes?))));
        Ok(())
    }

    /// The tree of this name, or that of a commit of which it is all but the ledger.
    fn place(&self, repository: &Repository<'_>, tree: &TreeId) -> Option<TreeId> {
        if self.has(tree) {
            return Some(tree.clone());
        }
        let root = self.outside.root_of(tree);
        root.or_else(|| repository.committed()?.root_of(tree)).cloned()
    }

    /// Hashes what the turns wrote. Where a blob is missing (a partial clone), none is hashed.
    fn hash_outputs(&mut self, repository: &Repository<'_>) -> Result<(), VcsError> {
        let written = |comparison: &Comparison| -> Vec<Oid> {
            let after = comparison.changes.entries.iter().filter_map(|change| change.after.as_ref());
            after.filter(|(kind, _)| kind.is_blob()).map(|(_, oid)| oid.clone()).collect()
        };
        let blobs = self.comparisons.values().flat_map(written).collect();
        self.hash(repository, blobs)
    }
}

/// The tag and the seal that guard a record, whatever it says of itself.
fn guards(repository: &Repository<'_>, record: &Sealed<'_>) -> impl Iterator<Item = Oid> {
    let refs = [&repository.refs.tags, &repository.refs.seals];
    refs.into_iter().filter_map(|refs| refs.get(&record.number)).cloned().collect::<Vec<_>>().into_iter()
}

/// The commits that a record began and ended on.
fn commits(record: &Sealed<'_>) -> impl Iterator<Item = Oid> {
    [record.head_before(), record.head_after()].into_iter().flatten()
}

fn trees(record: &Sealed<'_>) -> impl Iterator<Item = TreeId> {
    record.sides().into_iter().flatten()
}
