//! [`Survey`]: every record, read and checked by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use codex_protocol::with_causes;

use super::record_check;
use super::surveyed::Surveyed;
use crate::prove::finding::{Finding, FindingCode};
use crate::read::Reader;
use crate::values::TurnId;

/// Every record, by the number of its folder.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) records: BTreeMap<TurnId, Surveyed>,
    /// The numbers that foreign folders stand for.
    pub(super) foreign: BTreeSet<TurnId>,
}

impl Survey {
    /// Reads and checks every record.
    pub(super) fn take(reader: &Reader, findings: &mut Vec<Finding>) -> Self {
        let mut survey = Self::default();
        let (numbers, foreign) = match (reader.numbers(), reader.foreign()) {
            (Ok(numbers), Ok(foreign)) => (numbers, foreign),
            (Err(error), _) | (_, Err(error)) => {
                let path = reader.shown(&reader.places().turns());
                findings.push(Finding::new(FindingCode::LedgerUnreadable, path, with_causes(&error)));
                return survey;
            }
        };
        for entry in foreign {
            survey.foreign.extend(entry.number);
            let path = reader.shown(&reader.places().turns().join(&entry.name));
            let sentence = match entry.number {
                Some(number) => {
                    format!("this is no record of the ledger; the number {number} is not given out")
                }
                None => "this is no record of the ledger".to_owned(),
            };
            findings.push(Finding::new(FindingCode::ForeignEntry, path, sentence));
        }
        for (number, surveyed, found) in all(reader, &numbers) {
            survey.records.insert(number, surveyed);
            findings.extend(found);
        }
        survey
    }
}

type CheckedRecord = (TurnId, Surveyed, Vec<Finding>);

/// Checks the records by one thread per core.
fn all(reader: &Reader, numbers: &[TurnId]) -> Vec<CheckedRecord> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(numbers.len() / 8 + 1);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (surveyed, findings) = record_check::check(reader, *number);
            done.push((*number, surveyed, findings));
        }
        done
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    })
}
