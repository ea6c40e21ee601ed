//! [`Whereabouts`]: where git still has records that are not in the worktree.

use std::collections::BTreeMap;

use super::committed::Committed;
use crate::claims::SEAL_PREFIX;
use crate::git::{Addition, Alteration, CommitInfo, Vcs, VcsError};
use crate::values::places::{manifest_path, turn_path, turns_path};
use crate::values::{LEDGER_ROOT, Oid, TurnId};

/// So many branches are looked at for a commit.
const BRANCHES: usize = 500;

/// What git knows of records that are not in the worktree.
pub(super) struct Whereabouts<'a> {
    committed: &'a Committed<'a>,
    /// Commits of this branch that removed a manifest, newest first.
    removals: BTreeMap<TurnId, Vec<Alteration>>,
    /// Commits anywhere that brought one.
    additions: BTreeMap<TurnId, Vec<Addition>>,
    branches: Vec<(String, Oid)>,
}

/// A record that a commit of this branch removed.
pub(super) struct RemovedRecord {
    /// The commit.
    pub(super) commit: Oid,
    /// The commit that this one undoes, if it undoes all of it.
    pub(super) undoes: Option<Oid>,
    /// The manifest as it was before.
    pub(super) manifest: Oid,
}

/// A record that is somewhere else.
pub(super) struct HeldRecord {
    /// Where, as a person would say it.
    pub(super) place: String,
    /// The manifest there.
    pub(super) manifest: Oid,
}

impl<'a> Whereabouts<'a> {
    /// Looks for some records at once; `altered` is what commits of this branch did to records, if it was read already.
    pub(super) fn of(
        committed: &'a Committed<'a>,
        numbers: &[TurnId],
        altered: Option<&[Alteration]>,
    ) -> Result<Self, VcsError> {
        let mut found =
            Self { committed, removals: BTreeMap::new(), additions: BTreeMap::new(), branches: Vec::new() };
        if numbers.is_empty() {
            return Ok(found);
        }
        let by_path: BTreeMap<_, TurnId> =
            numbers.iter().map(|number| (manifest_path(*number), *number)).collect();
        let vcs = committed.vcs;
        if let Some(head) = &committed.head {
            let folder = match numbers {
                [number] => turn_path(*number),
                _ => turns_path(),
            };
            let altered = match altered {
                Some(altered) => altered.to_vec(),
                None => vcs.alterations(None, head, &folder)?,
            };
            for removal in altered {
                if let Some(number) = by_path.get(&removal.path).filter(|_| removal.after.is_none()) {
                    found.removals.entry(*number).or_default().push(removal);
                }
            }
        }
        let paths: Vec<_> = by_path.keys().cloned().collect();
        // Seals hold each record by themselves, and the ref of a worktree what it had before its last turn.
        let except = [SEAL_PREFIX.to_owned(), "refs/worktree/".to_owned()];
        for addition in vcs.additions(&paths, &except)? {
            if let Some(number) = by_path.get(&addition.path) {
                found.additions.entry(*number).or_default().push(addition);
            }
        }
        if !found.additions.is_empty() {
            for prefix in ["refs/heads/", "refs/remotes/"] {
                let refs = vcs.list_refs(prefix)?;
                found.branches.extend(refs.into_iter().map(|entry| (entry.name, entry.oid)));
            }
            found.branches.truncate(BRANCHES);
        }
        Ok(found)
    }

    /// The commit of this branch that removed a record.
    pub(super) fn removed(&self, number: TurnId) -> Result<Option<RemovedRecord>, VcsError> {
        let Some(removal) = self.removals.get(&number).and_then(|removals| removals.first()) else {
            return Ok(None);
        };
        let mut undoes = None;
        if let Some(commit) = self.committed.vcs.commit(&removal.commit)? {
            for addition in self.additions.get(&number).into_iter().flatten() {
                if addition.oid == removal.before && self.is_undone(&addition.commit, &commit)? {
                    undoes = Some(addition.commit.clone());
                    break;
                }
            }
        }
        Ok(Some(RemovedRecord { commit: removal.commit.clone(), undoes, manifest: removal.before.clone() }))
    }

