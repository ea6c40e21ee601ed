//! [`TurnsIndex`]: one row for each record, `turns_index.csv`.

mod cells;
mod reading;
mod row;

pub use reading::{IndexFinding, TurnsIndex};
pub use row::IndexRow;

use crate::manifest::Manifest;

/// The first line of the index, without its line feed.
pub const INDEX_HEADER: &str =
    "turnId,timestampUtc,task,branch,tag,headAfter,testsPassed,testsFailed,coverageDeltaPct";

/// Says how a row gets into an index.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum IndexChange {
    /// These bytes are to be appended, in one write.
    Append(Vec<u8>),
    /// The end of the file was torn; these are the bytes of the whole file.
    Replace(Vec<u8>),
    /// The row is there already.
    Nothing,
}

/// Says that an index was written by something else, so that nothing may be written to it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the index has another header: `{header}`")]
#[non_exhaustive]
pub struct UnknownHeader {
    /// Its first line.
    pub header: String,
}

/// Says how to add a row to an index whose bytes these are, empty where there is no file.
///
/// An empty file gets its header first. A last line without a line feed gets one if it is a whole row, and is
/// dropped if it is not. No other line is touched.
///
/// # Errors
///
/// The file has another header than an index.
pub fn index_change(existing: &[u8], row: &IndexRow) -> Result<IndexChange, UnknownHeader> {
    let line = row.to_line();
    let index = TurnsIndex::parse(existing);
    if let Some(IndexFinding::UnknownHeader { header }) = index.findings.first() {
        return Err(UnknownHeader { header: header.clone() });
    }
    if index.rows.contains(row) {
        return Ok(IndexChange::Nothing);
    }
    let unmarked = existing.strip_prefix(reading::BYTE_ORDER_MARK).unwrap_or(existing);
    if unmarked.trim_ascii().is_empty() {
        let bytes = format!("{INDEX_HEADER}\n{line}").into_bytes();
        let is_empty = existing.is_empty();
        return Ok(if is_empty { IndexChange::Append(bytes) } else { IndexChange::Replace(bytes) });
    }
    let torn = index.findings.iter().find_map(IndexFinding::torn);
    Ok(match torn {
        None => IndexChange::Append(line.into_bytes()),
        Some(true) => IndexChange::Append(format!("\n{line}").into_bytes()),
        Some(false) => {
            let whole = memchr::memrchr(b'\n', existing).map_or(0, |at| at + 1);
            let header = if whole == 0 { format!("{INDEX_HEADER}\n") } else { String::new() };
            IndexChange::Replace([&existing[..whole], header.as_bytes(), line.as_bytes()].concat())
        }
    })
}

/// Writes the index of these manifests: a header, and their rows sorted by number.
pub fn rebuild_index<'a>(manifests: impl IntoIterator<Item = &'a Manifest>) -> Vec<u8> {
    let mut rows: Vec<IndexRow> = manifests.into_iter().map(IndexRow::of).collect();
    rows.sort_by_key(|row| row.turn_id);
    let mut text = format!("{INDEX_HEADER}\n");
    for row in rows {
        text.push_str(&row.to_line());
    }
    text.into_bytes()
}

#[cfg(test)]
mod tests;
