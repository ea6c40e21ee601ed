//! [`Asked`]: what git has said of many records.

use std::collections::HashMap;

use super::outside::OutsideTrees;
use crate::git::{CommitInfo, Comparison, GitObject, TagInfo};
use crate::values::{Oid, RepoPath, TreeId};

/// Answers to what the checks will want to know of some records.
///
/// It has only what is there and what is well. Whatever is not in here is asked for record by record, which is
/// what finds the words for what is wrong.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Whether all was asked: then what is not in here is not there.
    pub(super) is_whole: bool,
    pub(super) objects: HashMap<Oid, GitObject>,
    pub(super) places: HashMap<(Oid, RepoPath), Oid>,
    pub(super) sha256s: HashMap<Oid, String>,
    pub(super) comparisons: HashMap<(TreeId, TreeId), Comparison>,
    /// Patches of which the recorded one is redacted.
    pub(super) patches: HashMap<(TreeId, TreeId), Vec<u8>>,
    /// What is left of the trees of commits that the records name.
    pub(super) outside: OutsideTrees,
}

impl Asked {
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

    pub(super) fn patch(&self, before: &TreeId, after: &TreeId) -> Option<&[u8]> {
        self.patches.get(&(before.clone(), after.clone())).map(Vec::as_slice)
    }
}
