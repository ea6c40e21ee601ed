//! [`Kept`]: the ledger as it was before a turn, to be put back if the turn changes it.

mod known;

use std::collections::BTreeMap;
use std::io;

pub(crate) use self::known::note_record;
use self::known::{Base, KnownLedger};
use crate::git::{Created, EntryKind, Swapped, TreeEntry, VcsError};
use crate::ledger_error::LedgerError;
use crate::record::footprint::{
    Footprint, FootprintEntries, FootprintEntry, FootprintPart, FootprintPartKind, PartMark,
};
use crate::record::ledger_folder::LedgerFolder;
use crate::record::parts::LedgerParts;
use crate::values::places::ledger_path;
use crate::values::{Oid, RepoPath};

/// Keeps what is known from garbage collection. Of this worktree alone, as the folder of the ledger is.
const BASE_REF: &str = "refs/worktree/turns-ledger";
/// After so many records git is asked again for everything, so that what is known stays short.
const MOST_RECORDS: usize = 64;
/// So many parts are read again at every turn if need be.
const MOST_READ: usize = 32;
/// A file beside the records that has changed is held in memory, up to this size.
const MOST_BYTES: u64 = 16 << 20;
const STEP: &str = "look at the ledger";

/// The ledger as it was before a turn: its footprint, to see whether it is still so, and its content.
///
/// The content is a tree of git's and what has changed since that was made. Only where something was touched it is put
/// together, which takes git some processes and much reading.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    marks: BTreeMap<String, PartMark>,
    entries: FootprintEntries,
    base: Option<Oid>,
    since: BTreeMap<String, Held>,
}

/// What stood in a place of the base.
#[derive(Debug)]
enum Held {
    Nothing,
    Folder(Oid),
    Bytes(EntryKind, Vec<u8>),
}

impl Kept {
    /// Looks at the ledger.
    pub(crate) fn take(parts: &LedgerParts) -> Result<Self, LedgerError> {
        let root = parts.places.root();
        let failed = || LedgerError::disk(STEP, root);
        let known = KnownLedger::read(parts);
        let footprint = Footprint::take(root, |name| known.as_ref()?.mark(name)).map_err(failed())?;
        // What may change again without a trace is read before git reads it.
        let marks = footprint.marks().map_err(failed())?;
        let known = known.filter(|known| known.records.len() <= MOST_RECORDS);
        if let Some(known) = known
            && let Some(since) = since(&known, &footprint).map_err(failed())?
        {
            let base = known.base.tree.clone();
            settle(parts, known, &footprint, &since);
            return Ok(Self { marks, entries: footprint.into_entries(), base, since });
        }
        let base = parts.vcs.folder_tree(&ledger_path()).map_err(LedgerError::git(STEP))?;
        match hold(parts, base.as_ref()) {
            Ok(true) => KnownLedger::of(Base::new(base.clone(), marks.clone())).write(parts),
            Ok(false) => KnownLedger::default().write(parts),
            Err(error) => {
                tracing::warn!(%error, "what the ledger is will be asked again");
                KnownLedger::default().write(parts);
            }
        }
        Ok(Self { marks, entries: footprint.into_entries(), base, since: BTreeMap::new() })
    }

    /// The names of what stands in the folder of the records.
    pub(crate) fn names_of_records(&self) -> impl Iterator<Item = &str> {
        self.marks.keys().filter_map(|name| name.strip_prefix("turns/"))
    }

    /// Whether everything is as it was.
    pub(crate) fn is_untouched(&self, parts: &LedgerParts) -> bool {
        LedgerFolder::obstacle(parts.vcs.worktree_root()).is_none()
            // Lengths come first: what somebody has made enormous is not read.
            && Footprint::take(parts.places.root(), |name| self.marks.get(name))
                .is_ok_and(|now| now.has_entries(&self.entries) && now.is_as(&self.marks))
    }

    /// Everything that was there, and what it was.
    pub(crate) fn entries(&self) -> Vec<FootprintEntry> {
        self.entries.list()
    }

    /// The ledger before as one tree.
    pub(crate) fn tree(&self, parts: &LedgerParts) -> Result<Option<Oid>, VcsError> {
        let vcs = parts.vcs.as_ref();
        let (mut put, mut gone) = (Vec::new(), Vec::new());
        for (name, held) in &self.since {
            let path: RepoPath = name
                .parse()
                .map_err(|_| VcsError::Unreadable { step: STEP, reason: format!("{name} is no path") })?;
            match held {
                Held::Nothing => gone.push(path),
                Held::Folder(tree) => put.push(TreeEntry::new(path, EntryKind::Folder, tree.clone())),
                Held::Bytes(kind, bytes) => put.push(TreeEntry::new(path, *kind, vcs.write_blob(bytes)?)),
            }
        }
        let mut tree = self.base.clone();
        if let Some(base) = tree.as_ref().filter(|_| !gone.is_empty()) {
            tree = Some(vcs.tree_without(base, &gone)?);
        }
        if put.is_empty() { Ok(tree) } else { vcs.tree_with(tree.as_ref(), &put).map(Some) }
    }
}

/// What the ledger was when it was last looked at, and the records that came since.
#[derive(Debug)]
pub(crate) struct LastKnown {
    /// All of it, as one tree.
    pub(crate) base: Option<Oid>,
    pub(crate) records: Vec<KnownRecord>,
}

