//! The turn's changes become a commit.

use codex_protocol::with_causes;

use super::Sealing;
use crate::git::{Commit, Created, Swapped, VcsError};
use crate::ledger_error::LedgerError;
use crate::manifest::RecordState;
use crate::record::journal::{CommitEntry, OpenedEntry, WORK, WORK_ASIDE};
use crate::texts::markdown::one_line;
use crate::values::Oid;
use crate::values::places::ledger_path;

/// What moves where no branch is checked out.
const DETACHED: &str = "HEAD";

/// Where a commit ended up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placed {
    OnBranch,
    Aside,
}

impl Sealing<'_> {
    pub(super) fn commit_work(&mut self) -> Result<(), LedgerError> {
        let failed = || LedgerError::git("commit the work of the turn");
        let ran = self.ran()?;
        let Some(before) = &self.opened.before else { return Ok(()) };
        let after = match &ran.tree_after {
            Some(after) if *after != before.tree && ran.state != RecordState::Interrupted => after,
            _ => return Ok(()),
        };
        let vcs = self.parts.vcs.as_ref();
        let head = before.head.as_deref().and_then(|head| head.parse::<Oid>().ok());
        let head_tree = head.as_ref().map(|head| vcs.tree_of(head)).transpose().map_err(failed())?;
        let tree = self.with_committed_ledger(after, head_tree.as_ref()).map_err(failed())?;
        let work = if let Some(CommitEntry { oid }) = self.journal.read(WORK)? {
            parse(&oid)?
        } else {
            let name = one_line(&self.opened.header.task.name);
            let id = self.opened.turn_id;
            let message = format!("turn: {id} {name}\n\nTurn-Id: {id}\nTurn-Task: {name}\n");
            let identity = self.parts.identity().map_err(failed())?;
            let commit =
                Commit::new(tree.clone(), head.iter().cloned().collect(), message, identity, ran.finished);
            let work = vcs.commit_tree(&commit).map_err(failed())?;
            self.journal.write(
                self.parts.disk.as_ref(),
                WORK,
                &CommitEntry { oid: work.as_str().to_owned() },
            )?;
            work
        };
        match self.move_branch(&work, head.as_ref()).map_err(failed())? {
            Placed::OnBranch => self.advance_index(head_tree.as_ref(), &tree),
            Placed::Aside => {
                let entry = CommitEntry { oid: work.as_str().to_owned() };
                self.journal.write(self.parts.disk.as_ref(), WORK_ASIDE, &entry)?;
            }
        }
        Ok(())
    }

    /// The tree after with the ledger as the commit before has it, since a snapshot has none.
    fn with_committed_ledger(&self, after: &str, head_tree: Option<&Oid>) -> Result<Oid, VcsError> {
        let vcs = self.parts.vcs.as_ref();
        let after = after.parse::<Oid>().map_err(|error| VcsError::Unreadable {
            step: "commit the work of the turn",
            reason: error.to_string(),
        })?;
        let ledger = match head_tree {
            Some(tree) => vcs.entry(tree, &ledger_path())?,
            None => None,
        };
        match ledger {
            Some(ledger) => vcs.tree_with(Some(&after), &[ledger]),
            None => Ok(after),
        }
    }

    /// The commit that the record names: that of the work, or HEAD as it is.
    pub(super) fn head_after(&self) -> Result<Option<String>, LedgerError> {
        let work: Option<CommitEntry> = self.journal.read(WORK)?;
        let head = self.opened.before.as_ref().and_then(|before| before.head.clone());
        Ok(match work {
            Some(work) => Some(work.oid),
            None if self.mode().commits() => head,
            None => self.ran()?.head_after,
        })
    }

    /// Moves the branch that the turn began on, if it stands where it should.
    pub(super) fn move_branch(&self, new: &Oid, old: Option<&Oid>) -> Result<Placed, VcsError> {
        let vcs = self.parts.vcs.as_ref();
        let name = target_ref(&self.opened);
        let here = if name == DETACHED {
            if vcs.branch()?.is_some() {
                return Ok(Placed::Aside);
            }
            vcs.head()?
        } else {
            vcs.read_ref(&name)?
        };
        if here.as_ref() == Some(new) {
            return Ok(Placed::OnBranch);
        }
        if here.as_ref() != old {
            return Ok(Placed::Aside);
        }
        let moved = match old {
            Some(old) => match vcs.update_ref(&name, new, old)? {
                Swapped::Done => true,
                Swapped::Elsewhere(_) => false,
                Swapped::Locked { reason, .. } => return Err(locked(reason)),
            },
            None => match vcs.create_ref(&name, new, &[])? {
                Created::Made { .. } | Created::Unsigned { .. } => true,
                Created::Exists { .. } => false,
                Created::Locked { reason, .. } => return Err(locked(reason)),
            },
        };
        Ok(if moved { Placed::OnBranch } else { Placed::Aside })
    }

    /// Keeps a commit beside the user's index from looking like a staged reversal.
    pub(super) fn advance_index(&mut self, from: Option<&Oid>, to: &Oid) {
        let vcs = self.parts.vcs.as_ref();
        let from = from.map_or_else(|| vcs.tree_with(None, &[]), |from| Ok(from.clone()));
        if let Err(error) = from.and_then(|from| vcs.advance_index(&from, to)) {
            self.warnings
                .push(format!("the index does not follow the commit everywhere: {}", with_causes(&error)));
        }
    }
}

/// The full name of the ref that commits of the turn go to.
pub(super) fn target_ref(opened: &OpenedEntry) -> String {
    let branch = opened.before.as_ref().and_then(|before| before.branch.as_deref());
    branch.map_or_else(|| DETACHED.to_owned(), |branch| format!("refs/heads/{branch}"))
}

pub(super) fn parse(oid: &str) -> Result<Oid, LedgerError> {
    oid.parse().map_err(|error: crate::values::InvalidOid| LedgerError::Refused {
        step: "read the journal",
        reason: error.to_string(),
    })
}

fn locked(reason: String) -> VcsError {
    VcsError::Failed { step: "move the branch", code: None, stderr: reason }
}
