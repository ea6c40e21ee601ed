//! Whether the records fit the refs, commits and trees of this repository.
//!
//! Gives the records that the worktree has otherwise than HEAD, with a sentence that says so.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;

use super::ask::{AT_ONCE, ask};
use super::asked::Asked;
use super::committed::Committed;
use super::known_refs::KnownRefs;
use super::made_here::MadeHere;
use super::record_findings::{Lost, RecordFindings, RecordGuard, UnlessFound};
use super::replay::Replays;
use super::repository::{Replay, Repository};
use super::runs::runs;
use super::seal_check::Answer;
use super::sealed::Sealed;
use super::survey::Survey;
use super::surveyed::Surveyed;
use super::unfinished::Unfinished;
use super::{patch_check, replay, rewritten, seal_check, tag_check};
use crate::git::VcsError;
use crate::ledger_error::LedgerError;
use crate::prove::finding::{Finding, FindingCode as Code};
use crate::values::places::manifest_path;
use crate::values::{LEDGER_ROOT, Oid, Places, TurnId};

const STEP: &str = "compare the records with git";
/// How many commits of the branch are asked for at once.
const COMMITS: usize = 20_000;

pub(super) fn check(
    committed: &Committed<'_>,
    survey: &Survey,
    refs: &KnownRefs,
    unfinished: &Unfinished,
    made_here: &MadeHere,
    findings: &mut Vec<Finding>,
) -> Result<Vec<(TurnId, String)>, LedgerError> {
    let (vcs, head) = (committed.vcs, committed.head.clone());
    let latest = match &head {
        Some(head) if survey.records.len() > 2 => vcs.log(head, COMMITS).map_err(LedgerError::git(STEP))?,
        _ => Vec::new(),
    };
    let mut repository = Repository {
        vcs,
        refs,
        asked: Asked::default(),
        places: Places::below(vcs.worktree_root()),
        head,
        latest: latest.into_iter().map(|commit| (commit.oid.clone(), commit)).collect(),
        in_head: &committed.records,
        is_shallow: vcs.is_shallow().map_err(LedgerError::git(STEP))?,
        purged: survey
            .records
            .values()
            .filter_map(Surveyed::ledger)
            .flat_map(|part| part.purged.iter().map(|file| file.turn_id))
            .collect(),
        made_here,
        committed: OnceLock::new(),
        replay: Mutex::new(Replay::default()),
    };
    let mut outcomes = all(&mut repository, survey, unfinished).map_err(LedgerError::git(STEP))?;
    replay::check(&mut repository, survey, &mut outcomes).map_err(LedgerError::git(STEP))?;
    let (mut seals, mut trees, mut cut, mut lost) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut tags, mut changed) = (Vec::new(), Vec::new());
    for (number, outcome) in outcomes {
        findings.extend(outcome.findings);
        seals.extend(outcome.is_seal_elsewhere.then_some(number));
        trees.extend(outcome.without_trees.is_some().then_some(number));
        cut.extend(outcome.is_history_cut.then_some(number));
        lost.extend(outcome.lost);
        tags.extend(outcome.is_tag_gone.then_some(number));
        changed.extend(outcome.differs_from_head.map(|sentence| (number, sentence)));
    }
    tag_check::check(committed, survey, refs, &tags, findings).map_err(LedgerError::git(STEP))?;
    for (code, numbers, what) in [
        (Code::SealElsewhere, seals, "what guards the record is in the clone that made it"),
        (Code::TreesElsewhere, trees, "the trees of the record are in the clone that made it"),
        (Code::HistoryCut, cut, "the history of this clone begins after the commits of the record"),
    ] {
        for run in runs(&numbers) {
            findings.push(Finding::new(code, format!("{LEDGER_ROOT}/turns"), format!("{run}: {what}")));
        }
    }
    rewritten::check(&repository, lost, findings).map_err(LedgerError::git(STEP))?;
    Ok(changed)
}

type GitFindings = Result<Vec<(TurnId, RecordFindings)>, VcsError>;

/// Checks the records, many at once.
fn all(repository: &mut Repository<'_>, survey: &Survey, unfinished: &Unfinished) -> GitFindings {
    let records: Vec<(&TurnId, &Surveyed)> =
        survey.records.iter().filter(|(_, record)| !record.is_of_base).collect();
    let mut outcomes = Vec::with_capacity(records.len());
    for some in records.chunks(AT_ONCE) {
        let sealed: Vec<Sealed<'_>> =
            some.iter().filter_map(|(number, record)| Sealed::of(**number, record)).collect();
        repository.asked = ask(repository, &sealed);
        outcomes.extend(side_by_side(repository, some, unfinished)?);
    }
    repository.asked = Asked::default();
    Ok(outcomes)
}

