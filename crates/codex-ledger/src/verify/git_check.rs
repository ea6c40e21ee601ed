//! Whether the records fit the refs, commits and trees of this repository.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::asked::{self, Asked};
use super::gap_check::runs;
use super::known_refs::KnownRefs;
use super::patch_check;
use super::rewritten::{self, Lost, Verdict};
use super::seal_check::{self, Guard};
use super::survey::{Survey, Surveyed};
use super::unfinished::Unfinished;
use crate::finding::{Finding, FindingCode as Code};
use crate::ledger_error::LedgerError;
use crate::manifest::{LedgerPart, Manifest};
use crate::oid::{Oid, TreeId};
use crate::places::{LEDGER_ROOT, Places};
use crate::repo_path::RepoPath;
use crate::turn_id::TurnId;
use crate::vcs::{CommitInfo, TagInfo, Vcs, VcsError};

const STEP: &str = "compare the records with git";
/// How many commits of the branch are asked for at once.
const COMMITS: usize = 20_000;

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
    fn is_below(&self, ancestor: &Oid, descendant: &Oid) -> Result<bool, VcsError> {
        let is_parent = self.latest.get(descendant).is_some_and(|commit| commit.parents.contains(ancestor));
        Ok(is_parent || self.vcs.is_ancestor(ancestor, descendant)?)
    }

    /// Whether the branch that is checked out has a commit; where nothing is, everything is as it should be.
    fn is_on_branch(&self, commit: &Oid) -> Result<bool, VcsError> {
        match &self.head {
            Some(head) => Ok(self.latest.contains_key(commit) || self.vcs.is_ancestor(commit, head)?),
            None => Ok(true),
        }
    }
}

/// One record on its way through the checks.
pub(super) struct Sealed<'a> {
    pub(super) number: TurnId,
    pub(super) manifest: &'a Manifest,
    pub(super) ledger: &'a LedgerPart,
    pub(super) sha256: &'a str,
}

/// What the checks of one record found; what is the same for many is told once.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) findings: Vec<Finding>,
    pub(super) is_seal_elsewhere: bool,
    /// The guard of a record whose tree before is not there.
    pub(super) without_trees: Option<Guard>,
    pub(super) is_history_cut: bool,
    pub(super) lost: Option<Lost>,
}

impl<'a> Sealed<'a> {
    /// A record whose manifest can be read and is ours.
    fn of(number: TurnId, record: &'a Surveyed) -> Option<Self> {
        let (manifest, ledger) = (record.manifest.as_ref()?, record.ledger()?);
        Some(Self { number, manifest, ledger, sha256: record.sha256.as_deref()? })
    }

    /// The full path of the manifest for a person.
    pub(super) fn path(&self, file: &str) -> String {
        format!("{LEDGER_ROOT}/turns/{}/{file}", self.number)
    }

    pub(super) fn find(&self, code: Code, path: impl Into<String>, sentence: impl Into<String>) -> Finding {
        Finding::new(code, path, sentence).of(self.number)
    }

    /// The tag that the record says it has; nothing in a record that nothing was committed for.
    pub(super) fn tag(&self) -> Option<&str> {
        self.manifest.git.as_ref().and_then(|git| git.tag.as_deref())
    }

    pub(super) fn head_before(&self) -> Option<Oid> {
        self.manifest.git.as_ref().and_then(|git| git.head_before.as_ref()?.parse().ok())
    }

    pub(super) fn head_after(&self) -> Option<Oid> {
        self.manifest.git.as_ref().and_then(|git| git.head_after.as_ref()?.parse().ok())
    }
}

