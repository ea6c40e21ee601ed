//! [`list`]: the records, one line for each.

use codex_ledger::{Manifest, TurnId};
use jiff::Timestamp;
use unicode_width::UnicodeWidthStr as _;

use super::ago::ago;
use super::words::{changes, state, tests};
use crate::render::{Line, Tone};

/// A record of a list, or why there is none to see.
#[derive(Debug)]
pub(crate) struct ListEntry<'a> {
    pub(crate) turn_id: TurnId,
    pub(crate) manifest: Result<&'a Manifest, String>,
}

/// How many columns stand before the task.
const COLUMNS: usize = 5;

/// A table with the newest record last, next to where one types.
pub(crate) fn list(entries: &[ListEntry<'_>], now: Timestamp) -> Vec<Line> {
    let heads = ["TURN", "WHEN", "STATE", "CHANGES", "TESTS"].map(|head| (Tone::Dim, head.to_owned()));
    let rows = entries.iter().map(|entry| row(entry, now));
    let rows: Vec<(Cells, String)> = std::iter::once((heads, "TASK".to_owned())).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|(cells, _)| cells[column].1.width()).max().unwrap_or(0);
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    rows.iter().enumerate().map(|(at, (cells, task))| line(cells, task, widths, at == 0)).collect()
}

type Cells = [(Tone, String); COLUMNS];

fn row(entry: &ListEntry<'_>, now: Timestamp) -> (Cells, String) {
    let number = (Tone::Strong, entry.turn_id.to_string());
    let manifest = match &entry.manifest {
        Ok(manifest) => manifest,
        Err(problem) => {
            let empty = || (Tone::Dim, String::new());
            return (
                [number, empty(), (Tone::Bad, "✗ unreadable".to_owned()), empty(), empty()],
                problem.clone(),
            );
        }
    };
    let (state, changes) = (state(manifest), (Tone::Plain, changes(&manifest.metrics)));
    let when = (Tone::Dim, ago(&manifest.timestamp_utc, now));
    ([number, when, state, changes, tests(manifest)], manifest.task.name.clone())
}

fn line(cells: &Cells, task: &str, widths: [usize; COLUMNS], is_head: bool) -> Line {
    let mut line = Line::default();
    for (at, ((tone, text), width)) in cells.iter().zip(widths).enumerate() {
        let gap = " ".repeat(width - text.width());
        // Numbers end in one column.
        line = if at == 0 {
            line.and(*tone, &format!("{gap}{text}  "))
        } else {
            line.and(*tone, &format!("{text}{gap}  "))
        };
    }
    if is_head { line.and(Tone::Dim, task) } else { line.and_long(task) }
}