/// Checks records by one thread per core: what is wrong takes starting git for each.
fn side_by_side(
    repository: &Repository<'_>,
    records: &[(&TurnId, &Surveyed)],
    unfinished: &Unfinished,
) -> GitFindings {
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

fn one(
    repository: &Repository<'_>,
    number: TurnId,
    record: &Surveyed,
    unfinished: &Unfinished,
) -> Result<RecordFindings, VcsError> {
    let differs_from_head = differs_from_head(repository, number, record)?;
    let mut outcome = RecordFindings { differs_from_head, ..RecordFindings::default() };
    if let Some(answer) = Answer::of_newer(number, record) {
        seal_check::claim(repository, &answer, &mut outcome);
        seal_check::guard(repository, &answer, &mut outcome)?;
        return Ok(outcome);
    }
    let Some(sealed) = Sealed::of(number, record) else {
        if let Some(sentence) = unsealed(repository.refs, number, record) {
            let path = format!("{LEDGER_ROOT}/turns/{number}/manifest.json");
            outcome.findings.push(Finding::new(Code::ManifestInvalid, path, sentence).of(number));
        }
        return Ok(outcome);
    };
    let answer = Answer::of(&sealed);
    seal_check::claim(repository, &answer, &mut outcome);
    // Neither a tag nor a seal is there yet.
    if unfinished.is_closing(number, &sealed.ledger.uid) {
        return Ok(outcome);
    }
    let guard = seal_check::guard(repository, &answer, &mut outcome)?;
    work(repository, &sealed, &guard, &mut outcome)?;
    patch_check::check(repository, &sealed, record, &guard, Replays::None, &mut outcome)?;
    Ok(outcome)
}

/// How the manifest of a record differs from the one that HEAD has.
fn differs_from_head(
    repository: &Repository<'_>,
    number: TurnId,
    record: &Surveyed,
) -> Result<Option<String>, VcsError> {
    let (Some(head), Some(here)) = (&repository.head, &record.sha256) else { return Ok(None) };
    if !repository.in_head.contains(&number) {
        return Ok(None);
    }
    let path = manifest_path(number);
    let known = repository.asked.at(head, &path).and_then(|blob| repository.asked.sha256(blob));
    let there = if let Some(known) = known {
        known.to_owned()
    } else {
        let Some(blob) = repository.vcs.oids_at(&[(head.clone(), path)])?.pop().flatten() else {
            return Ok(None);
        };
        repository.vcs.blob_sha256s(&[blob])?.pop().unwrap_or_default()
    };
    Ok((there != *here).then(|| format!("the manifest has the hash {here}, and in HEAD {there}")))
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
    guard: &RecordGuard,
    outcome: &mut RecordFindings,
) -> Result<(), VcsError> {
    let Some(work) = sealed.head_after() else { return Ok(()) };
    // Where nothing is committed, HEAD is only where the user stood; he may leave it and drop it.
    if sealed.tag().is_none() {
        return Ok(());
    }
    let Some(commit) = repository.commit(&work)? else {
        if repository.is_shallow {
            outcome.is_history_cut = true;
            return Ok(());
        }
        let sentence = format!("the work commit {work} does not exist, nor another with its change");
        let wrong = UnlessFound::Wrong(Code::HeadAfterMissing, sentence);
        let verdict = match guard {
            // Where a history was rewritten together with its tags, what is below the tag has taken the place of the work.
            RecordGuard::Tag(target) if is_rewritten_with_tag(repository, sealed, target)? => {
                UnlessFound::Fine
            }
            RecordGuard::Missing if guard.is_missing_rightly(repository, sealed) => UnlessFound::Fine,
            RecordGuard::Tag(_) | RecordGuard::Missing | RecordGuard::Wrong | RecordGuard::Seal(_) => wrong,
        };
        outcome.lost = Some(Lost::of(sealed, work, verdict));
        return Ok(());
    };
    if let RecordGuard::Tag(target) = guard
        && !repository.is_below(&work, target)?
    {
        if repository.is_shallow {
            outcome.is_history_cut = true;
        } else {
            let sentence =
                format!("the tag is on {target}, which does not have the work commit {work} below it");
            let path = sealed.path("manifest.json");
            if repository.is_on_branch(&work)? {
                outcome.findings.push(sealed.find(Code::HeadAfterUntagged, path, sentence));
                return Ok(());
            }
            let verdict = if has_work_below(repository, sealed, target)? {
                UnlessFound::Fine
            } else {
                UnlessFound::Wrong(Code::HeadAfterUntagged, sentence)
            };
            outcome.lost = Some(Lost::of(sealed, work, verdict));
            return Ok(());
        }
    }
    if Some(&work) != sealed.head_before().as_ref()
        && let Some(after) = sealed.ledger.trees.after.as_deref()
        && repository.outside(&commit.tree)?.is_none_or(|left| left.tree.as_str() != after)
    {
        let sentence = format!("the work commit {work} does not have the tree {after} that the record names");
        outcome.findings.push(sealed.find(Code::AfterTreeDiffers, sealed.path("manifest.json"), sentence));
    }
    if Some(&work) != sealed.head_before().as_ref() && !repository.is_on_branch(&work)? {
        outcome.lost = Some(Lost::of(sealed, work, UnlessFound::Fine));
    }
    Ok(())
}

/// Whether the commit below the tag has the tree after, or that tree is not there any more: a rewritten history leaves
/// nothing of the one before.
fn is_rewritten_with_tag(
    repository: &Repository<'_>,
    sealed: &Sealed<'_>,
    target: &Oid,
) -> Result<bool, VcsError> {
    let [_, Some(after)] = sealed.sides() else { return Ok(false) };
    Ok(has_work_below(repository, sealed, target)? || repository.place(&after)?.is_none())
}

/// Whether a commit right below that of the record has the tree after.
fn has_work_below(repository: &Repository<'_>, sealed: &Sealed<'_>, target: &Oid) -> Result<bool, VcsError> {
    let [_, Some(after)] = sealed.sides() else { return Ok(false) };
    let Some(record) = repository.commit(target)? else { return Ok(false) };
    for parent in &record.parents {
        if let Some(parent) = repository.commit(parent)?
            && repository.outside(&parent.tree)?.is_some_and(|left| left.tree == after)
        {
            return Ok(true);
        }
    }
    Ok(false)
}
