//! The record becomes a commit, and gets a tag.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Sealing;
use super::work_commit::{Placed, parse, target_ref};
use crate::git::{Commit, Created, EntryKind, Tag, TreeEntry};
use crate::ledger_error::LedgerError;
use crate::manifest::{Manifest, PurgedFile};
use crate::read::Record;
use crate::record::journal::{CommitEntry, LEDGER, WORK};
use crate::system::plain_file::read_index;
use crate::texts::markdown::one_line;
use crate::values::places::{repo_path, turn_path};
use crate::values::{LEDGER_ROOT, Oid, RepoPath, TreeId, TurnId};

impl Sealing<'_> {
    pub(super) fn commit_ledger(&mut self) -> Result<(), LedgerError> {
        let failed = || LedgerError::git("commit the record");
        let vcs = self.parts.vcs.clone();
        let file = self.in_place()?;
        let parent = self.parent()?;
        let parent_tree = parent.as_ref().map(|parent| vcs.tree_of(parent)).transpose().map_err(failed())?;
        let commit = if let Some(CommitEntry { oid }) = self.journal.read(LEDGER)? {
            parse(&oid)?
        } else {
            let earlier = self.uncommitted(parent_tree.as_ref(), &file.manifest)?;
            let mut entries = self.ledger_entries()?;
            for record in &earlier {
                let path = turn_path(record.turn_id());
                let folder = vcs.folder_tree(&path).map_err(failed())?;
                entries.extend(folder.map(|folder| TreeEntry::new(path, EntryKind::Folder, folder)));
            }
            let tree = vcs.tree_with(parent_tree.as_ref(), &entries).map_err(failed())?;
            let manifests = earlier.iter().map(Record::manifest).chain([&file.manifest]);
            let purged: Vec<RepoPath> = manifests.flat_map(purged_paths).collect();
            let tree =
                if purged.is_empty() { tree } else { vcs.tree_without(&tree, &purged).map_err(failed())? };
            let message = self.message(&file.manifest, &file.sha256);
            let identity = self.parts.identity().map_err(failed())?;
            let commit =
                Commit::new(tree, parent.iter().cloned().collect(), message, identity, self.ran()?.finished);
            let commit = vcs.commit_tree(&commit).map_err(failed())?;
            let entry = CommitEntry { oid: commit.as_str().to_owned() };
            self.journal.write(self.parts.disk.as_ref(), LEDGER, &entry)?;
            commit
        };
        let name = target_ref(&self.opened);
        match self.move_branch(&commit, parent.as_ref()).map_err(failed())? {
            Placed::OnBranch => {
                let tree = vcs.tree_of(&commit).map_err(failed())?;
                self.advance_index(parent_tree.as_ref(), &tree);
                self.refs.push(name);
            }
            Placed::Aside => self.warnings.push(format!(
                "{name} was moved by somebody else and stays there; the record is commit {commit}"
            )),
        }
        Ok(())
    }

    /// The commit below the record's.
    fn parent(&self) -> Result<Option<Oid>, LedgerError> {
        let work: Option<CommitEntry> = self.journal.read(WORK)?;
        let head = self.opened.before.as_ref().and_then(|before| before.head.clone());
        work.map(|work| work.oid).or(head).as_deref().map(parse).transpose()
    }

    /// The records before this one that lie in the worktree and not in the commit, which a mode that commits nothing has
    /// left. Without them a clone would miss the parent of this record, and a row of the index would have no record.
    fn uncommitted(&self, tree: Option<&TreeId>, manifest: &Manifest) -> Result<Vec<Record>, LedgerError> {
        let vcs = self.parts.vcs.as_ref();
        let mut found = BTreeMap::new();
        let mut parents = numbers_of_parents(manifest);
        while let Some(turn_id) = parents.pop() {
            let entry = tree.map(|tree| vcs.entry(tree, &turn_path(turn_id))).transpose();
            let is_committed = entry.map_err(LedgerError::git("commit the record"))?.flatten().is_some();
            if is_committed || found.contains_key(&turn_id) || !self.parts.places.manifest(turn_id).is_file()
            {
                continue;
            }
            // One that cannot be read is left where it is; it is for `verify` to say so.
            if let Ok(record) = Record::read(&self.parts.places, turn_id) {
                parents.extend(numbers_of_parents(record.manifest()));
                found.insert(turn_id, record);
            }
        }
        Ok(found.into_values().collect())
    }

    fn ledger_entries(&self) -> Result<Vec<TreeEntry>, LedgerError> {
        let failed = || LedgerError::git("commit the record");
        let (vcs, places, id) = (self.parts.vcs.as_ref(), &self.parts.places, self.opened.turn_id);
        let mut entries = Vec::new();
        if let Some(folder) = self.record_tree().map_err(failed())? {
            entries.push(TreeEntry::new(turn_path(id), EntryKind::Folder, folder));
        }
        let files = [("turns_index.csv", places.index()), (".gitattributes", places.attributes())];
        for (name, path) in files {
            if let Ok(bytes) = read_index(&path) {
                let blob = vcs.write_blob(&bytes).map_err(failed())?;
                let path = repo_path(&format!("{LEDGER_ROOT}/{name}"));
                entries.push(TreeEntry::new(path, EntryKind::File, blob));
            }
        }
        Ok(entries)
    }

    fn message(&self, manifest: &Manifest, sha256: &str) -> String {
        let id = self.opened.turn_id;
        let name = one_line(&self.opened.header.task.name);
        let metrics = &manifest.metrics;
        let mut message = format!(
            "turn: {id} record of {name}\n\nTurn-Id: {id}\nTurn-Task: {name}\nTurn-Manifest-Sha256: {sha256}\n"
        );
        for (key, count) in [
            ("Turn-Metrics-FilesChanged", metrics.files_changed),
            ("Turn-Metrics-TestsPassed", metrics.tests_passed),
        ] {
            if let Some(count) = count {
                let _ = writeln!(message, "{key}: {count}");
            }
        }
        message
    }

    pub(super) fn tag(&mut self) -> Result<(), LedgerError> {
        let failed = || LedgerError::git("tag the record");
        let target = match self.journal.read::<CommitEntry>(LEDGER)? {
            Some(commit) => parse(&commit.oid)?,
            None => return Ok(()),
        };
        let file = self.in_place()?;
        let short = format!("turn/{}", self.opened.turn_id);
        let name = format!("refs/tags/{short}");
        let identity = self.parts.identity().map_err(failed())?;
        let message = self.seal_message(&file.sha256, "record");
        let mut tag = Tag::new(short, target.clone(), message, identity, self.ran()?.finished);
        tag.signing = self.parts.options.sign;
        match self.make_anew(&name, || self.parts.vcs.create_tag(&tag)).map_err(failed())? {
            Created::Made { .. } => {}
            Created::Unsigned { reason, .. } => {
                self.warnings
                    .push(format!("{name} is not signed, although git is set up to sign tags: {reason}"));
            }
            Created::Exists { .. } => {
                let there = self.parts.vcs.tag(&name).map_err(failed())?;
                if there.is_none_or(|there| there.target != target) {
                    self.warnings.push(format!("{name} was there before and names another commit"));
                }
            }
            Created::Locked { reason, .. } => {
                return Err(LedgerError::Refused { step: "tag the record", reason });
            }
        }
        self.refs.push(name);
        Ok(())
    }
}

fn numbers_of_parents(manifest: &Manifest) -> Vec<TurnId> {
    manifest.ledger.iter().flat_map(|part| &part.parents).map(|parent| parent.turn_id).collect()
}

/// The files of earlier records that this record removed, as git names them.
fn purged_paths(manifest: &Manifest) -> Vec<RepoPath> {
    let purged = manifest.ledger.iter().flat_map(|part| &part.purged);
    let path = |file: &PurgedFile| {
        let file_path: RepoPath = file.path.parse().ok()?;
        let folder = format!("{LEDGER_ROOT}/turns/{}/", file.turn_id);
        RepoPath::from_bytes([folder.as_bytes(), file_path.as_bytes()].concat()).ok()
    };
    purged.filter_map(path).collect()
}