    /// Whether a commit says that it reverts the one that brought a record (or the merge of it), or undoes its work, too.
    fn is_undone(&self, brought: &Oid, by: &CommitInfo) -> Result<bool, VcsError> {
        let vcs = self.committed.vcs;
        for (reverted, since) in reverts(&by.message) {
            if is_short_for(&reverted, brought) {
                return Ok(true);
            }
            let (Some(reverted), Some(since)) = (
                vcs.commit_named(&reverted)?,
                since.map(|since| vcs.commit_named(&since)).transpose()?.flatten(),
            ) else {
                continue;
            };
            if vcs.is_ancestor(brought, &reverted)? && !vcs.is_ancestor(brought, &since)? {
                return Ok(true);
            }
        }
        let (Some(before), Some(after)) = (self.changes_of(brought)?, self.changes_of(&by.oid)?) else {
            return Ok(false);
        };
        let undone: Vec<Change> =
            after.into_iter().map(|(path, before, after)| (path, after, before)).collect();
        Ok(!before.is_empty() && before.iter().all(|change| undone.contains(change)))
    }

    /// What a commit changed outside of the ledger.
    fn changes_of(&self, commit: &Oid) -> Result<Option<Vec<Change>>, VcsError> {
        let vcs = self.committed.vcs;
        let Some(commit) = vcs.commit(commit)? else { return Ok(None) };
        let before = match commit.parents.as_slice() {
            [] => None,
            [parent] => match vcs.commit(parent)? {
                Some(parent) => Some(parent.tree),
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        let changes = vcs.changes(before.as_ref(), &commit.tree)?;
        let is_outside = |path: &[u8]| !path.starts_with(format!("{LEDGER_ROOT}/").as_bytes());
        let changes = changes.entries.into_iter().filter(|change| is_outside(change.path.as_bytes()));
        let oid = |side: Option<(_, Oid)>| side.map(|(_, oid)| oid);
        Ok(Some(changes.map(|change| (change.path, oid(change.before), oid(change.after))).collect()))
    }

    /// Where a record is that this branch never had, if it is anywhere: on another branch, in a stash, or in commits that
    /// HEAD went back from.
    pub(super) fn held(&self, number: TurnId) -> Result<Option<HeldRecord>, VcsError> {
        let vcs = self.committed.vcs;
        for addition in self.additions.get(&number).into_iter().flatten() {
            let held = |place: String| Some(HeldRecord { place, manifest: addition.oid.clone() });
            let Some(commit) = vcs.commit(&addition.commit)? else { continue };
            if is_of_stash(&commit) {
                return Ok(held(format!("in the stash {}", commit.oid)));
            }
            for (name, tip) in &self.branches {
                if vcs.is_ancestor(&commit.oid, tip)? {
                    return Ok(held(format!("in commit {} of {name}", commit.oid)));
                }
            }
            if let Some(head) = &self.committed.head
                && vcs.is_ancestor(head, &commit.oid)?
            {
                return Ok(held(format!("in commit {}, from which HEAD was moved back", commit.oid)));
            }
        }
        Ok(None)
    }

    pub(super) fn vcs(&self) -> &'a dyn Vcs {
        self.committed.vcs
    }
}

/// A path, and the objects that stood and stand there.
type Change = (crate::values::RepoPath, Option<Oid>, Option<Oid>);

/// Git keeps untracked files of a stash in a commit of its own, without a parent.
fn is_of_stash(commit: &CommitInfo) -> bool {
    commit.parents.is_empty() && commit.message.starts_with("untracked files on ")
}

/// The commits that a message says it reverts, as git writes it; of a merge with the side that stays.
fn reverts(message: &str) -> Vec<(String, Option<String>)> {
    let word = |text: &str| -> Option<String> {
        let digits: String = text.chars().take_while(char::is_ascii_hexdigit).collect();
        (digits.len() >= 7).then_some(digits)
    };
    let text = message.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    text.split("This reverts commit ")
        .skip(1)
        .filter_map(|rest| {
            let since = rest.split_once("reversing changes made to ").and_then(|(_, since)| word(since));
            Some((word(rest)?, since))
        })
        .collect()
}

fn is_short_for(short: &str, oid: &Oid) -> bool {
    oid.as_str().starts_with(&short.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::reverts;

    #[test]
    fn what_a_message_says_it_reverts_is_read_as_git_writes_it() {
        let one = "Revert \"a\"\n\nThis reverts commit 0123456789abcdef0123456789abcdef01234567.\n";
        assert_eq!(reverts(one), [("0123456789abcdef0123456789abcdef01234567".to_owned(), None)]);
        let merge =
            "Revert \"m\"\n\nThis reverts commit 0123456789, reversing\nchanges made to fedcba9876.\n";
        assert_eq!(reverts(merge), [("0123456789".to_owned(), Some("fedcba9876".to_owned()))]);
        assert_eq!(
            reverts("This reverts commit 012345.\nThis reverts commit 7654321 and more"),
            [("7654321".to_owned(), None)]
        );
        assert!(reverts("Revert \"a\"").is_empty());
    }
}
