//! Turns that are neither running nor recorded.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use super::survey::Survey;
use crate::git::{PrivateDirs, Worktree};
use crate::prove::finding::{Finding, FindingCode as Code};
use crate::record::journal::Journal;
use crate::system::plain_file::{open_plain, read_plain};

/// What was staged and not forgotten yet: uids, for which other checks have patience.
#[derive(Debug, Default)]
pub(super) struct Unfinished {
    pub(super) uids: BTreeSet<String>,
    pub(super) numbers: BTreeSet<u64>,
}

pub(super) fn check(worktree: &dyn Worktree, survey: &Survey, findings: &mut Vec<Finding>) -> Unfinished {
    let dirs = PrivateDirs::of(worktree);
    let mut unfinished = Unfinished::default();
    let Ok(entries) = fs::read_dir(dirs.journals()) else { return unfinished };
    let is_running = is_held(&dirs.turn_lock());
    let mut uids: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    uids.sort();
    for uid in uids {
        let number = number_of(&dirs.journal(&uid));
        let is_recorded =
            survey.records.values().any(|record| record.ledger().is_some_and(|part| part.uid == uid));
        let turn = number.map_or_else(|| "a turn".to_owned(), |number| format!("turn {number}"));
        let (code, sentence) = match (is_running, is_recorded) {
            (true, _) => (Code::RunningTurn, format!("{turn} is running")),
            (false, true) => {
                (Code::UnfinishedTurn, format!("{turn} is recorded, but what comes after was not done"))
            }
            (false, false) if can_go_on(&dirs.journal(&uid)) => (
                Code::UnfinishedTurn,
                format!("{turn} was cut off, and its caller can go on with it or close it"),
            ),
            (false, false) => (Code::UnfinishedTurn, format!("{turn} ended without being recorded")),
        };
        let mut finding = Finding::new(code, format!("journal/{uid}"), sentence);
        finding.turn_id = number.and_then(|number| crate::values::TurnId::new(number).ok());
        findings.push(finding);
        unfinished.numbers.extend(number);
        unfinished.uids.insert(uid);
    }
    unfinished
}

/// Whether another process holds a lock. Asks for a shared one for a moment and writes nothing.
fn is_held(path: &Path) -> bool {
    let Ok(file) = open_plain(path) else { return false };
    flock(&file, FlockOperation::NonBlockingLockShared).is_err()
}

/// Whether the caller of a record can go on with it.
fn can_go_on(journal: &Path) -> bool {
    Journal::at(journal.to_owned()).resumable().is_ok_and(|opened| opened.is_some())
}

/// The number that a journal was opened for.
fn number_of(journal: &Path) -> Option<u64> {
    let bytes = read_plain(&journal.join("open.json")).ok()?;
    let entry: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    ["turn_id", "turnId"].iter().find_map(|key| entry.get(key)?.as_u64())
}
