//! What a turn that nobody saw end has done to the ledger is undone, as far as that is known.

use std::fs;
use std::path::Path;

use super::Recovery;
use crate::git::TreeEntry;
use crate::ledger_error::LedgerError;
use crate::manifest::Violation;
use crate::read::INDEX_HEADER;
use crate::record::footprint::FootprintPart;
use crate::record::journal::{OPENED, OpenedEntry, RAN};
use crate::record::kept::{KnownRecord, LastKnown};
use crate::record::ledger_folder::{LedgerFolder, kind_name};
use crate::record::ledger_mark::LedgerMark;
use crate::record::rebuild::write_index;
use crate::record::touched::{Touched, remove, restore, system_path};
use crate::system::plain_file::read_index;
use crate::values::places::repo_path;
use crate::values::{ATTRIBUTES, LEDGER_ROOT, Oid};

const STEP: &str = "restore the ledger";

impl Recovery<'_> {
    /// Undoes what was done to the ledger, and names it.
    ///
    /// A ledger that is gone or replaced comes back as it was when a turn last looked at it, with the records that came
    /// since. One that is there is compared record by record, but only if a turn has no end and HEAD is where that turn
    /// began: otherwise somebody else may have changed it for good reasons.
    pub(crate) fn restore_ledger(&self) -> Result<Vec<Violation>, LedgerError> {
        let mut touched = Touched::default();
        if LedgerMark::is_missed(self.parts) {
            self.bring_back(&mut touched)?;
        } else if self.has_turn_without_end()? {
            self.compare_records(&mut touched)?;
        }
        let violations: Vec<Violation> = touched.violations().collect();
        match touched.into_fault() {
            Some(error) => Err(error),
            None => Ok(violations),
        }
    }

    fn bring_back(&self, touched: &mut Touched) -> Result<(), LedgerError> {
        let parts = self.parts;
        let failed = || LedgerError::git(STEP);
        touched.clear_way(parts);
        self.clear_turns(touched);
        touched.note(LEDGER_ROOT, "was gone, and is back as it was last seen");
        if let Some(known) = LastKnown::read(parts) {
            if let Some(base) = &known.base {
                for entry in parts.vcs.entries(base, None).map_err(failed())? {
                    self.restore_entry(&entry, entry.path.as_bytes(), touched);
                }
            }
            for record in known.records.iter().filter(|record| record.is_newer()) {
                if let Some(tree) = known.tree(parts, record).map_err(failed())? {
                    self.restore_record(record, &tree, touched)?;
                }
            }
        }
        self.derived_files(touched)
    }

    /// Whether a turn has no end, and HEAD is where it began.
    fn has_turn_without_end(&self) -> Result<bool, LedgerError> {
        let failed = || LedgerError::git(STEP);
        let vcs = self.parts.vcs.as_ref();
        for journal in crate::record::journal::Journal::all(&self.parts.dirs.journals())? {
            let opened = journal.read::<OpenedEntry>(OPENED)?.filter(|_| !journal.has(RAN));
            let Some(before) = opened.and_then(|opened| opened.before) else { continue };
            let head = vcs.head().map_err(failed())?.map(|head| head.to_string());
            if head == before.head && vcs.branch().map_err(failed())? == before.branch {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn compare_records(&self, touched: &mut Touched) -> Result<(), LedgerError> {
        let Some(known) = LastKnown::read(self.parts) else { return Ok(()) };
        let turns = self.parts.places.turns();
        if LedgerFolder::obstacle(self.parts.vcs.worktree_root()).is_some() {
            touched.clear_way(self.parts);
        }
        self.unlock(self.parts.places.root(), touched);
        self.clear_turns(touched);
        self.unlock(&turns, touched);
        for record in &known.records {
            let place = turns.join(&record.name);
            self.unlock(&place, touched);
            let is_as_known = FootprintPart::folder(&place).is_ok_and(|part| part.is_as(&record.mark));
            if is_as_known {
                continue;
            }
            let tree = known.tree(self.parts, record).map_err(LedgerError::git(STEP))?;
            let Some(tree) = tree else { continue };
            if self.has_same_content(record, &tree)? {
                continue;
            }
            let done = if place.symlink_metadata().is_ok() { "was changed" } else { "was deleted" };
            let path = format!("{LEDGER_ROOT}/turns/{}", record.name);
            touched.note(path, format!("{done} during the turn, and is restored"));
            touched.try_to(remove(self.parts.disk.as_ref(), &place));
            self.restore_record(record, &tree, touched)?;
        }
        self.set_strangers_aside(&known, touched)?;
        self.derived_files(touched)
    }

    /// What came between the records and is neither known nor committed.
    fn set_strangers_aside(&self, known: &LastKnown, touched: &mut Touched) -> Result<(), LedgerError> {
        let parts = self.parts;
        let turns = parts.places.turns();
        for entry in fs::read_dir(&turns).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            if known.records.iter().any(|record| record.name == name) {
                continue;
            }
            let path = format!("{LEDGER_ROOT}/turns/{name}");
            if !parts.is_committed(&repo_path(&path)).map_err(LedgerError::git(STEP))? {
                touched.note(path, "was added to the ledger during the turn, and is set aside");
                touched.try_to(parts.set_aside(&entry.path()));
            }
        }
        Ok(())
    }

    fn has_same_content(&self, record: &KnownRecord, tree: &Oid) -> Result<bool, LedgerError> {
        let path = repo_path(&format!("{LEDGER_ROOT}/turns/{}", record.name));
        let place = self.parts.places.turns().join(&record.name);
        if !place.symlink_metadata().is_ok_and(|found| found.is_dir()) {
            return Ok(false);
        }
        let now = self.parts.vcs.folder_tree(&path).map_err(LedgerError::git(STEP))?;
        Ok(now.as_ref() == Some(tree))
    }

    fn restore_record(
        &self,
        record: &KnownRecord,
        tree: &Oid,
        touched: &mut Touched,
    ) -> Result<(), LedgerError> {
        for entry in self.parts.vcs.entries(tree, None).map_err(LedgerError::git(STEP))? {
            let path = [b"turns/", record.name.as_bytes(), b"/", entry.path.as_bytes()].concat();
            self.restore_entry(&entry, &path, touched);
        }
        Ok(())
    }

    fn restore_entry(&self, entry: &TreeEntry, path: &[u8], touched: &mut Touched) {
        let place = self.parts.places.root().join(system_path(path));
        touched.try_to(restore(self.parts, &place, entry.kind, &entry.oid));
    }

    /// Removes what stands in the place of the folder of all records.
    fn clear_turns(&self, touched: &mut Touched) {
        let turns = self.parts.places.turns();
        let Ok(found) = fs::symlink_metadata(&turns) else { return };
        if !found.is_dir() {
            let by = kind_name(found.file_type());
            touched.note(format!("{LEDGER_ROOT}/turns"), format!("was replaced by {by} during the turn"));
            touched.try_to(self.parts.set_aside(&turns));
        }
    }

    /// Gives the owner of a folder its permissions back.
    fn unlock(&self, folder: &Path, touched: &mut Touched) {
        use std::os::unix::fs::MetadataExt as _;

        let is_locked = |found: fs::Metadata| found.is_dir() && found.mode() & 0o700 != 0o700;
        if fs::symlink_metadata(folder).is_ok_and(is_locked) {
            let name = folder.strip_prefix(self.parts.vcs.worktree_root()).unwrap_or(folder);
            touched.note(name.display().to_string(), "was locked during the turn, and is not any more");
            let set = self.parts.disk.set_mode(folder, 0o755);
            touched.try_to(set.map_err(LedgerError::disk("restore permissions", folder)));
        }
    }

    /// The index and the attributes, which can always be made again.
    fn derived_files(&self, touched: &mut Touched) -> Result<(), LedgerError> {
        let (places, disk) = (&self.parts.places, self.parts.disk.as_ref());
        let is_file = |path: &Path| fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
        let index = places.index();
        let has_header = read_index(&index).is_ok_and(|bytes| {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
            bytes.starts_with(INDEX_HEADER.as_bytes())
        });
        let files = [
            (index.clone(), is_file(&index) && has_header, format!("{INDEX_HEADER}\n")),
            (places.attributes(), is_file(&places.attributes()), ATTRIBUTES.to_owned()),
        ];
        for (path, is_sound, text) in files {
            if is_sound {
                continue;
            }
            let name = path.file_name().unwrap_or_default().display().to_string();
            touched.note(format!("{LEDGER_ROOT}/{name}"), "was gone or unreadable, and is made again");
            remove(disk, &path)?;
            disk.write_new(&path, text.as_bytes()).map_err(LedgerError::disk(STEP, path))?;
        }
        if touched.is_empty() {
            return Ok(());
        }
        disk.sync_dir(places.root()).map_err(LedgerError::disk(STEP, places.root()))?;
        if LedgerFolder::look(self.parts.vcs.worktree_root()) == LedgerFolder::Here {
            write_index(self.parts)?;
        }
        Ok(())
    }
}
