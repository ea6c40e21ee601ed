//! Numbers without a record: gone, elsewhere, or never explained.

use std::collections::{BTreeMap, BTreeSet};

use super::absent::AbsentRecords;
use super::base::Base;
use super::committed::Committed;
use super::known_refs::{KnownRefs, trailer};
use super::made_here::MadeHere;
use super::runs::runs;
use super::survey::{ForeignKind, Survey};
use super::unfinished::Unfinished;
use super::whereabouts::Whereabouts;
use super::worktree_head::WorktreeHead;
use crate::claims::{CLAIM_PREFIX, ClaimBlob, SEAL_PREFIX, TAG_PREFIX};
use crate::git::{Alteration, VcsError};
use crate::ledger_error::LedgerError;
use crate::manifest::ParentLink;
use crate::prove::finding::{Finding, FindingCode as Code};
use crate::read::{Reader, TurnsIndex};
use crate::system::plain_file::read_index;
use crate::values::places::{manifest_path, record_and_file, turn_path};
use crate::values::{Oid, TurnId};

const STEP: &str = "look for a record that is not here";

/// What says that there is or was a record.
pub(super) struct Witnesses<'a> {
    pub(super) reader: &'a Reader,
    pub(super) survey: &'a Survey,
    pub(super) refs: &'a KnownRefs,
    pub(super) unfinished: &'a Unfinished,
    /// What git has; nothing where there is no git.
    pub(super) committed: Option<&'a Committed<'a>>,
    pub(super) made_here: &'a MadeHere,
    /// What commits of this branch did to records, if that was read.
    pub(super) altered: Option<&'a [Alteration]>,
    /// What an earlier commit had, where only what came since is looked at.
    pub(super) base: Option<&'a Base>,
    /// Numbers of which something else is told.
    pub(super) told: BTreeSet<TurnId>,
}

/// Looks for numbers without a record, except those of which something else is told; gives those that are rightly
/// absent.
pub(super) fn check(
    witnesses: &Witnesses<'_>,
    findings: &mut Vec<Finding>,
) -> Result<AbsentRecords, LedgerError> {
    let failed = || LedgerError::git(STEP);
    let mut gaps = Gaps::of(witnesses).map_err(failed())?;
    let mut absent = AbsentRecords::default();
    let mut runs_of: BTreeMap<(Code, String), Vec<TurnId>> = BTreeMap::new();
    let turns = witnesses.reader.shown(&witnesses.reader.places().turns());
    for number in gaps.numbers.clone() {
        let instead = witnesses.survey.foreign.get(&number);
        let removed = |sentence: String| {
            let name = instead.map_or_else(|| number.to_string(), |foreign| foreign.name.clone());
            let sentence = match instead {
                Some(_) => format!("{sentence}; {name} stands for it and is no record"),
                None => sentence,
            };
            Finding::new(Code::RecordRemoved, format!("{turns}/{name}"), sentence).of(number)
        };
        match gaps.explain(number).map_err(failed())? {
            // A gap that a parent link tells of is told of once.
            Explanation::Removed(_)
                if instead.is_none() && gaps.is_told_by_child(number) && !gaps.is_empty_folder(number) => {}
            Explanation::Removed(sentence) => findings.push(removed(sentence)),
            Explanation::Rightly { code, sentence, sha256 } => {
                absent.add(number, sha256);
                if code == Code::Reverted {
                    findings.push(Finding::new(code, format!("{turns}/{number}"), sentence).of(number));
                } else {
                    runs_of.entry((code, sentence)).or_default().push(number);
                }
            }
            Explanation::None
                if instead.is_some_and(|foreign| foreign.kind != ForeignKind::Other)
                    && gaps.is_told(number) =>
            {
                findings
                    .push(removed("a row or a later record names this record, and it is gone".to_owned()));
            }
            Explanation::None
                if instead.is_some() || gaps.is_told_by_child(number) || gaps.is_empty_folder(number) => {}
            Explanation::None => {
                let sentence = "there is no record here, and nothing says where one is".to_owned();
                runs_of.entry((Code::UnexplainedGap, sentence)).or_default().push(number);
            }
        }
    }
    for ((code, sentence), numbers) in runs_of {
        for run in runs(&numbers) {
            findings.push(Finding::new(code, turns.clone(), format!("{run}: {sentence}")));
        }
    }
    Ok(absent)
}

enum Explanation {
    /// It belongs here and is gone.
    Removed(String),
    /// It is not here, and that is as it should be.
    Rightly {
        code: Code,
        sentence: String,
        sha256: Option<String>,
    },
    None,
}

