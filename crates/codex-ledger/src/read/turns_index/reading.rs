//! [`TurnsIndex`]: an index as it is found, with whatever is wrong with it.

use std::collections::HashMap;

use crate::values::TurnId;

use super::INDEX_HEADER;
use super::row::{BadRow, IndexRow};

/// Holds the rows of an index that could be read, and what is wrong with the rest.
///
/// ```
/// use codex_ledger::read::{INDEX_HEADER, IndexFinding, TurnsIndex};
///
/// let text = format!("{INDEX_HEADER}\n1,2025-09-05T17:42:10Z,plan,main,turn/1,d4e5f6a,42,0,1.8\n2,2025");
/// let index = TurnsIndex::parse(text.as_bytes());
/// assert_eq!(index.rows[0].tests_passed, Some(42));
/// assert!(matches!(index.findings[..], [IndexFinding::TornLine { line: 3, is_whole: false, .. }]));
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct TurnsIndex {
    /// The rows in the order of the file, each number once: of rows that repeat a number, the first.
    pub rows: Vec<IndexRow>,
    /// What is wrong, in the order of the file.
    pub findings: Vec<IndexFinding>,
}

/// Says what is wrong with an index; lines are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "a finding of a new kind must be thought about by its readers")]
pub enum IndexFinding {
    /// The header is another one; nothing below it was read.
    #[error("the header is another one: `{header}`")]
    #[non_exhaustive]
    UnknownHeader {
        /// The first line.
        header: String,
    },
    /// There is no header, and rows.
    #[error("there is no header")]
    NoHeader,
    /// There is a mark before the first line.
    #[error("the file starts with a byte order mark")]
    ByteOrderMark,
    /// Lines end with a carriage return and a line feed.
    #[error("{lines} lines end with a carriage return")]
    #[non_exhaustive]
    CarriageReturns {
        /// How many.
        lines: u64,
    },
    /// The header is there again.
    #[error("line {line} is a second header")]
    #[non_exhaustive]
    SecondHeader {
        /// The line.
        line: u64,
    },
    /// A merge was left in the middle.
    #[error("line {line} is a mark of a merge conflict")]
    #[non_exhaustive]
    ConflictMark {
        /// The line.
        line: u64,
    },
    /// A row has too few or too many cells.
    #[error("line {line} has {cells} cells")]
    #[non_exhaustive]
    Ragged {
        /// The line.
        line: u64,
        /// How many cells it has.
        cells: usize,
    },
    /// A row has a quote that does not close, or text behind one that does.
    #[error("line {line} has broken quotes")]
    #[non_exhaustive]
    Quotes {
        /// The line.
        line: u64,
    },
    /// A cell does not hold what its column does.
    #[error("line {line} has no valid {column}")]
    #[non_exhaustive]
    Column {
        /// The line.
        line: u64,
        /// The name of the column.
        column: &'static str,
    },
    /// A line is not UTF-8.
    #[error("line {line} is not UTF-8")]
    #[non_exhaustive]
    NotUtf8 {
        /// The line.
        line: u64,
    },
    /// A row is there twice.
    #[error("line {line} repeats the row of turn {turn_id}")]
    #[non_exhaustive]
    Repeated {
        /// The line.
        line: u64,
        /// The number.
        turn_id: TurnId,
    },
    /// A row says something else of a turn than an earlier one.
    #[error("line {line} contradicts the row of turn {turn_id}")]
    #[non_exhaustive]
    Contradiction {
        /// The line.
        line: u64,
        /// The number.
        turn_id: TurnId,
    },
    /// The last line does not end with a line feed.
    #[error("line {line} is torn")]
    #[non_exhaustive]
    TornLine {
        /// The line.
        line: u64,
        /// Whether it is a whole row all the same.
        is_whole: bool,
    },
}

impl IndexFinding {
    /// Whether the last line is a whole row, if it is one without a line feed.
    pub(super) fn torn(&self) -> Option<bool> {
        if let Self::TornLine { is_whole, .. } = self { Some(*is_whole) } else { None }
    }
}

pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl TurnsIndex {
    /// Reads what can be read; a file that is missing is an empty one.
    pub fn parse(bytes: &[u8]) -> Self {
        let mut reading = Reading::default();
        let text = match bytes.strip_prefix(BYTE_ORDER_MARK) {
            Some(text) => {
                reading.index.findings.push(IndexFinding::ByteOrderMark);
                text
            }
            None => bytes,
        };
        for (number, line) in (1..).zip(text.split_inclusive(|byte| *byte == b'\n')) {
            if !reading.line(number, line) {
                break;
            }
        }
        if reading.carriage_returns > 0 {
            let lines = reading.carriage_returns;
            reading.index.findings.push(IndexFinding::CarriageReturns { lines });
        }
        reading.index
    }

    /// The row of a record.
    pub fn row(&self, turn_id: TurnId) -> Option<&IndexRow> {
        self.rows.iter().find(|row| row.turn_id == turn_id)
    }

    /// The highest number of a row.
    pub fn highest(&self) -> Option<TurnId> {
        self.rows.iter().map(|row| row.turn_id).max()
    }
}

#[derive(Default)]
struct Reading {
    index: TurnsIndex,
    places: HashMap<TurnId, usize>,
    header: Header,
    carriage_returns: u64,
}

#[derive(Default, PartialEq, Eq)]
enum Header {
    #[default]
    Expected,
    Read,
}

impl Reading {
    /// Reads a line; whether to go on.
    fn line(&mut self, number: u64, line: &[u8]) -> bool {
        let is_torn = !line.ends_with(b"\n");
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = match line.strip_suffix(b"\r") {
            Some(line) => {
                self.carriage_returns += 1;
                line
            }
            None => line,
        };
        let findings = &mut self.index.findings;
        if is_conflict_mark(line) {
            findings.push(IndexFinding::ConflictMark { line: number });
            findings.extend(is_torn.then_some(IndexFinding::TornLine { line: number, is_whole: true }));
            return true;
        }
        let Ok(text) = std::str::from_utf8(line) else {
            findings.push(IndexFinding::NotUtf8 { line: number });
            // The end of a row may be in the middle of a letter.
            findings.extend(is_torn.then_some(IndexFinding::TornLine { line: number, is_whole: false }));
            return true;
        };
        if text.trim().is_empty() {
            findings.extend(is_torn.then_some(IndexFinding::TornLine { line: number, is_whole: true }));
            return true;
        }
        if text == INDEX_HEADER {
            if self.header == Header::Read {
                findings.push(IndexFinding::SecondHeader { line: number });
            }
            self.header = Header::Read;
            if is_torn {
                findings.push(IndexFinding::TornLine { line: number, is_whole: true });
            }
            return true;
        }
        if is_torn && self.header == Header::Expected && INDEX_HEADER.starts_with(text) {
            findings.push(IndexFinding::TornLine { line: number, is_whole: false });
            return true;
        }
        let row = IndexRow::parse(text);
        if self.header == Header::Expected {
            self.header = Header::Read;
            if row.is_err() {
                // It has to be the first finding, whatever else was found before.
                findings.insert(0, IndexFinding::UnknownHeader { header: text.chars().take(200).collect() });
                return false;
            }
            findings.push(IndexFinding::NoHeader);
        }
        if is_torn {
            findings.push(IndexFinding::TornLine { line: number, is_whole: row.is_ok() });
        }
        match row {
            Ok(row) => self.add(number, row),
            Err(_) if is_torn => {}
            Err(BadRow::Quotes) => findings.push(IndexFinding::Quotes { line: number }),
            Err(BadRow::Cells(cells)) => findings.push(IndexFinding::Ragged { line: number, cells }),
            Err(BadRow::Column(column)) => findings.push(IndexFinding::Column { line: number, column }),
        }
        true
    }

    fn add(&mut self, line: u64, row: IndexRow) {
        let turn_id = row.turn_id;
        match self.places.get(&turn_id) {
            None => {
                self.places.insert(turn_id, self.index.rows.len());
                self.index.rows.push(row);
            }
            Some(at) if self.index.rows[*at] == row => {
                self.index.findings.push(IndexFinding::Repeated { line, turn_id });
            }
            Some(_) => self.index.findings.push(IndexFinding::Contradiction { line, turn_id }),
        }
    }
}

fn is_conflict_mark(line: &[u8]) -> bool {
    [&b"<<<<<<<"[..], b"|||||||", b"=======", b">>>>>>>"]
        .iter()
        .any(|mark| line.strip_prefix(*mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(b" ")))
}
