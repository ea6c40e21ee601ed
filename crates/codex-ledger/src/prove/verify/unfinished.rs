//! Turns that are neither running nor recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use super::known_refs::KnownRefs;
use super::survey::Survey;
use crate::git::{PrivateDirs, Worktree};
use crate::prove::finding::{Finding, FindingCode as Code};
use crate::record::journal::{Journal, OPENED, OpenedEntry, RAN, RanEntry};
use crate::system::plain_file::open_plain;
use crate::values::TurnId;

/// What was staged and not forgotten yet: for some of it other checks have patience.
///
/// A journal explains why something is not there, and only as long as nothing else says that it was: a folder that
/// somebody made excuses nothing, and nothing that is there goes unread for it.
#[derive(Debug, Default)]
pub(super) struct Unfinished {
    /// Turns whose record may still come.
    coming: BTreeSet<TurnId>,
    /// Records, by uid, whose row, tag or seal may still come.
    closing: BTreeMap<String, TurnId>,
}

impl Unfinished {
    /// Whether the record of a turn may still come.
    pub(super) fn is_coming(&self, number: TurnId) -> bool {
        self.coming.contains(&number)
    }

    /// The turns whose record may still come.
    pub(super) fn coming(&self) -> impl Iterator<Item = TurnId> {
        self.coming.iter().copied()
    }

    /// Whether the row of a record, or what guards it, may still come.
    pub(super) fn is_closing(&self, number: TurnId, uid: &str) -> bool {
        self.closing.get(uid) == Some(&number)
    }
}

pub(super) fn check(
    worktree: &dyn Worktree,
    survey: &Survey,
    refs: &KnownRefs,
    findings: &mut Vec<Finding>,
) -> Unfinished {
    let dirs = PrivateDirs::of(worktree);
    let mut unfinished = Unfinished::default();
    let Ok(entries) = fs::read_dir(dirs.journals()) else { return unfinished };
    let is_running = is_held(&dirs.turn_lock());
    let mut uids: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    uids.sort();
    let named: BTreeSet<TurnId> = survey
        .records
        .values()
        .flat_map(|record| record.parents().iter().map(|parent| parent.turn_id))
        .collect();
    for uid in uids {
        let journal = Journal::at(dirs.journal(&uid));
        let number = number_of(&journal, &uid);
        let is_recorded = survey.records.values().any(|record| record.uid() == Some(&uid));
        let turn = number.map_or_else(|| "a turn".to_owned(), |number| format!("turn {number}"));
        let (code, sentence) = match (is_running, is_recorded) {
            (true, _) => (Code::RunningTurn, format!("{turn} is running")),
            (false, true) => {
                (Code::UnfinishedTurn, format!("{turn} is recorded, but what comes after was not done"))
            }
            (false, false) if can_go_on(&journal) => (
                Code::UnfinishedTurn,
                format!("{turn} was cut off, and its caller can go on with it or close it"),
            ),
            (false, false) => (Code::UnfinishedTurn, format!("{turn} ended without being recorded")),
        };
        let mut finding = Finding::new(code, format!("journal/{uid}"), sentence);
        finding.turn_id = number;
        findings.push(finding);
        let Some(number) = number else { continue };
        // A tag or a seal is made of a record, and after its row; a child is opened after its parent.
        let is_guarded = refs.tags.contains_key(&number) || refs.seals.contains_key(&number);
        if is_guarded || named.contains(&number) {
            continue;
        }
        unfinished.coming.insert(number);
        if is_recorded && journal.read::<RanEntry>(RAN).is_ok_and(|ran| ran.is_some()) {
            unfinished.closing.insert(uid, number);
        }
    }
    unfinished
}

/// Whether another process holds a lock. Asks for a shared one for a moment and writes nothing.
fn is_held(path: &Path) -> bool {
    let Ok(file) = open_plain(path) else { return false };
    flock(&file, FlockOperation::NonBlockingLockShared).is_err()
}

/// Whether the caller of a record can go on with it.
fn can_go_on(journal: &Journal) -> bool {
    journal.resumable().is_ok_and(|opened| opened.is_some())
}

/// The number that a journal was opened for, if it is the journal of this record.
fn number_of(journal: &Journal, uid: &str) -> Option<TurnId> {
    let opened = journal.read::<OpenedEntry>(OPENED).ok()??;
    (opened.uid == uid).then_some(opened.turn_id)
}
