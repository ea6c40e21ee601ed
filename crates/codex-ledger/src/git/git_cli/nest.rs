//! Makes a tree of entries alone, folder by folder, in one start of git.

use std::collections::BTreeMap;

use super::GitCli;
use crate::git::vcs::{EntryKind, TreeEntry, VcsError};
use crate::values::{Oid, TreeId};

const STEP: &str = "write a tree";

/// A folder to be made: what is in it, by name.
#[derive(Debug, Default)]
struct Nest<'e> {
    inside: BTreeMap<&'e [u8], NestNode<'e>>,
}

#[derive(Debug)]
enum NestNode<'e> {
    Entry(EntryKind, &'e Oid),
    Nest(Nest<'e>),
}

impl GitCli {
    /// The tree of these entries; `None` if one of them stands in another.
    pub(super) fn nest(&self, entries: &[TreeEntry]) -> Result<Option<TreeId>, VcsError> {
        let mut top = Nest::default();
        // Git's trees have no empty folders.
        for entry in entries.iter().filter(|entry| entry.oid != self.empty_tree) {
            if !top.put(entry.path.as_bytes(), entry) {
                return Ok(None);
            }
        }
        if top.inside.is_empty() {
            return Ok(None);
        }
        let mut folders = Vec::new();
        top.list(&mut folders);
        // A folder comes after those in it, so that it can name them; they are told apart by where they are listed.
        let mut made: Vec<Oid> = Vec::new();
        let call = self.runner.git(STEP).args(["mktree", "-z", "--missing", "--batch"]);
        call.ask(&mut |answer| {
            if let Some(answer) = answer {
                made.push(self.oid(answer, STEP)?);
            }
            Ok(folders.get(made.len()).map(|folder| folder.lines(&made)))
        })?;
        let whole = made.len() == folders.len();
        made.pop().filter(|_| whole).map(Some).ok_or_else(|| VcsError::Unreadable {
            step: STEP,
            reason: "git did not make every folder".to_owned(),
        })
    }
}

/// A folder in the list of all folders.
struct Listed<'e> {
    entries: Vec<(&'e [u8], EntryKind, NestTarget<'e>)>,
}

enum NestTarget<'e> {
    There(&'e Oid),
    /// The place in the list.
    Made(usize),
}

impl<'e> Nest<'e> {
    /// Whether there was room for it.
    fn put(&mut self, path: &'e [u8], entry: &'e TreeEntry) -> bool {
        let Some(end) = memchr::memchr(b'/', path) else {
            return self.inside.insert(path, NestNode::Entry(entry.kind, &entry.oid)).is_none();
        };
        match self.inside.entry(&path[..end]).or_insert_with(|| NestNode::Nest(Nest::default())) {
            NestNode::Nest(nest) => nest.put(&path[end + 1..], entry),
            NestNode::Entry(..) => false,
        }
    }

    /// Lists what is inside and then itself; gives its place.
    fn list(&self, folders: &mut Vec<Listed<'e>>) -> usize {
        let mut entries = Vec::new();
        for (name, node) in &self.inside {
            entries.push(match node {
                NestNode::Entry(kind, oid) => (*name, *kind, NestTarget::There(oid)),
                NestNode::Nest(nest) => (*name, EntryKind::Folder, NestTarget::Made(nest.list(folders))),
            });
        }
        folders.push(Listed { entries });
        folders.len() - 1
    }
}

impl Listed<'_> {
    /// `<mode> <kind> <oid>\t<name>\0` for each entry, and an empty one.
    fn lines(&self, made: &[Oid]) -> Vec<u8> {
        let mut lines = Vec::new();
        for (name, kind, target) in &self.entries {
            let object = match kind {
                EntryKind::Folder => "tree",
                EntryKind::Submodule => "commit",
                EntryKind::File | EntryKind::Executable | EntryKind::Symlink => "blob",
            };
            let oid = match target {
                NestTarget::There(oid) => oid,
                NestTarget::Made(place) => &made[*place],
            };
            lines.extend_from_slice(format!("{} {object} {oid}\t", kind.mode()).as_bytes());
            lines.extend_from_slice(name);
            lines.push(0);
        }
        lines.push(0);
        lines
    }
}
