//! [`WorktreeHead`]: where a worktree stands.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use super::committed::Committed;
use super::known_refs::trailer;
use crate::claims::TAG_PREFIX;
use crate::git::{VcsError, Worktree};
use crate::manifest::Manifest;
use crate::system::plain_file::{read_manifest, read_plain};
use crate::values::{Oid, Places, TurnId};

/// Where this worktree stands.
pub(super) struct WorktreeHead<'a> {
    pub(super) committed: &'a Committed<'a>,
    branch: Option<String>,
    others: Vec<PathBuf>,
}

impl<'a> WorktreeHead<'a> {
    pub(super) fn look(committed: &'a Committed<'a>) -> Result<Self, VcsError> {
        let branch = committed.vcs.branch()?;
        Ok(Self { committed, branch, others: other_worktrees(committed.vcs) })
    }

    /// The commit that a tag of the ledger is on, if this branch has it.
    pub(super) fn commit_on_branch(&self, number: TurnId, tag: &Oid) -> Result<Option<Oid>, VcsError> {
        let Some(head) = &self.committed.head else { return Ok(None) };
        let found = self.committed.vcs.tag(&format!("{TAG_PREFIX}{number}"))?;
        let Some(found) = found.filter(|found| found.oid == *tag && is_seal_of(&found.message, number))
        else {
            return Ok(None);
        };
        let on_branch = self.committed.vcs.is_ancestor(&found.target, head)?;
        Ok(on_branch.then_some(found.target))
    }

    /// Whether a record that no commit holds was made on the branch that is checked out here, and is in no other
    /// worktree.
    pub(super) fn seal_is_of_this_branch(&self, number: TurnId, seal: &Oid) -> Result<bool, VcsError> {
        let found = self.committed.vcs.commit(seal)?;
        let Some(message) = found.map(|found| found.message).filter(|message| is_seal_of(message, number))
        else {
            return Ok(false);
        };
        let branch = trailer(&message, "Turn-Branch").filter(|branch| !branch.is_empty());
        let uid = trailer(&message, "Turn-Uid").unwrap_or_default();
        Ok(branch.is_some() && branch == self.branch.as_deref() && !self.is_in_other_worktree(number, uid))
    }

    pub(super) fn is_in_other_worktree(&self, number: TurnId, uid: &str) -> bool {
        self.others.iter().any(|worktree| {
            let manifest = read_manifest(&Places::below(worktree).manifest(number)).ok();
            let found =
                manifest.and_then(|bytes| Manifest::read(&bytes).ok()).and_then(|file| file.manifest.ledger);
            found.is_some_and(|part| part.uid == uid)
        })
    }

    /// Whether any worktree of this repository has a journal of a record.
    pub(super) fn has_journal(&self, uid: &str) -> bool {
        let common = self.committed.vcs.common_dir();
        let linked = fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten();
        let mut git_dirs = linked.map(|entry| entry.path()).chain([common.to_owned()]);
        git_dirs.any(|git_dir| {
            let intent = git_dir.join("turns").join("journal").join(uid).join("intent.json");
            !uid.contains('/') && intent.is_file()
        })
    }
}

fn is_seal_of(message: &str, number: TurnId) -> bool {
    trailer(message, "Turn-Id") == Some(number.to_string().as_str())
}

/// The top folders of the other worktrees of this repository.
fn other_worktrees(worktree: &(impl Worktree + ?Sized)) -> Vec<PathBuf> {
    let common = worktree.common_dir();
    let mut found: Vec<PathBuf> = common.parent().map(PathBuf::from).into_iter().collect();
    for entry in fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten() {
        let link = read_plain(&entry.path().join("gitdir")).unwrap_or_default();
        let git_file = entry.path().join(OsStr::from_bytes(link.trim_ascii_end()));
        found.extend(git_file.parent().map(PathBuf::from));
    }
    found.retain(|top| top != worktree.worktree_root());
    found
}
