//! A record is moved to its place, and guarded there where nothing commits it.

use std::fs;
use std::io;
use std::path::Path;

use super::Sealing;
use crate::claims::SEAL_PREFIX;
use crate::git::{Commit, Created, EntryKind, TreeEntry, VcsError};
use crate::ledger_error::LedgerError;
use crate::record::footprint::FootprintPart;
use crate::record::kept::note_record;
use crate::system::Disk;
use crate::system::plain_file::read_plain;
use crate::values::Oid;
use crate::values::places::{repo_path, turn_path};

impl Sealing<'_> {
    pub(super) fn publish(&mut self) -> Result<(), LedgerError> {
        let (disk, place) = (self.parts.disk.as_ref(), self.place());
        let turns = self.parts.places.turns();
        let failed = || LedgerError::disk("publish the record", &place);
        disk.create_dir_all(&turns).map_err(failed())?;
        if place.symlink_metadata().is_ok() && self.published()?.is_none() {
            self.clear_place(&place)?;
        }
        let staging = self.journal.staging();
        match disk.rename(&staging, &place) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                let open = turns.join(format!(".open-{}", self.opened.uid));
                copy(disk, &staging, &open).and_then(|()| disk.rename(&open, &place)).map_err(failed())?;
            }
            renamed => renamed.map_err(failed())?,
        }
        disk.sync_dir(&turns).map_err(failed())
    }

    /// Takes out of the way what somebody has put where the record belongs; a record that is committed there is one.
    fn clear_place(&mut self, place: &Path) -> Result<(), LedgerError> {
        let path = turn_path(self.opened.turn_id);
        if self.parts.is_committed(&path).map_err(LedgerError::git("publish the record"))? {
            return Err(LedgerError::Integrity {
                path: place.to_owned(),
                finding: "something else is in the record's place".to_owned(),
            });
        }
        self.parts.set_aside(place)?;
        self.warnings.push(format!("{path} was something else and is set aside in the git directory"));
        Ok(())
    }

    /// Makes a ref that keeps the record and the trees from garbage collection, and shows any change to it.
    pub(super) fn guard(&mut self) -> Result<(), LedgerError> {
        let failed = || LedgerError::git("guard the record");
        let (vcs, id) = (self.parts.vcs.as_ref(), self.opened.turn_id);
        let file = self.in_place()?;
        let name = format!("{SEAL_PREFIX}{id}");
        let folder = self.record_tree().map_err(failed())?;
        let ran = self.ran()?;
        let trees = [
            ("before", self.opened.before.as_ref().map(|before| before.tree.clone())),
            ("after", ran.tree_after.clone()),
        ];
        let mut entries = Vec::new();
        for (path, tree) in trees {
            if let Some(tree) = tree.as_deref().and_then(|tree| tree.parse().ok()) {
                entries.push(TreeEntry::new(repo_path(path), EntryKind::Folder, tree));
            }
        }
        if let Some(folder) = folder {
            entries.push(TreeEntry::new(turn_path(id), EntryKind::Folder, folder));
        }
        let tree = vcs.tree_with(None, &entries).map_err(failed())?;
        let message = self.seal_message(&file.sha256, "seal");
        let identity = self.parts.identity().map_err(failed())?;
        let commit = Commit::new(tree, Vec::new(), message, identity, ran.finished);
        let commit = vcs.commit_tree(&commit).map_err(failed())?;
        match self.make_anew(&name, || vcs.create_ref(&name, &commit, &[])).map_err(failed())? {
            Created::Made { .. } | Created::Unsigned { .. } => {}
            Created::Exists { oid, .. } => {
                if !self.names_the_record(&oid, &file.sha256)? {
                    self.warnings.push(format!("{name} was there before and guards something else"));
                }
            }
            Created::Locked { reason, .. } => {
                return Err(LedgerError::Refused { step: "guard the record", reason });
            }
        }
        self.refs.push(name);
        Ok(())
    }

    /// The record in its place as a tree, which is remembered for the next turn.
    pub(super) fn record_tree(&self) -> Result<Option<Oid>, VcsError> {
        let id = self.opened.turn_id;
        let mark = FootprintPart::folder(&self.place()).and_then(|part| part.mark());
        let tree = self.parts.vcs.folder_tree(&turn_path(id))?;
        if let (Ok(mark), Some(tree)) = (mark, &tree) {
            note_record(self.parts, id, mark, tree);
        }
        Ok(tree)
    }

    fn names_the_record(&self, commit: &Oid, sha256: &str) -> Result<bool, LedgerError> {
        let found = self.parts.vcs.commit(commit).map_err(LedgerError::git("read a seal"))?;
        Ok(found.is_some_and(|commit| commit.message.contains(&format!("Turn-Manifest-Sha256: {sha256}"))))
    }

    /// What a seal says, and a tag.
    pub(super) fn seal_message(&self, sha256: &str, subject: &str) -> String {
        let opened = &self.opened;
        let parents: Vec<String> = opened.parents.iter().map(|parent| parent.turn_id.to_string()).collect();
        let branch = opened.before.as_ref().and_then(|before| before.branch.as_deref()).unwrap_or_default();
        format!(
            "{subject}: turn {id}\n\nTurn-Id: {id}\nTurn-Uid: {uid}\nTurn-Manifest-Sha256: {sha256}\n\
             Turn-Parents: {parents}\nTurn-Branch: {branch}\n",
            id = opened.turn_id,
            uid = opened.uid,
            parents = parents.join(" "),
        )
    }
}

/// Copies a folder to a file system that it cannot be renamed to.
fn copy(disk: &dyn Disk, from: &Path, to: &Path) -> io::Result<()> {
    match to.symlink_metadata() {
        Ok(found) if found.is_dir() => disk.remove_dir_all(to)?,
        Ok(_) => disk.remove_file(to)?,
        Err(_) => {}
    }
    copy_folder(disk, from, to)
}

fn copy_folder(disk: &dyn Disk, from: &Path, to: &Path) -> io::Result<()> {
    disk.create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(disk, &entry.path(), &target)?;
        } else {
            disk.write_new(&target, &read_plain(&entry.path())?)?;
        }
    }
    disk.sync_dir(to)
}
