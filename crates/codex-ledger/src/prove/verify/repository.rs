//! [`Repository`]: what every check of a record against git needs.

use std::collections::{BTreeSet, HashMap};

use super::asked::Asked;
use super::known_refs::KnownRefs;
use crate::git::{CommitInfo, TagInfo, Vcs, VcsError};
use crate::values::{Oid, Places, RepoPath, TreeId, TurnId};

/// What every check of a record against git needs.
pub(super) struct Repository<'a> {
    pub(super) vcs: &'a dyn Vcs,
    pub(super) refs: &'a KnownRefs,
    pub(super) places: Places,
    pub(super) head: Option<Oid>,
    pub(super) is_shallow: bool,
    /// The latest commits of the branch, asked for once: most records are among them.
    pub(super) latest: HashMap<Oid, CommitInfo>,
    /// What was asked for the records that are being looked at.
    pub(super) asked: Asked,
    /// Records of which something was removed: what still held it may have been removed with it.
    pub(super) purged: BTreeSet<TurnId>,
}

impl Repository<'_> {
    /// A commit, if it is there.
    pub(super) fn commit(&self, oid: &Oid) -> Result<Option<CommitInfo>, VcsError> {
        match self.latest.get(oid).cloned().or_else(|| self.asked.commit(oid)) {
            Some(commit) => Ok(Some(commit)),
            None => self.vcs.commit(oid),
        }
    }

    /// The annotated tag of a record, if it is there and is one.
    pub(super) fn tag(&self, number: TurnId, name: &str) -> Result<Option<TagInfo>, VcsError> {
        match self.refs.tags.get(&number).and_then(|oid| self.asked.tag(oid)) {
            Some(tag) => Ok(Some(tag)),
            None => self.vcs.tag(name),
        }
    }

    /// Whether an object is there.
    pub(super) fn has(&self, oid: &Oid) -> Result<bool, VcsError> {
        Ok(self.asked.has(oid) || self.vcs.read_object(oid)?.is_some())
    }

    /// What stands at a path of a tree.
    pub(super) fn oid_at(&self, tree: &TreeId, path: &RepoPath) -> Result<Option<Oid>, VcsError> {
        match self.asked.at(tree, path) {
            Some(oid) => Ok(Some(oid.clone())),
            None => Ok(self.vcs.entry(tree, path)?.map(|entry| entry.oid)),
        }
    }

    /// Whether a commit is below another one, or the same.
    pub(super) fn is_below(&self, ancestor: &Oid, descendant: &Oid) -> Result<bool, VcsError> {
        let is_parent = self.latest.get(descendant).is_some_and(|commit| commit.parents.contains(ancestor));
        Ok(is_parent || self.vcs.is_ancestor(ancestor, descendant)?)
    }

    /// Whether the branch that is checked out has a commit; where nothing is, everything is as it should be.
    pub(super) fn is_on_branch(&self, commit: &Oid) -> Result<bool, VcsError> {
        match &self.head {
            Some(head) => Ok(self.latest.contains_key(commit) || self.vcs.is_ancestor(commit, head)?),
            None => Ok(true),
        }
    }
}
