//! [`Holders`]: where git still has the bytes of a file that was removed.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::claims::SEAL_PREFIX;
use crate::git::{ReadObjects, Refs, VcsError};
use crate::ledger_error::LedgerError;
use crate::values::places::{repo_path, turn_path};
use crate::values::{Oid, RepoPath, TurnId};

/// How many commits of a branch are looked at.
const COMMITS: usize = 1000;

/// Where git still has the bytes of a file of a record.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Holders {
    /// The commits that brought the file in, as far as the last thousand commits of the branch tell.
    pub commits: Vec<String>,
    /// The full names of the refs at whose tips it is.
    pub refs: Vec<String>,
    /// The remotes that have such a ref.
    pub remotes: Vec<String>,
    /// The commands that remove the bytes, in this order. They rewrite history.
    pub commands: Vec<String>,
}

impl Holders {
    pub(crate) fn find(
        vcs: &(impl ReadObjects + Refs + ?Sized),
        turn_id: TurnId,
        path: &str,
    ) -> Result<Self, LedgerError> {
        let path = repo_path(&format!("{}/{path}", turn_path(turn_id)));
        look(vcs, turn_id, &path).map_err(LedgerError::git("look for what holds a file"))
    }
}

fn look(
    vcs: &(impl ReadObjects + Refs + ?Sized),
    turn_id: TurnId,
    path: &RepoPath,
) -> Result<Holders, VcsError> {
    let mut holders = Holders::default();
    for prefix in ["refs/heads/", "refs/tags/", "refs/remotes/", SEAL_PREFIX] {
        for entry in vcs.list_refs(prefix)? {
            // A ref may name something that is no commit, such as a blob.
            if vcs
                .tree_of(&entry.oid)
                .is_ok_and(|tree| vcs.entry(&tree, path).is_ok_and(|found| found.is_some()))
            {
                holders.refs.push(entry.name);
            }
        }
    }
    let remotes: BTreeSet<&str> = holders
        .refs
        .iter()
        .filter_map(|name| name.strip_prefix("refs/remotes/")?.split('/').next())
        .collect();
    holders.remotes = remotes.into_iter().map(str::to_owned).collect();
    holders.commits = commits(vcs, path)?.into_iter().map(|oid| oid.to_string()).collect();
    holders.commands = commands(&holders, turn_id, path);
    Ok(holders)
}

/// The commits that have the file and whose parents do not.
fn commits(vcs: &(impl ReadObjects + Refs + ?Sized), path: &RepoPath) -> Result<Vec<Oid>, VcsError> {
    let Some(head) = vcs.head()? else { return Ok(Vec::new()) };
    let mut holding = Vec::new();
    for commit in vcs.log(&head, COMMITS)? {
        if vcs.entry(&commit.tree, path)?.is_some() {
            holding.push(commit);
        } else if !holding.is_empty() {
            // Records are added once; below the commit that added it there is nothing to find.
            break;
        }
    }
    let all: BTreeSet<Oid> = holding.iter().map(|commit| commit.oid.clone()).collect();
    let brought =
        holding.into_iter().filter(|commit| !commit.parents.iter().any(|parent| all.contains(parent)));
    Ok(brought.map(|commit| commit.oid).collect())
}

fn commands(holders: &Holders, turn_id: TurnId, path: &RepoPath) -> Vec<String> {
    let mut commands = Vec::new();
    let seal = format!("{SEAL_PREFIX}{turn_id}");
    if holders.refs.contains(&seal) {
        commands.push(format!("git update-ref -d {seal}"));
    }
    let is_committed = holders.refs.iter().any(|name| !name.starts_with(SEAL_PREFIX));
    if is_committed {
        commands
            .push(format!("git filter-repo --sensitive-data-removal --invert-paths --path {}", quoted(path)));
        for remote in &holders.remotes {
            commands.push(format!("git push --force --all {remote}"));
            commands.push(format!("git push --force --tags {remote}"));
        }
    }
    if !holders.refs.is_empty() {
        commands.push("git reflog expire --expire-unreachable=now --all".to_owned());
        commands.push("git gc --prune=now".to_owned());
    }
    commands
}

/// A path as a shell takes it.
fn quoted(path: &RepoPath) -> String {
    format!("'{}'", path.to_string().replace('\'', r"'\''"))
}
