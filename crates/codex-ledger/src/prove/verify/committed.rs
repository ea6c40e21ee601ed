//! [`Committed`]: what the commit at HEAD has of the ledger.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::git::{ObjectKind, Vcs, VcsError};
use crate::values::places::{ledger_path, manifest_path, turns_path};
use crate::values::{Oid, RepoPath, TurnId};

/// What the commit at HEAD has of the ledger.
pub(super) struct Committed<'a> {
    pub(super) vcs: &'a dyn Vcs,
    /// The commit.
    pub(super) head: Option<Oid>,
    /// The numbers of the records in it.
    pub(super) records: BTreeSet<TurnId>,
    /// What is left out of the worktree on purpose, once somebody has asked.
    left_out: OnceCell<BTreeSet<RepoPath>>,
}

impl<'a> Committed<'a> {
    pub(super) fn read(vcs: &'a dyn Vcs) -> Result<Self, VcsError> {
        Self::at(vcs, vcs.head()?)
    }

    /// What another commit has.
    pub(super) fn at(vcs: &'a dyn Vcs, head: Option<Oid>) -> Result<Self, VcsError> {
        let folder = turns_path();
        let records = match &head {
            Some(head) => folders_in(vcs, head, &folder)?,
            None => BTreeSet::new(),
        };
        Ok(Self { vcs, head, records, left_out: OnceCell::new() })
    }

    /// Whether a file of the ledger is left out of the worktree on purpose, by a sparse checkout.
    pub(super) fn is_left_out(&self, path: &RepoPath) -> bool {
        let find = || {
            self.vcs.left_out(&ledger_path()).unwrap_or_else(|error| {
                tracing::debug!(%error, "what is left out of the worktree is not known");
                BTreeSet::new()
            })
        };
        self.left_out.get_or_init(find).contains(path)
    }

    /// The SHA-256 of the manifests of records as the commit has them.
    pub(super) fn manifests(&self, numbers: &[TurnId]) -> Result<BTreeMap<TurnId, String>, VcsError> {
        let Some(head) = &self.head else { return Ok(BTreeMap::new()) };
        let there: Vec<TurnId> =
            numbers.iter().copied().filter(|number| self.records.contains(number)).collect();
        let places: Vec<(Oid, RepoPath)> =
            there.iter().map(|number| (head.clone(), manifest_path(*number))).collect();
        let blobs = self.vcs.oids_at(&places)?;
        let (there, blobs): (Vec<TurnId>, Vec<Oid>) =
            there.into_iter().zip(blobs).filter_map(|(number, blob)| Some((number, blob?))).unzip();
        let sha256s = self.vcs.blob_sha256s(&blobs)?;
        Ok(there.into_iter().zip(sha256s).collect())
    }

    /// The SHA-256 of a file of the ledger as the commit has it.
    pub(super) fn sha256(&self, path: RepoPath) -> Result<Option<String>, VcsError> {
        let Some(head) = &self.head else { return Ok(None) };
        let Some(blob) = self.vcs.oids_at(&[(head.clone(), path)])?.pop().flatten() else { return Ok(None) };
        Ok(self.vcs.blob_sha256s(&[blob])?.pop())
    }
}

/// The numbers that folders in a folder of a commit have as names.
pub(super) fn folders_in(
    vcs: &dyn Vcs,
    commit: &Oid,
    folder: &RepoPath,
) -> Result<BTreeSet<TurnId>, VcsError> {
    let Some(tree) = vcs.oids_at(&[(commit.clone(), folder.clone())])?.pop().flatten() else {
        return Ok(BTreeSet::new());
    };
    let tree = vcs.read_object(&tree)?.filter(|tree| tree.kind == ObjectKind::Tree);
    Ok(tree.map(|tree| numbers_in(&tree.bytes, commit.as_str().len() / 2)).unwrap_or_default())
}

/// `<mode> <name>\0<object>` each.
fn numbers_in(tree: &[u8], object_length: usize) -> BTreeSet<TurnId> {
    let mut numbers = BTreeSet::new();
    let mut rest = tree;
    while let Some(zero) = memchr::memchr(0, rest) {
        let name = rest[..zero].strip_prefix(b"40000 ").and_then(|name| std::str::from_utf8(name).ok());
        numbers.extend(name.and_then(|name| name.parse::<TurnId>().ok()));
        rest = rest.get(zero + 1 + object_length..).unwrap_or_default();
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::numbers_in;
    use crate::values::TurnId;

    #[test]
    fn folders_with_a_number_as_name_are_records() {
        let oid = [b'0'; 20];
        let entries: [&[u8]; 5] =
            [b"100644 7\0", b"40000 12\0", b"40000 turn-9\0", b"120000 3\0", b"40000 4\0"];
        let tree: Vec<u8> = entries.iter().flat_map(|entry| [entry, oid.as_slice()].concat()).collect();
        let numbers: Vec<u64> = numbers_in(&tree, 20).into_iter().map(TurnId::get).collect();
        assert_eq!(numbers, [4, 12]);
        assert_eq!(numbers_in(&tree[..30], 20).len(), 0);
    }
}