/// A record as it was last seen.
#[derive(Debug)]
pub(crate) struct KnownRecord {
    /// The name of its folder.
    pub(crate) name: String,
    pub(crate) mark: PartMark,
    /// Its tree, where it is not in the base.
    newer: Option<Oid>,
}

impl KnownRecord {
    /// Whether it came after the base.
    pub(crate) fn is_newer(&self) -> bool {
        self.newer.is_some()
    }
}

impl LastKnown {
    pub(crate) fn read(parts: &LedgerParts) -> Option<Self> {
        let KnownLedger { base, records: newer } = KnownLedger::read(parts)?;
        let old = base.marks.into_iter().filter(|(name, _)| !newer.contains_key(name));
        let old: Vec<(String, PartMark)> = old.collect();
        let new = newer.into_iter().map(|(name, record)| (name, record.mark, Some(record.tree)));
        let all = old.into_iter().map(|(name, mark)| (name, mark, None)).chain(new);
        let records = all.filter_map(|(name, mark, newer)| {
            let name = name.strip_prefix("turns/")?.to_owned();
            Some(KnownRecord { name, mark, newer })
        });
        let records = records.collect();
        Some(Self { base: base.tree, records })
    }

    /// The folder of a record, if it was one.
    pub(crate) fn tree(&self, parts: &LedgerParts, record: &KnownRecord) -> Result<Option<Oid>, VcsError> {
        if record.newer.is_some() {
            return Ok(record.newer.clone());
        }
        let Some(base) = &self.base else { return Ok(None) };
        let Ok(path) = format!("turns/{}", record.name).parse() else { return Ok(None) };
        let entry = parts.vcs.entry(base, &path)?;
        Ok(entry.filter(|entry| entry.kind == EntryKind::Folder).map(|entry| entry.oid))
    }
}

/// What differs from the base; `None` if git has to be asked.
fn since(known: &KnownLedger, footprint: &Footprint) -> io::Result<Option<BTreeMap<String, Held>>> {
    let mut since = BTreeMap::new();
    let mut known_names = known.base.marks.keys().chain(known.records.keys());
    if known_names.any(|name| name.starts_with("turns/") && !footprint.parts.contains_key(name)) {
        // Recovery goes by what is known, and must not bring back what somebody has removed.
        return Ok(None);
    }
    for (name, part) in &footprint.parts {
        if let Some(record) = known.records.get(name) {
            if !part.is_as(&record.mark) {
                return Ok(None);
            }
            since.insert(name.clone(), Held::Folder(record.tree.clone()));
        } else if known.base.marks.get(name).is_none_or(|mark| !part.is_as(mark)) {
            let Some(held) = held(part)? else { return Ok(None) };
            since.insert(name.clone(), held);
        }
    }
    let gone = known.base.marks.keys().filter(|name| !footprint.parts.contains_key(*name));
    since.extend(gone.map(|name| (name.clone(), Held::Nothing)));
    Ok(Some(since))
}

/// Where many parts could only be compared by reading them or by listing their folders, remembers how they stand now that they
/// have settled.
fn settle(
    parts: &LedgerParts,
    mut known: KnownLedger,
    footprint: &Footprint,
    since: &BTreeMap<String, Held>,
) {
    let unsettled = |known: &KnownLedger| {
        let can_settle = |name: &String| footprint.parts.get(name).is_some_and(FootprintPart::is_listed);
        let marks = known.base.marks.iter();
        let marks =
            marks.filter(|(name, mark)| mark.has_content() || mark.has_to_be_listed() && can_settle(name));
        marks.count()
    };
    if unsettled(&known) <= MOST_READ {
        return;
    }
    for (name, mark) in &mut known.base.marks {
        if let Some(part) = footprint.parts.get(name).filter(|_| !since.contains_key(name)) {
            part.settle(mark);
        }
    }
    if unsettled(&known) <= MOST_READ {
        known.write(parts);
    }
}

fn held(part: &FootprintPart) -> io::Result<Option<Held>> {
    let kind = match part.kind {
        FootprintPartKind::Other => return Ok(Some(Held::Nothing)),
        FootprintPartKind::Folder => return Ok(None),
        FootprintPartKind::File | FootprintPartKind::Executable | FootprintPartKind::Symlink
            if part.bytes > MOST_BYTES =>
        {
            return Ok(None);
        }
        FootprintPartKind::File => EntryKind::File,
        FootprintPartKind::Executable => EntryKind::Executable,
        FootprintPartKind::Symlink => EntryKind::Symlink,
    };
    part.read().map(|bytes| Some(Held::Bytes(kind, bytes)))
}

/// Keeps a tree from garbage collection; whether that worked.
fn hold(parts: &LedgerParts, tree: Option<&Oid>) -> Result<bool, VcsError> {
    let Some(tree) = tree else { return Ok(true) };
    let vcs = parts.vcs.as_ref();
    match vcs.read_ref(BASE_REF)? {
        Some(old) if old == *tree => Ok(true),
        Some(old) => Ok(matches!(vcs.update_ref(BASE_REF, tree, &old)?, Swapped::Done)),
        None => Ok(matches!(vcs.create_ref(BASE_REF, tree, &[])?, Created::Made { .. })),
    }
}