pub(super) fn check(
    vcs: &dyn Vcs,
    survey: &Survey,
    refs: &KnownRefs,
    unfinished: &Unfinished,
    findings: &mut Vec<Finding>,
) -> Result<(), LedgerError> {
    let head = vcs.head().map_err(LedgerError::git(STEP))?;
    let latest = match &head {
        Some(head) if refs.tags.len() > 2 => vcs.log(head, COMMITS).map_err(LedgerError::git(STEP))?,
        _ => Vec::new(),
    };
    let mut repository = Repository {
        vcs,
        refs,
        asked: Asked::default(),
        places: Places::below(vcs.worktree_root()),
        head,
        latest: latest.into_iter().map(|commit| (commit.oid.clone(), commit)).collect(),
        is_shallow: vcs.is_shallow().map_err(LedgerError::git(STEP))?,
        purged: survey
            .records
            .values()
            .filter_map(Surveyed::ledger)
            .flat_map(|part| part.purged.iter().map(|file| file.turn_id))
            .collect(),
    };
    let mut outcomes = all(&mut repository, survey, unfinished).map_err(LedgerError::git(STEP))?;
    again(&repository, survey, &mut outcomes).map_err(LedgerError::git(STEP))?;
    let (mut seals, mut trees, mut cut, mut lost) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (number, outcome) in outcomes {
        findings.extend(outcome.findings);
        seals.extend(outcome.is_seal_elsewhere.then_some(number));
        trees.extend(outcome.without_trees.is_some().then_some(number));
        cut.extend(outcome.is_history_cut.then_some(number));
        lost.extend(outcome.lost);
    }
    for (code, numbers, what) in [
        (Code::SealElsewhere, seals, "what guards the record is in the clone that made it"),
        (Code::TreesElsewhere, trees, "the trees of the record are in the clone that made it"),
        (Code::HistoryCut, cut, "the history of this clone begins after the commits of the record"),
    ] {
        for run in runs(&numbers) {
            findings.push(Finding::new(code, format!("{LEDGER_ROOT}/turns"), format!("{run}: {what}")));
        }
    }
    rewritten::check(&repository, lost, findings).map_err(LedgerError::git(STEP))
}

type Found = Result<Vec<(TurnId, Outcome)>, VcsError>;

/// Checks the records, many at once.
fn all(repository: &mut Repository<'_>, survey: &Survey, unfinished: &Unfinished) -> Found {
    let records: Vec<(&TurnId, &Surveyed)> = survey.records.iter().collect();
    let mut outcomes = Vec::with_capacity(records.len());
    for some in records.chunks(asked::AT_ONCE) {
        let sealed: Vec<Sealed<'_>> =
            some.iter().filter_map(|(number, record)| Sealed::of(**number, record)).collect();
        repository.asked = Asked::about(repository, &sealed);
        outcomes.extend(side_by_side(repository, some, unfinished)?);
    }
    // What was not there may have been made since.
    repository.asked = Asked::default();
    Ok(outcomes)
}

