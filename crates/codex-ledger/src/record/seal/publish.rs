//! A record is moved to its place, and guarded there where nothing commits it.

use std::fs;
use std::io;
use std::path::Path;

use super::Sealing;
use crate::claims::SEAL_PREFIX;
use crate::git::{Created, VcsError, WholeCommit};
use crate::ledger_error::LedgerError;
use crate::manifest::Manifest;
use crate::read::record::read_below;
use crate::record::footprint::FootprintPart;
use crate::record::kept::note_record;
use crate::system::Disk;
use crate::system::plain_file::read_plain;
use crate::values::places::{record_file_path, repo_path, turn_path};
use crate::values::{Oid, RepoPath, TreeId, tree_name};

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
        let ran = self.ran()?;
        let mark = FootprintPart::folder(&self.place()).and_then(|part| part.mark());
        let files = self.record_files(&file.manifest)?;
        let sides = [
            ("before", self.opened.before.as_ref().map(|before| before.tree.clone())),
            ("after", ran.tree_after.clone()),
        ];
        let tree = |(path, tree): (&str, Option<String>)| Some((repo_path(path), tree?.parse().ok()?));
        let trees: Vec<(RepoPath, TreeId)> = sides.into_iter().filter_map(tree).collect();
        if let (Ok(mark), Ok(claim)) = (mark, self.opened.claim.oid.parse::<Oid>()) {
            note_record(self.parts, id, mark, &tree_name(&files, &claim));
        }
        let files = files.into_iter().map(|(path, bytes)| (record_file_path(id, &path), bytes)).collect();
        let message = self.seal_message(&file.sha256, "seal");
        let identity = self.parts.identity().map_err(failed())?;
        let commit = WholeCommit::new(trees, files, message, identity, ran.finished);
        match self.make_anew(&name, || vcs.create_whole_commit(&name, &commit)).map_err(failed())? {
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

    /// The files of the record in its place; one that somebody has taken away meanwhile is left out.
    fn record_files(&self, manifest: &Manifest) -> Result<Vec<(RepoPath, Vec<u8>)>, LedgerError> {
        let listed = manifest.ledger.iter().flat_map(|part| &part.artifacts);
        let names = listed.map(|artifact| artifact.path.as_str()).chain(["manifest.json"]);
        let mut files = Vec::new();
        for path in names.filter_map(|name| name.parse::<RepoPath>().ok()) {
            if let Some(bytes) = read_below(&self.place(), &path)? {
                files.push((path, bytes));
            }
        }
        Ok(files)
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