/// What is known of the numbers that have no record.
struct Gaps<'a> {
    witnesses: &'a Witnesses<'a>,
    numbers: Vec<TurnId>,
    /// Numbers with a row in the index.
    rows: BTreeSet<TurnId>,
    /// Records that a commit of this branch removed.
    removed: BTreeSet<TurnId>,
    /// What later records say of their parents.
    links: BTreeMap<TurnId, &'a ParentLink>,
    here: Option<WorktreeHead<'a>>,
    whereabouts: Option<Whereabouts<'a>>,
}

impl<'a> Gaps<'a> {
    fn of(witnesses: &'a Witnesses<'a>) -> Result<Self, VcsError> {
        let records = &witnesses.survey.records;
        let links: BTreeMap<TurnId, &ParentLink> = records
            .values()
            .flat_map(|record| record.parents().iter().map(|parent| (parent.turn_id, parent)))
            .collect();
        let index = read_index(&witnesses.reader.places().index()).unwrap_or_default();
        let rows: BTreeSet<TurnId> =
            TurnsIndex::parse(&index).rows.into_iter().map(|row| row.turn_id).collect();
        let removed = witnesses.altered.unwrap_or_default().iter().filter_map(removed_record).collect();
        let mut gaps =
            Self { witnesses, numbers: Vec::new(), rows, removed, links, here: None, whereabouts: None };
        gaps.numbers = gaps.missing();
        if let Some(committed) = witnesses.committed
            && !gaps.numbers.is_empty()
        {
            gaps.here = Some(WorktreeHead::look(committed)?);
            let known: Vec<TurnId> =
                gaps.numbers.iter().copied().filter(|number| gaps.is_known(*number)).collect();
            gaps.whereabouts = Some(Whereabouts::of(committed, &known, witnesses.altered)?);
        }
        Ok(gaps)
    }

    /// The numbers of which something is known and that have no record, and those below the highest.
    fn missing(&self) -> Vec<TurnId> {
        let Witnesses { survey, refs, committed, told, base, .. } = self.witnesses;
        let is_gap = |number: &TurnId| {
            // An empty folder is no record, whatever else is said of it.
            survey.records.get(number).is_none_or(|record| record.present.is_empty())
                && !told.contains(number)
        };
        // A claim may stand far above the records; what lies between says nothing that its two ends do not.
        let far = refs.claims.keys().chain(refs.tags.keys()).chain(refs.seals.keys());
        let far =
            far.chain(&self.rows).chain(self.links.keys()).chain(survey.foreign.keys()).chain(&self.removed);
        let far = far.chain(committed.iter().flat_map(|committed| &committed.records));
        let far = far.chain(base.iter().flat_map(|base| base.manifests.keys()));
        let near = survey.records.keys().next_back().map_or(0, |number| number.get());
        let below = (1..near.min(MOST)).filter_map(|number| TurnId::new(number).ok());
        let all: BTreeSet<TurnId> = below.chain(far.copied()).filter(is_gap).collect();
        let is_row_alone = |number: &TurnId| {
            // The index says of such a row that it has no record.
            self.rows.contains(number)
                && number.get() > near
                && !self.is_known(*number)
                && !survey.foreign.contains_key(number)
        };
        all.into_iter().filter(|number| !is_row_alone(number)).collect()
    }

    /// Whether git may know more of a number.
    fn is_known(&self, number: TurnId) -> bool {
        self.witnesses.refs.knows(number)
            || self.links.contains_key(&number)
            || self.rows.contains(&number)
            || self.removed.contains(&number)
            || self.witnesses.base.is_some_and(|base| base.manifests.contains_key(&number))
            || self.witnesses.committed.is_some_and(|committed| committed.records.contains(&number))
    }

    fn is_told(&self, number: TurnId) -> bool {
        self.rows.contains(&number) || self.links.contains_key(&number)
    }

    /// Whether a later record names it as its parent, which is an error of its own.
    fn is_told_by_child(&self, number: TurnId) -> bool {
        self.links.contains_key(&number)
    }

    /// Whether an empty folder stands in the place of the record, which is an error of its own.
    fn is_empty_folder(&self, number: TurnId) -> bool {
        self.witnesses.survey.records.contains_key(&number)
    }

