//! Whether the index has one row for each record, and the one that follows from its manifest.

use std::collections::BTreeMap;
use std::io;

use super::absent::AbsentRecords;
use super::committed::Committed;
use super::runs::runs;
use super::survey::{ForeignKind, Survey};
use super::unfinished::Unfinished;
use crate::prove::finding::{Finding, FindingCode as Code};
use crate::read::{IndexFinding, IndexRow, Reader, TurnsIndex};
use crate::system::plain_file::read_index;
use crate::values::places::repo_path;
use crate::values::{LEDGER_ROOT, RepoPath, TurnId, sha256_hex};

/// What the index is compared with.
pub(super) struct IndexWitnesses<'a> {
    pub(super) survey: &'a Survey,
    pub(super) unfinished: &'a Unfinished,
    /// What git has; nothing where there is no git.
    pub(super) committed: Option<&'a Committed<'a>>,
    /// Records that are rightly not here.
    pub(super) absent: &'a AbsentRecords,
}

pub(super) fn check(reader: &Reader, witnesses: &IndexWitnesses<'_>, findings: &mut Vec<Finding>) {
    let path = reader.places().index();
    let shown = reader.shown(&path);
    let bytes = match read_index(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let is_left_out =
                || witnesses.committed.is_some_and(|committed| committed.is_left_out(&index_path()));
            if witnesses.survey.records.values().any(|record| record.row.is_some()) && !is_left_out() {
                findings.push(Finding::new(Code::IndexMissing, shown, "there are records, and no index"));
            }
            return;
        }
        Err(error) => {
            findings.push(Finding::new(Code::IndexUnreadable, shown, format!("it cannot be read: {error}")));
            return;
        }
    };
    let index = TurnsIndex::parse(&bytes);
    let is_ours = !index.findings.iter().any(|finding| matches!(finding, IndexFinding::UnknownHeader { .. }));
    for finding in &index.findings {
        let mut found = Finding::new(code(finding), shown.clone(), finding.to_string());
        if let IndexFinding::Repeated { turn_id, .. } | IndexFinding::Contradiction { turn_id, .. } = finding
        {
            found = found.of(*turn_id);
        }
        findings.push(found);
    }
    if is_ours {
        let rows = Rows { witnesses, shown: &shown, bytes: &bytes };
        rows.check(&index, findings);
    }
}

struct Rows<'a> {
    witnesses: &'a IndexWitnesses<'a>,
    shown: &'a str,
    bytes: &'a [u8],
}

impl Rows<'_> {
    fn check(&self, index: &TurnsIndex, findings: &mut Vec<Finding>) {
        let IndexWitnesses { survey, unfinished, absent, .. } = self.witnesses;
        let mut rows: BTreeMap<TurnId, &IndexRow> = index.rows.iter().map(|row| (row.turn_id, row)).collect();
        let mut missing = Vec::new();
        let mut find = |code, number, sentence: String| {
            findings.push(Finding::new(code, self.shown, sentence).of(number));
        };
        for (number, record) in &survey.records {
            let row = rows.remove(number);
            let Some(derived) = &record.row else { continue };
            let is_closing = record.uid().is_some_and(|uid| unfinished.is_closing(*number, uid));
            match row {
                None if is_closing => {}
                None => missing.push(*number),
                Some(row) if row == derived => {}
                Some(row) => {
                    let sentence = format!(
                        "the row of turn {number} is `{}` and its manifest says `{}`",
                        row.to_line().trim_end(),
                        derived.to_line().trim_end()
                    );
                    find(Code::RowChanged, *number, sentence);
                }
            }
        }
        // A foreign folder has a row that a person or another program wrote.
        let is_foreign = |number: &TurnId| {
            survey.foreign.get(number).is_some_and(|foreign| foreign.kind == ForeignKind::Other)
        };
        for number in rows.into_keys().filter(|number| !is_foreign(number) && !absent.has(*number)) {
            find(Code::RowWithoutRecord, number, format!("turn {number} has a row and no record"));
        }
        let (behind, missing) = self.put_back(missing);
        for number in missing {
            find(Code::RowMissing, number, format!("turn {number} has no row"));
        }
        for run in runs(&behind) {
            let sentence = format!(
                "{run}: the index is that of the last commit again, which has no rows of records that are not \
                 committed; `codex-turns ledger rebuild-index` writes them"
            );
            findings.push(Finding::new(Code::IndexBehind, self.shown, sentence));
        }
    }

    /// Parts the records without a row into those whose row git took away (`stash`, `checkout`, `restore`, `reset`), and
    /// the others.
    fn put_back(&self, missing: Vec<TurnId>) -> (Vec<TurnId>, Vec<TurnId>) {
        let Some(committed) = self.witnesses.committed.filter(|_| !missing.is_empty()) else {
            return (Vec::new(), missing);
        };
        match committed.sha256(index_path()) {
            Ok(Some(sha256)) if sha256 == sha256_hex(self.bytes) => {
                missing.into_iter().partition(|number| !committed.records.contains(number))
            }
            _ => (Vec::new(), missing),
        }
    }
}

/// The index as git names it.
fn index_path() -> RepoPath {
    repo_path(&format!("{LEDGER_ROOT}/turns_index.csv"))
}

fn code(finding: &IndexFinding) -> Code {
    match finding {
        IndexFinding::UnknownHeader { .. } => Code::IndexUnreadable,
        IndexFinding::ByteOrderMark
        | IndexFinding::CarriageReturns { .. }
        | IndexFinding::SecondHeader { .. }
        | IndexFinding::TornLine { is_whole: true, .. } => Code::IndexForm,
        IndexFinding::Repeated { .. } | IndexFinding::Contradiction { .. } => Code::RowDuplicate,
        IndexFinding::NoHeader
        | IndexFinding::ConflictMark { .. }
        | IndexFinding::Ragged { .. }
        | IndexFinding::Quotes { .. }
        | IndexFinding::Column { .. }
        | IndexFinding::NotUtf8 { .. }
        | IndexFinding::TornLine { is_whole: false, .. } => Code::IndexLineBroken,
    }
}
