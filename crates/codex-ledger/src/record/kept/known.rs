//! [`KnownLedger`]: what the ledger was when it was last looked at, kept so that git need not read it again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::record::footprint::{FootprintPart, PartMark};
use crate::record::parts::LedgerParts;
use crate::system::plain_file::read_plain;
use crate::values::{Oid, TurnId, sha256_hex};

/// The whole ledger as git has it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Base {
    pub(super) tree: Option<Oid>,
    pub(super) marks: BTreeMap<String, PartMark>,
}

/// A record that came after.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct LaterRecord {
    pub(super) mark: PartMark,
    pub(super) tree: Oid,
}

/// The records that came after a base.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Since {
    /// Which base.
    base: String,
    records: BTreeMap<String, LaterRecord>,
}

/// What the ledger was. A hint: whatever does not fit to what lies on the disk is asked again.
#[derive(Debug, Default)]
pub(super) struct KnownLedger {
    pub(super) base: Base,
    pub(super) records: BTreeMap<String, LaterRecord>,
}

impl Base {
    pub(super) fn new(tree: Option<Oid>, marks: BTreeMap<String, PartMark>) -> Self {
        Self { tree, marks }
    }
}

impl KnownLedger {
    pub(super) fn of(base: Base) -> Self {
        Self { base, records: BTreeMap::new() }
    }

    pub(super) fn read(parts: &LedgerParts) -> Option<Self> {
        let bytes = read_plain(&base_file(parts)).ok()?;
        let base = serde_json::from_slice(&bytes).ok()?;
        let since: Option<Since> = read(&since_file(parts));
        let records = since.filter(|since| since.base == sha256_hex(&bytes)).map(|since| since.records);
        Some(Self { base, records: records.unwrap_or_default() })
    }

    /// How a part stood when it was last looked at.
    pub(super) fn mark(&self, name: &str) -> Option<&PartMark> {
        let later = self.records.get(name).map(|record| &record.mark);
        later.or_else(|| self.base.marks.get(name))
    }

    /// Writes it; that it cannot be written costs the next turn a moment, and nothing else.
    pub(super) fn write(self, parts: &LedgerParts) {
        let Ok(bytes) = serde_json::to_vec(&self.base) else { return };
        put(parts, &base_file(parts), &bytes);
        put_since(parts, &Since { base: sha256_hex(&bytes), records: self.records });
    }
}

/// Adds a record that git has just read.
pub(crate) fn note_record(parts: &LedgerParts, id: TurnId, mark: PartMark, tree: &Oid) {
    let Some(mut since) = read::<Since>(&since_file(parts)) else { return };
    let turns = parts.places.turns();
    for (name, record) in &mut since.records {
        // What has had time to settle need not be read again.
        if let Some(name) = name.strip_prefix("turns/")
            && (record.mark.has_content() || record.mark.has_to_be_listed())
            && let Ok(part) = FootprintPart::folder(&turns.join(name))
            && part.is_as(&record.mark)
        {
            part.settle(&mut record.mark);
        }
    }
    since.records.insert(format!("turns/{id}"), LaterRecord { mark, tree: tree.clone() });
    put_since(parts, &since);
}

fn put_since(parts: &LedgerParts, since: &Since) {
    if let Ok(bytes) = serde_json::to_vec(since) {
        put(parts, &since_file(parts), &bytes);
    }
}

fn put(parts: &LedgerParts, path: &Path, bytes: &[u8]) {
    let disk = parts.disk.as_ref();
    let written = disk.create_dir_all(&parts.dirs.worktree).and_then(|()| disk.write_unsynced(path, bytes));
    if let Err(error) = written {
        tracing::warn!(path = %path.display(), %error, "what the ledger is will be asked again");
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&read_plain(path).ok()?).ok()
}

fn base_file(parts: &LedgerParts) -> PathBuf {
    parts.dirs.worktree.join("ledger.json")
}

fn since_file(parts: &LedgerParts) -> PathBuf {
    parts.dirs.worktree.join("ledger-since.json")
}
