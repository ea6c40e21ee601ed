//! Whether the index has one row for each record, and the one that follows from its manifest.

use std::collections::BTreeMap;
use std::io;

use super::survey::Survey;
use super::unfinished::Unfinished;
use crate::prove::finding::{Finding, FindingCode as Code};
use crate::read::{IndexFinding, IndexRow, Reader, TurnsIndex};
use crate::system::plain_file::read_index;
use crate::values::TurnId;

pub(super) fn check(reader: &Reader, survey: &Survey, unfinished: &Unfinished, findings: &mut Vec<Finding>) {
    let path = reader.places().index();
    let shown = reader.shown(&path);
    let bytes = match read_index(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if survey.records.values().any(|record| record.row.is_some()) {
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
        rows(&index, survey, unfinished, &shown, findings);
    }
}

fn rows(
    index: &TurnsIndex,
    survey: &Survey,
    unfinished: &Unfinished,
    shown: &str,
    findings: &mut Vec<Finding>,
) {
    let mut rows: BTreeMap<TurnId, &IndexRow> = index.rows.iter().map(|row| (row.turn_id, row)).collect();
    let mut find = |code, number, sentence: String| {
        findings.push(Finding::new(code, shown, sentence).of(number));
    };
    for (number, record) in &survey.records {
        let row = rows.remove(number);
        let Some(derived) = &record.row else { continue };
        let is_unfinished = record.ledger().is_some_and(|part| unfinished.uids.contains(&part.uid));
        match row {
            None if is_unfinished => {}
            None => find(Code::RowMissing, *number, format!("turn {number} has no row")),
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
    for number in rows.into_keys().filter(|number| !survey.foreign.contains(number)) {
        find(Code::RowWithoutRecord, number, format!("turn {number} has a row and no record"));
    }
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
