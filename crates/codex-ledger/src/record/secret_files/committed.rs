//! [`CommittedPairs`]: who committed the pairs of a file of secrets, a person or a turn.

use std::collections::{BTreeMap, BTreeSet};

use super::hash;
use crate::git::{CommitInfo, VcsError};
use crate::read::Reader;
use crate::record::parts::LedgerParts;
use crate::redaction::parse_dotenv;
use crate::values::{Oid, RepoPath};

/// How far back commits are asked who made them.
const COMMITS: usize = 500;

/// How many versions of a file are read.
const VERSIONS: usize = 200;

/// How many of the newest records are asked whether the agent itself committed during its turn.
const RECORDS: usize = 200;

/// The hashes of the pairs that a file has in a commit, by who put them there. What nobody can tell is in neither: what is
/// older than the commits that are looked at, and what was committed while a turn ran.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct CommittedPairs {
    pub(super) by_persons: BTreeSet<String>,
    pub(super) by_turns: BTreeSet<String>,
}

impl CommittedPairs {
    /// Looks at the history of a file. That it cannot be read is as if nothing were committed.
    pub(super) fn of(parts: &LedgerParts, path: &str, head: Option<&str>) -> Self {
        Self::read(parts, path, head).unwrap_or_else(|error| {
            tracing::warn!(path, %error, "who committed a file of secrets is not known");
            Self::default()
        })
    }

    fn read(parts: &LedgerParts, path: &str, head: Option<&str>) -> Result<Self, VcsError> {
        let (Some(head), Ok(path)) = (head.and_then(|head| head.parse::<Oid>().ok()), path.parse()) else {
            return Ok(Self::default());
        };
        if parts.vcs.oids_at(&[(head.clone(), RepoPath::clone(&path))])?.iter().all(Option::is_none) {
            return Ok(Self::default());
        }
        let commits = parts.vcs.log(&head, COMMITS)?;
        let versions = versions(parts, &commits, &path)?;
        let Some(now) = versions.get(&head) else { return Ok(Self::default()) };
        let is_shallow = parts.vcs.is_shallow()?;
        let mut during_turns = None;
        let mut found = Self::default();
        for commit in &commits {
            let parents: Vec<_> = commit.parents.iter().map(|parent| versions.get(parent)).collect();
            // Where the history is cut off, nobody knows who did it.
            if parents.contains(&None) || parents.is_empty() && is_shallow {
                continue;
            }
            let here = versions.get(&commit.oid).into_iter().flatten().filter(|pair| now.contains(*pair));
            let is_new = |pair: &&String| !parents.iter().flatten().any(|there| there.contains(*pair));
            let mut new = here.filter(is_new).peekable();
            if new.peek().is_none() {
                continue;
            }
            if is_of_turn(commit) {
                found.by_turns.extend(new.cloned());
            } else if !during_turns
                .get_or_insert_with(|| commits_during_turns(parts, &commits))
                .contains(&commit.oid)
            {
                found.by_persons.extend(new.cloned());
            }
        }
        Ok(found)
    }
}

/// What the file hashes to in each of the commits, as far as its versions are read.
fn versions(
    parts: &LedgerParts,
    commits: &[CommitInfo],
    path: &RepoPath,
) -> Result<BTreeMap<Oid, BTreeSet<String>>, VcsError> {
    let places: Vec<_> = commits.iter().map(|commit| (commit.oid.clone(), path.clone())).collect();
    let oids = parts.vcs.oids_at(&places)?;
    let mut read: BTreeMap<Oid, BTreeSet<String>> = BTreeMap::new();
    let mut versions = BTreeMap::new();
    for (commit, oid) in commits.iter().zip(oids) {
        let Some(oid) = oid else {
            versions.insert(commit.oid.clone(), BTreeSet::new());
            continue;
        };
        if !read.contains_key(&oid) {
            if read.len() == VERSIONS {
                continue;
            }
            let object = parts.vcs.read_object(&oid)?;
            let pairs = object.map(|object| parse_dotenv(&object.bytes).iter().map(hash).collect());
            read.insert(oid.clone(), pairs.unwrap_or_default());
        }
        versions.insert(commit.oid.clone(), read[&oid].clone());
    }
    Ok(versions)
}

/// Whether the ledger made a commit, by its message, which a rebase keeps.
fn is_of_turn(commit: &CommitInfo) -> bool {
    let id = commit.message.lines().find_map(|line| line.strip_prefix("Turn-Id: "));
    id.is_some_and(|id| commit.message.starts_with(&format!("turn: {id} ")))
}

/// The commits between HEAD before a turn and HEAD after it, which an agent with full access can have made, or a person.
fn commits_during_turns(parts: &LedgerParts, commits: &[CommitInfo]) -> BTreeSet<Oid> {
    let reader = Reader::at(parts.vcs.worktree_root());
    let by_oid: BTreeMap<&str, &CommitInfo> =
        commits.iter().map(|commit| (commit.oid.as_str(), commit)).collect();
    let mut found = BTreeSet::new();
    for number in reader.numbers().unwrap_or_default().into_iter().rev().take(RECORDS) {
        let Ok(Some(record)) = reader.record(number) else { continue };
        let Some(git) = &record.manifest().git else { continue };
        let mut next: Vec<&str> = git.head_after.iter().map(String::as_str).collect();
        while let Some(oid) = next.pop().filter(|oid| Some(*oid) != git.head_before.as_deref()) {
            if let Some(commit) = by_oid.get(oid)
                && found.insert(commit.oid.clone())
            {
                next.extend(commit.parents.first().map(Oid::as_str));
            }
        }
    }
    found
}
