//! [`IndexRow`]: what the index says of one record.

use crate::manifest::Manifest;
use crate::values::{Oid, TurnId};

use super::cells::{guard, one_line, quote, split, strip};

/// Holds one row of the index; unknown is `None`, an empty cell.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct IndexRow {
    /// The number of the record.
    pub turn_id: TurnId,
    /// When the turn began.
    pub timestamp_utc: String,
    /// The task, on one line and cut to 200 characters; the manifest has the exact one.
    pub task: String,
    /// The branch at the start, or empty.
    pub branch: String,
    /// The tag, or empty.
    pub tag: String,
    /// The commit after the turn, or empty; 7 to 64 hexadecimal digits.
    pub head_after: String,
    /// How many tests passed.
    pub tests_passed: Option<u64>,
    /// How many tests failed.
    pub tests_failed: Option<u64>,
    /// By how much the coverage changed, with at most two decimals.
    pub coverage_delta_pct: Option<f64>,
}

const TEXT_LIMIT_LETTERS: usize = 200;

impl IndexRow {
    /// The row of a record.
    pub fn of(manifest: &Manifest) -> Self {
        let git = manifest.git.clone().unwrap_or_default();
        let text = |text: Option<String>| one_line(&text.unwrap_or_default(), usize::MAX);
        let metrics = &manifest.metrics;
        Self {
            turn_id: manifest.turn_id,
            timestamp_utc: manifest.timestamp_utc.clone(),
            task: one_line(&manifest.task.name, TEXT_LIMIT_LETTERS),
            branch: text(git.branch),
            tag: text(git.tag),
            head_after: text(git.head_after),
            tests_passed: metrics.tests_passed,
            tests_failed: metrics.tests_failed,
            coverage_delta_pct: metrics.coverage_delta_pct.map(two_decimals),
        }
    }

    /// The row as a line of the file, with its line feed.
    pub fn to_line(&self) -> String {
        let count = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
        let cells = [
            self.turn_id.to_string(),
            quote(&self.timestamp_utc),
            quote(&guard(&self.task)),
            quote(&guard(&self.branch)),
            quote(&guard(&self.tag)),
            quote(&self.head_after),
            count(self.tests_passed),
            count(self.tests_failed),
            self.coverage_delta_pct.map(|delta| two_decimals(delta).to_string()).unwrap_or_default(),
        ];
        let mut line = cells.join(",");
        line.push('\n');
        line
    }

    /// Reads a line without its line feed; the error names the column that is wrong, or how many there are.
    pub(super) fn parse(line: &str) -> Result<Self, BadRow> {
        let cells = split(line).ok_or(BadRow::Quotes)?;
        let found = cells.len();
        let Ok([id, timestamp, task, branch, tag, head, passed, failed, delta]) =
            <[String; 9]>::try_from(cells)
        else {
            return Err(BadRow::Cells(found));
        };
        Ok(Self {
            turn_id: id.parse().map_err(|_| BadRow::Column("turnId"))?,
            timestamp_utc: Some(timestamp)
                .filter(|text| is_timestamp(text))
                .ok_or(BadRow::Column("timestampUtc"))?,
            task: strip(&task).to_owned(),
            branch: strip(&branch).to_owned(),
            tag: strip(&tag).to_owned(),
            head_after: Some(head).filter(|text| is_id(text)).ok_or(BadRow::Column("headAfter"))?,
            tests_passed: count(&passed, "testsPassed")?,
            tests_failed: count(&failed, "testsFailed")?,
            coverage_delta_pct: number(&delta, "coverageDeltaPct")?,
        })
    }
}

/// Says what is wrong with a line.
pub(super) enum BadRow {
    Quotes,
    Cells(usize),
    Column(&'static str),
}

/// No exponent, and no negative zero.
fn two_decimals(number: f64) -> f64 {
    (number * 100.0).round() / 100.0 + 0.0
}

fn is_id(text: &str) -> bool {
    let is_hex = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    text.is_empty() || text.parse::<Oid>().is_ok() || (is_hex && (7..=64).contains(&text.len()))
}

/// `YYYY-MM-DDTHH:MM:SSZ`, by its shape.
fn is_timestamp(text: &str) -> bool {
    text.len() == 20
        && text.bytes().zip(b"dddd-dd-ddTdd:dd:ddZ").all(|(byte, expected)| match expected {
            b'd' => byte.is_ascii_digit(),
            sign => byte == *sign,
        })
}

/// A count, or nothing where the cell is empty.
fn count(cell: &str, column: &'static str) -> Result<Option<u64>, BadRow> {
    if cell.is_empty() {
        return Ok(None);
    }
    cell.parse().map(Some).map_err(|_| BadRow::Column(column))
}

/// A number without an exponent, or nothing where the cell is empty.
fn number(cell: &str, column: &'static str) -> Result<Option<f64>, BadRow> {
    if cell.is_empty() {
        return Ok(None);
    }
    let is_plain = cell.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    let number = cell.parse().ok().filter(|_| is_plain);
    number.map(Some).ok_or(BadRow::Column(column))
}
