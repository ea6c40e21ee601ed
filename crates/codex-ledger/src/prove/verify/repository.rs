//! [`Repository`]: what every check of a record against git needs.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, OnceLock};

use super::asked::Asked;
use super::known_refs::KnownRefs;
use super::made_here::MadeHere;
use super::outside::{OutsideTrees, WithoutLedger};
use crate::git::{CommitInfo, TagInfo, Vcs, VcsError};
use crate::values::{Oid, Places, RepoPath, TreeId, TurnId};

/// What every check of a record against git needs.
pub(super) struct Repository<'a> {
    pub(super) vcs: &'a dyn Vcs,
    pub(super) refs: &'a KnownRefs,
    pub(super) places: Places,
    pub(super) head: Option<Oid>,
    /// The records that HEAD has.
    pub(super) in_head: &'a BTreeSet<TurnId>,
    pub(super) is_shallow: bool,
    /// The latest commits of the branch, asked for once: most records are among them.
    pub(super) latest: HashMap<Oid, CommitInfo>,
    /// What was asked for the records that are being looked at.
    pub(super) asked: Asked,
    /// Records of which something was removed: what still held it may have been removed with it.
    pub(super) purged: BTreeSet<TurnId>,
    /// Which numbers were claimed in this repository.
    pub(super) made_here: &'a MadeHere,
    /// What is left of the trees of the latest commits, once somebody has asked.
    pub(super) committed: OnceLock<Option<OutsideTrees>>,
    /// Patches that lead to trees which nobody has, and what may still be done about others.
    pub(super) replay: Mutex<Replay>,
}

/// Patches that were applied to find out where they lead.
pub(super) struct Replay {
    /// How many more may be applied: each takes starting git several times.
    pub(super) left: usize,
    /// The trees that they led to, and where they are: as they are, or with the ledger in them.
    pub(super) made: HashMap<TreeId, TreeId>,
}

impl Default for Replay {
    fn default() -> Self {
        Self { left: 256, made: HashMap::new() }
    }
}

impl Repository<'_> {
    /// Whether a number was claimed in this repository.
    pub(super) fn is_made_here(&self, number: TurnId) -> bool {
        self.made_here.is_known(number)
    }

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

    /// What is left of a tree without the ledger.
    pub(super) fn outside(&self, root: &TreeId) -> Result<Option<WithoutLedger>, VcsError> {
        if let Some(known) = self.asked.outside.of(root) {
            return Ok(Some(known.clone()));
        }
        let mut outside = OutsideTrees::default();
        outside.add(self.vcs, [root.clone()])?;
        Ok(outside.of(root).cloned())
    }

    /// What is left of the trees of the latest commits.
    pub(super) fn committed(&self) -> Option<&OutsideTrees> {
        let find = || {
            let mut outside = OutsideTrees::default();
            let roots = self.latest.values().map(|commit| commit.tree.clone());
            match outside.add(self.vcs, roots) {
                Ok(()) => Some(outside),
                Err(error) => {
                    tracing::debug!(%error, "the trees of the branch cannot be read");
                    None
                }
            }
        };
        self.committed.get_or_init(find).as_ref()
    }

    /// The tree of this name, or that of a commit of which it is all but the ledger.
    pub(super) fn place(&self, tree: &TreeId) -> Result<Option<TreeId>, VcsError> {
        if self.asked.has(tree) {
            return Ok(Some(tree.clone()));
        }
        let root = self.asked.outside.root_of(tree);
        if let Some(root) = root.or_else(|| self.committed()?.root_of(tree)) {
            return Ok(Some(root.clone()));
        }
        if let Some(made) = self.replay.lock().ok().and_then(|replay| replay.made.get(tree).cloned()) {
            return Ok(Some(made));
        }
        let is_there = !self.asked.is_whole && self.vcs.read_object(tree)?.is_some();
        Ok(is_there.then(|| tree.clone()))
    }
}
