//! [`decisions`]: the decisions of all records, one line for each.

use codex_ledger::TurnId;
use unicode_width::UnicodeWidthStr as _;

use crate::render::{Line, Tone};

/// A decision of a list.
#[derive(Debug)]
pub(crate) struct DecisionRow<'a> {
    pub(crate) turn_id: TurnId,
    pub(crate) timestamp_utc: &'a str,
    pub(crate) status: &'a str,
    pub(crate) title: &'a str,
}

/// A table with the newest record last.
pub(crate) fn decisions(rows: &[DecisionRow<'_>]) -> Vec<Line> {
    let heads =
        [[(Tone::Dim, "TURN".to_owned()), (Tone::Dim, "DATE".to_owned()), (Tone::Dim, "STATUS".to_owned())]];
    let cells: Vec<[(Tone, String); 3]> = heads.into_iter().chain(rows.iter().map(cells)).collect();
    let width = |column: usize| cells.iter().map(|row| row[column].1.width()).max().unwrap_or(0);
    let widths: [usize; 3] = std::array::from_fn(width);
    let titles = std::iter::once("TITLE").chain(rows.iter().map(|row| row.title));
    let lines = cells.iter().zip(titles).enumerate().map(|(at, (row, title))| {
        let mut line = Line::default();
        for (column, ((tone, text), width)) in row.iter().zip(widths).enumerate() {
            let gap = " ".repeat(width - text.width());
            // Numbers end in one column.
            line = match column {
                0 => line.and(*tone, &format!("{gap}{text}  ")),
                _ => line.and(*tone, &format!("{text}{gap}  ")),
            };
        }
        if at == 0 { line.and(Tone::Dim, title) } else { line.and_long(title) }
    });
    lines.collect()
}

fn cells(row: &DecisionRow<'_>) -> [(Tone, String); 3] {
    let date = row.timestamp_utc.get(..10).unwrap_or(row.timestamp_utc);
    let tone = match row.status {
        "Accepted" => Tone::Good,
        "Deprecated" => Tone::Dim,
        _ => Tone::Warning,
    };
    [(Tone::Strong, row.turn_id.to_string()), (Tone::Dim, date.to_owned()), (tone, row.status.to_owned())]
}
