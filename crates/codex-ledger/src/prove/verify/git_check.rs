//! Whether the records fit the refs, commits and trees of this repository.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::ask::{AT_ONCE, ask};
use super::asked::Asked;
use super::known_refs::KnownRefs;
use super::record_findings::{Lost, RecordFindings, RecordGuard, UnlessFound};
use super::repository::Repository;
use super::runs::runs;
use super::sealed::Sealed;
use super::survey::Survey;
use super::surveyed::Surveyed;
use super::unfinished::Unfinished;
use super::{patch_check, rewritten, seal_check};
use crate::git::{Vcs, VcsError};
use crate::ledger_error::LedgerError;
use crate::prove::finding::{Finding, FindingCode as Code};
use crate::values::{LEDGER_ROOT, Places, TurnId};

const STEP: &str = "compare the records with git";
/// How many commits of the branch are asked for at once.
const COMMITS: usize = 20_000;

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

type GitFindings = Result<Vec<(TurnId, RecordFindings)>, VcsError>;

/// Checks the records, many at once.
fn all(repository: &mut Repository<'_>, survey: &Survey, unfinished: &Unfinished) -> GitFindings {
    let records: Vec<(&TurnId, &Surveyed)> = survey.records.iter().collect();
    let mut outcomes = Vec::with_capacity(records.len());
    for some in records.chunks(AT_ONCE) {
        let sealed: Vec<Sealed<'_>> =
            some.iter().filter_map(|(number, record)| Sealed::of(**number, record)).collect();
        repository.asked = ask(repository, &sealed);
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

/// Looks again at records whose trees were not there: the patch of an earlier record may have made them since.
fn again(
    repository: &Repository<'_>,
    survey: &Survey,
    outcomes: &mut [(TurnId, RecordFindings)],
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
) -> Result<RecordFindings, VcsError> {
    let mut outcome = RecordFindings::default();
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
    guard: &RecordGuard,
    outcome: &mut RecordFindings,
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
            RecordGuard::Tag(_) => outcome.findings.push(sealed.find(
                Code::HeadAfterMissing,
                path,
                format!("the commit {work} that it names as its work does not exist"),
            )),
            RecordGuard::Missing | RecordGuard::Wrong | RecordGuard::Seal(_) => {
                let is_elsewhere = guard.is_missing_rightly(repository, sealed);
                let verdict = if is_elsewhere { UnlessFound::Fine } else { UnlessFound::Wrong };
                outcome.lost = Some(Lost::of(sealed, work, verdict));
            }
        }
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
            outcome.findings.push(sealed.find(Code::HeadAfterUntagged, path.clone(), sentence));
        }
    }
    if Some(&work) != sealed.head_before().as_ref()
        && let Some(after) = sealed.ledger.trees.after.as_deref()
        && !after.parse().is_ok_and(|after| repository.asked.is_same_outside(&commit, &after))
        && patch_check::without_ledger(vcs, &work)?.as_str() != after
    {
        let sentence = format!("the work commit {work} does not have the tree {after} that the record names");
        outcome.findings.push(sealed.find(Code::AfterTreeDiffers, path, sentence));
    }
    if Some(&work) != sealed.head_before().as_ref() && !repository.is_on_branch(&work)? {
        outcome.lost = Some(Lost::of(sealed, work, UnlessFound::Fine));
    }
    Ok(())
}