    fn explain(&mut self, number: TurnId) -> Result<Explanation, VcsError> {
        let (Some(here), Some(whereabouts)) = (&self.here, &self.whereabouts) else {
            return Ok(Explanation::None);
        };
        let refs = self.witnesses.refs;
        let vcs = whereabouts.vcs();
        let hash = |manifest: &Oid| vcs.blob_sha256s(std::slice::from_ref(manifest)).ok()?.pop();
        if here.committed.records.contains(&number) {
            return committed_only(number, here.committed);
        }
        if let Some(removed) = whereabouts.removed(number)? {
            return Ok(match removed.undoes {
                Some(undone) => Explanation::Rightly {
                    code: Code::Reverted,
                    sentence: format!(
                        "commit {} reverted {undone}, which brought the record",
                        removed.commit
                    ),
                    sha256: hash(&removed.manifest),
                },
                None => Explanation::Removed(format!("commit {} removed the record", removed.commit)),
            });
        }
        if let Some(tag) = refs.tags.get(&number)
            && let Some(commit) = here.commit_on_branch(number, tag)?
        {
            return Ok(Explanation::Removed(format!(
                "{TAG_PREFIX}{number} is on this branch with the record in commit {commit}, and the record is gone"
            )));
        }
        if let Some(held) = whereabouts.held(number)? {
            let sha256 = hash(&held.manifest);
            // Another record of this number is none of this one's.
            if self.sealed_sha256(number)?.is_none_or(|sealed| Some(&sealed) == sha256.as_ref()) {
                let sentence = if held.place.starts_with("in commit") && held.place.contains(" of refs/") {
                    ELSEWHERE.to_owned()
                } else {
                    format!("not here but {}", held.place)
                };
                return Ok(Explanation::Rightly { code: Code::Elsewhere, sentence, sha256 });
            }
        }
        if let Some(seal) = refs.seals.get(&number)
            && here.seal_is_of_this_branch(number, seal)?
        {
            return Ok(Explanation::Removed(format!(
                "{SEAL_PREFIX}{number} says that the record belongs to this branch, and it is gone; \
                 `git restore --source={SEAL_PREFIX}{number} -- {}` brings it back",
                turn_path(number)
            )));
        }
        if !refs.tags.contains_key(&number)
            && !refs.seals.contains_key(&number)
            && let Some(claim) = refs.claims.get(&number)
            && self.witnesses.made_here.is_known(number)
            && !self.is_claim_elsewhere(number, claim, here)?
        {
            return Ok(Explanation::Removed(format!(
                "{CLAIM_PREFIX}{number} was claimed here, and there is neither a record nor a journal of it"
            )));
        }
        let sentence = ELSEWHERE.to_owned();
        Ok(if refs.knows(number) {
            Explanation::Rightly { code: Code::Elsewhere, sentence, sha256: None }
        } else {
            Explanation::None
        })
    }

    /// The hash that the seal or the tag of a record names.
    fn sealed_sha256(&self, number: TurnId) -> Result<Option<String>, VcsError> {
        let Some(whereabouts) = &self.whereabouts else { return Ok(None) };
        let vcs = whereabouts.vcs();
        let refs = self.witnesses.refs;
        let message = match (refs.seals.get(&number), refs.tags.get(&number)) {
            (Some(seal), _) => vcs.commit(seal)?.map(|commit| commit.message),
            (None, Some(_)) => vcs.tag(&format!("{TAG_PREFIX}{number}"))?.map(|tag| tag.message),
            (None, None) => None,
        };
        let said = message.as_deref().and_then(|message| trailer(message, "Turn-Manifest-Sha256"));
        let linked = self.links.get(&number).map(|link| link.manifest_sha256.as_str());
        Ok(said.or(linked).map(str::to_owned))
    }

    /// Whether the claim of a record belongs to another worktree, or to a turn that has a journal.
    fn is_claim_elsewhere(
        &self,
        number: TurnId,
        claim: &Oid,
        here: &WorktreeHead<'_>,
    ) -> Result<bool, VcsError> {
        let blob = here.committed.vcs.read_object(claim)?;
        let Some(blob) = blob.and_then(|blob| ClaimBlob::read(&blob.bytes)) else { return Ok(true) };
        Ok(self.witnesses.unfinished.is_coming(number)
            || here.is_in_other_worktree(number, &blob.uid)
            || here.has_journal(&blob.uid))
    }
}

/// A record that HEAD has and the worktree has not.
fn committed_only(number: TurnId, committed: &Committed<'_>) -> Result<Explanation, VcsError> {
    if committed.is_left_out(&manifest_path(number)) {
        let sha256 = committed.manifests(&[number])?.remove(&number);
        let sentence = "in the commit, and left out of this sparse checkout".to_owned();
        return Ok(Explanation::Rightly { code: Code::NotCheckedOut, sentence, sha256 });
    }
    Ok(Explanation::Removed(format!(
        "HEAD has the record, and it is gone; `git restore -- {}` brings it back",
        turn_path(number)
    )))
}

const ELSEWHERE: &str = "recorded or claimed in another worktree, branch or clone";

/// A record with an absurd number must not cost time.
const MOST: u64 = 1_000_000;

/// The record whose manifest a commit removed.
fn removed_record(alteration: &Alteration) -> Option<TurnId> {
    let (number, file) = record_and_file(&alteration.path).filter(|_| alteration.after.is_none())?;
    (file.as_bytes() == b"manifest.json").then_some(number)
}
