//! What the index promises for any bytes.

use codex_ledger::read::{IndexChange, IndexRow, TurnsIndex, index_change};
use codex_ledger::{Manifest, TurnId};

/// Takes the bytes for an index, and adds a row to it.
pub(crate) fn check(bytes: &[u8]) {
    let before = TurnsIndex::parse(bytes);
    let number = before.highest().and_then(TurnId::next).unwrap_or(TurnId::FIRST);
    let mut manifest = Manifest::new(number, "2025-01-01T00:00:00Z");
    manifest.task.name = String::from_utf8_lossy(&bytes[..bytes.len().min(64)]).into_owned();
    let row = IndexRow::of(&manifest);
    let after = match index_change(bytes, &row) {
        Ok(IndexChange::Append(more)) => [bytes, &more].concat(),
        Ok(IndexChange::Replace(all)) => all,
        // The highest number is taken, and the row is that of the record.
        Ok(_) => return assert!(before.rows.contains(&row)),
        Err(_) => return,
    };
    let index = TurnsIndex::parse(&after);
    assert!(index.rows.contains(&row), "the row that was added is there");
    for row in &before.rows {
        assert!(index.rows.contains(row), "the row of turn {} is still there", row.turn_id);
    }
    assert!(matches!(index_change(&after, &row), Ok(IndexChange::Nothing)), "a row is added once");
}
