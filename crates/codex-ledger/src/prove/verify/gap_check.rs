//! Numbers without a record: gone, elsewhere, or never explained.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use super::known_refs::{KnownRefs, trailer};
use super::runs::runs;
use super::survey::Survey;
use crate::claims::{SEAL_PREFIX, TAG_PREFIX};
use crate::git::{Vcs, Worktree};
use crate::ledger_error::LedgerError;
use crate::manifest::Manifest;
use crate::prove::finding::{Finding, FindingCode as Code};
use crate::read::Reader;
use crate::system::plain_file::{read_manifest, read_plain};
use crate::values::{Oid, Places, TurnId};

const STEP: &str = "look for a record that is not here";

/// Looks for numbers without a record, except those of which something else is told.
pub(super) fn check(
    reader: &Reader,
    vcs: Option<&dyn Vcs>,
    survey: &Survey,
    refs: &KnownRefs,
    told: &BTreeSet<TurnId>,
    findings: &mut Vec<Finding>,
) -> Result<(), LedgerError> {
    let mut gaps = Gaps { survey, refs, here: vcs.map(WorktreeHead::look).transpose()? };
    let (mut elsewhere, mut unexplained) = (Vec::new(), Vec::new());
    for number in gaps.missing() {
        if told.contains(&number) {
            continue;
        }
        match gaps.explain(number)? {
            Explanation::Removed(sentence) => {
                let path = reader.shown(&reader.places().turn(number));
                findings.push(Finding::new(Code::RecordRemoved, path, sentence).of(number));
            }
            Explanation::Elsewhere => elsewhere.push(number),
            Explanation::None => unexplained.push(number),
        }
    }
    let path = reader.shown(&reader.places().turns());
    for run in runs(&elsewhere) {
        let sentence = format!("{run}: recorded or claimed in another worktree, branch or clone");
        findings.push(Finding::new(Code::Elsewhere, path.clone(), sentence));
    }
    for run in runs(&unexplained) {
        let sentence = format!("{run}: there is no record here, and nothing says where one is");
        findings.push(Finding::new(Code::UnexplainedGap, path.clone(), sentence));
    }
    Ok(())
}

enum Explanation {
    Removed(String),
    Elsewhere,
    None,
}

struct Gaps<'a> {
    survey: &'a Survey,
    refs: &'a KnownRefs,
    here: Option<WorktreeHead<'a>>,
}

impl Gaps<'_> {
    /// The numbers below the highest that have no record, without those that an error names already.
    fn missing(&self) -> Vec<TurnId> {
        let named: BTreeSet<TurnId> = self
            .survey
            .records
            .values()
            .filter_map(|record| record.ledger())
            .flat_map(|part| part.parents.iter().map(|parent| parent.turn_id))
            .collect();
        let is_gap = |number: &TurnId| {
            !self.survey.records.contains_key(number)
                && !self.survey.foreign.contains(number)
                && !named.contains(number)
        };
        // A claim may stand far above the records; what lies between says nothing that its two ends do not.
        let far = self.refs.claims.keys().chain(self.refs.tags.keys()).chain(self.refs.seals.keys());
        let near = self.survey.records.keys().next_back().map_or(0, |number| number.get());
        let below = (1..near.min(MOST)).filter_map(|number| TurnId::new(number).ok());
        below.chain(far.copied()).filter(is_gap).collect::<BTreeSet<TurnId>>().into_iter().collect()
    }

    fn explain(&mut self, number: TurnId) -> Result<Explanation, LedgerError> {
        let Some(here) = &mut self.here else { return Ok(Explanation::None) };
        if let Some(tag) = self.refs.tags.get(&number)
            && let Some(commit) = here.commit_on_branch(number, tag)?
        {
            let sentence = format!(
                "{TAG_PREFIX}{number} is on this branch with the record in commit {commit}, and the record is gone"
            );
            return Ok(Explanation::Removed(sentence));
        }
        if let Some(seal) = self.refs.seals.get(&number)
            && here.seal_is_of_this_branch(number, seal)?
        {
            let sentence =
                format!("{SEAL_PREFIX}{number} says that the record belongs to this branch, and it is gone");
            return Ok(Explanation::Removed(sentence));
        }
        Ok(if self.refs.knows(number) { Explanation::Elsewhere } else { Explanation::None })
    }
}

/// A record with an absurd number must not cost time.
const MOST: u64 = 1_000_000;

/// Where this worktree stands.
struct WorktreeHead<'a> {
    vcs: &'a dyn Vcs,
    head: Option<Oid>,
    branch: Option<String>,
    others: Vec<PathBuf>,
}

impl<'a> WorktreeHead<'a> {
    fn look(vcs: &'a dyn Vcs) -> Result<Self, LedgerError> {
        let head = vcs.head().map_err(LedgerError::git(STEP))?;
        let branch = vcs.branch().map_err(LedgerError::git(STEP))?;
        Ok(Self { vcs, head, branch, others: other_worktrees(vcs) })
    }

    /// The commit that a tag of the ledger is on, if this branch has it.
    fn commit_on_branch(&self, number: TurnId, tag: &Oid) -> Result<Option<Oid>, LedgerError> {
        let Some(head) = &self.head else { return Ok(None) };
        let found = self.vcs.tag(&format!("{TAG_PREFIX}{number}")).map_err(LedgerError::git(STEP))?;
        let Some(found) = found.filter(|found| found.oid == *tag && is_seal_of(&found.message, number))
        else {
            return Ok(None);
        };
        let on_branch = self.vcs.is_ancestor(&found.target, head).map_err(LedgerError::git(STEP))?;
        Ok(on_branch.then_some(found.target))
    }

    /// Whether a record that no commit holds was made on the branch that is checked out here, and is in no other
    /// worktree.
    fn seal_is_of_this_branch(&self, number: TurnId, seal: &Oid) -> Result<bool, LedgerError> {
        let found = self.vcs.commit(seal).map_err(LedgerError::git(STEP))?;
        let Some(message) = found.map(|found| found.message).filter(|message| is_seal_of(message, number))
        else {
            return Ok(false);
        };
        let branch = trailer(&message, "Turn-Branch").filter(|branch| !branch.is_empty());
        let uid = trailer(&message, "Turn-Uid").unwrap_or_default();
        Ok(branch.is_some() && branch == self.branch.as_deref() && !self.is_in_other_worktree(number, uid))
    }

    fn is_in_other_worktree(&self, number: TurnId, uid: &str) -> bool {
        self.others.iter().any(|worktree| {
            let manifest = read_manifest(&Places::below(worktree).manifest(number)).ok();
            let found =
                manifest.and_then(|bytes| Manifest::read(&bytes).ok()).and_then(|file| file.manifest.ledger);
            found.is_some_and(|part| part.uid == uid)
        })
    }
}

fn is_seal_of(message: &str, number: TurnId) -> bool {
    trailer(message, "Turn-Id") == Some(number.to_string().as_str())
}

/// The top folders of the other worktrees of this repository.
fn other_worktrees(worktree: &dyn Worktree) -> Vec<PathBuf> {
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