/// Checks records by one thread per core: what is wrong takes starting git for each.
fn side_by_side(
    repository: &Repository<'_>,
    records: &[(&TurnId, &Surveyed)],
    unfinished: &Unfinished,
) -> Found {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(records.len() / 8 + 1);
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Ok(Vec::with_capacity(records.len())));
    let work = || {
        while let Some((number, record)) = records.get(next.fetch_add(1, Ordering::Relaxed)) {
            let outcome = one(repository, **number, record, unfinished);
            let mut found = found.lock().expect("no thread panics while it holds the lock");
            match (found.as_mut(), outcome) {
                (Ok(list), Ok(outcome)) => list.push((**number, outcome)),
                (Ok(_), Err(error)) => *found = Err(error),
                (Err(_), _) => return,
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    let mut found = found.into_inner().expect("no thread panics while it holds the lock")?;
    found.sort_by_key(|(number, _)| *number);
    Ok(found)
}

/// Looks again at records whose trees were not there: the patch of an earlier record may have made them since.
fn again(
    repository: &Repository<'_>,
    survey: &Survey,
    outcomes: &mut [(TurnId, Outcome)],
) -> Result<(), VcsError> {
    for (number, outcome) in outcomes {
        let record = survey.records.get(number);
        if let Some((record, sealed)) = record.and_then(|record| Some((record, Sealed::of(*number, record)?)))
            && let Some(guard) = outcome.without_trees.take()
        {
            patch_check::check(repository, &sealed, record, &guard, outcome)?;
        }
    }
    Ok(())
}

fn one(
    repository: &Repository<'_>,
    number: TurnId,
    record: &Surveyed,
    unfinished: &Unfinished,
) -> Result<Outcome, VcsError> {
    let mut outcome = Outcome::default();
    let Some(sealed) = Sealed::of(number, record) else {
        if let Some(sentence) = unsealed(repository.refs, number, record) {
            let path = format!("{LEDGER_ROOT}/turns/{number}/manifest.json");
            outcome.findings.push(Finding::new(Code::ManifestInvalid, path, sentence).of(number));
        }
        return Ok(outcome);
    };
    if unfinished.uids.contains(&sealed.ledger.uid) {
        return Ok(outcome);
    }
    seal_check::claim(repository, &sealed, &mut outcome);
    let guard = seal_check::guard(repository, &sealed, &mut outcome)?;
    work(repository, &sealed, &guard, &mut outcome)?;
    patch_check::check(repository, &sealed, record, &guard, &mut outcome)?;
    Ok(outcome)
}

/// A number that was claimed cannot have a record of another program.
fn unsealed(refs: &KnownRefs, number: TurnId, record: &Surveyed) -> Option<&'static str> {
    let is_foreign = record.manifest.as_ref().is_some_and(|manifest| manifest.ledger.is_none());
    (is_foreign && refs.knows(number))
        .then_some("the number was claimed, and the manifest has only the oldest keys")
}

/// Whether the commit of the work is there, below the tag, with the tree after.
fn work(
    repository: &Repository<'_>,
    sealed: &Sealed<'_>,
    guard: &Guard,
    outcome: &mut Outcome,
) -> Result<(), VcsError> {
    let Some(work) = sealed.head_after() else { return Ok(()) };
    // Where nothing is committed, HEAD is only where the user stood; he may leave it and drop it.
    if sealed.tag().is_none() {
        return Ok(());
    }
    let vcs = repository.vcs;
    let path = sealed.path("manifest.json");
    let Some(commit) = repository.commit(&work)? else {
        match guard {
            _ if repository.is_shallow => outcome.is_history_cut = true,
            Guard::Tag(_) => outcome.findings.push(sealed.find(
                Code::HeadAfterMissing,
                path,
                format!("the commit {work} that it names as its work does not exist"),
            )),
            Guard::Missing | Guard::Wrong | Guard::Seal(_) => {
                let is_elsewhere = guard.is_missing_rightly(repository, sealed);
                let verdict = if is_elsewhere { Verdict::Fine } else { Verdict::Wrong };
                outcome.lost = Some(Lost::of(sealed, work, verdict));
            }
        }
        return Ok(());
    };
    if let Guard::Tag(target) = guard
        && !repository.is_below(&work, target)?
    {
        if repository.is_shallow {
            outcome.is_history_cut = true;
        } else {
            let sentence =
                format!("the tag is on {target}, which does not have the work commit {work} below it");
            outcome.findings.push(sealed.find(Code::HeadAfterUntagged, path.clone(), sentence));
        }
    }
    if Some(&work) != sealed.head_before().as_ref()
        && let Some(after) = sealed.ledger.trees.after.as_deref()
        && !patch_check::tree(Some(after))
            .is_some_and(|after| repository.asked.is_same_outside(&commit, &after))
        && patch_check::without_ledger(vcs, &work)?.as_str() != after
    {
        let sentence = format!("the work commit {work} does not have the tree {after} that the record names");
        outcome.findings.push(sealed.find(Code::AfterTreeDiffers, path, sentence));
    }
    if Some(&work) != sealed.head_before().as_ref() && !repository.is_on_branch(&work)? {
        outcome.lost = Some(Lost::of(sealed, work, Verdict::Fine));
    }
    Ok(())
}
