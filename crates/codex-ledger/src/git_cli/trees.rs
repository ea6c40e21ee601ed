//! Reads trees, and makes trees out of others.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use super::GitCli;
use super::private_index::PrivateIndex;
use crate::vcs::{EntryKind, TreeEntry, VcsError};
use crate::{Oid, RepoPath, TreeId};

const READ: &str = "read a tree";
const WRITE: &str = "write a tree";

impl GitCli {
    pub(super) fn tree_of_commit(&self, commit: &Oid) -> Result<TreeId, VcsError> {
        let missing = || VcsError::Unreadable { step: READ, reason: format!("{commit} has no tree") };
        self.resolve(&format!("{commit}^{{tree}}"))?.ok_or_else(missing)
    }

    pub(super) fn tree_entry(&self, tree: &TreeId, path: &RepoPath) -> Result<Option<TreeEntry>, VcsError> {
        let call = self.ls_tree().arg(tree.as_str()).arg("--").arg(OsStr::from_bytes(path.as_bytes()));
        let entries = self.read_entries(&call.succeed()?)?;
        Ok(entries.into_iter().find(|entry| entry.path == *path))
    }

    /// With a slash at its end a path means what is in the folder.
    pub(super) fn tree_entries(
        &self,
        tree: &TreeId,
        folder: Option<&RepoPath>,
    ) -> Result<Vec<TreeEntry>, VcsError> {
        let mut call = self.ls_tree().arg("-r").arg(tree.as_str()).thorough();
        if let Some(folder) = folder {
            let inside = [folder.as_bytes(), b"/"].concat();
            call = call.arg("--").arg(OsStr::from_bytes(&inside));
        }
        let mut entries = self.read_entries(&call.succeed()?)?;
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(entries)
    }

    fn ls_tree(&self) -> super::process::Call<'_> {
        self.runner.git(READ).env("GIT_LITERAL_PATHSPECS", "1").args(["ls-tree", "-z", "--full-tree"])
    }

    /// `<mode> <kind> <oid>\t<path>\0`
    fn read_entries(&self, bytes: &[u8]) -> Result<Vec<TreeEntry>, VcsError> {
        bytes
            .split(|byte| *byte == 0)
            .filter(|line| !line.is_empty())
            .map(|line| self.read_entry(line))
            .collect()
    }

    fn read_entry(&self, line: &[u8]) -> Result<TreeEntry, VcsError> {
        let unreadable = || {
            let reason = format!("{:?} is no entry", String::from_utf8_lossy(line));
            VcsError::Unreadable { step: READ, reason }
        };
        let tab = memchr::memchr(b'\t', line).ok_or_else(unreadable)?;
        let mut words = line[..tab].split(|byte| *byte == b' ');
        let kind = words.next().and_then(EntryKind::from_mode).ok_or_else(unreadable)?;
        let oid = words.nth(1).ok_or_else(unreadable)?;
        let path = RepoPath::from_bytes(&line[tab + 1..]).map_err(|_| unreadable())?;
        Ok(TreeEntry { path, kind, oid: self.oid(oid, READ)? })
    }

    /// `base` without what is at `removed` and at the paths of `added`, and with `added`.
    pub(super) fn change_tree(
        &self,
        base: Option<&TreeId>,
        removed: &[RepoPath],
        added: &[TreeEntry],
    ) -> Result<TreeId, VcsError> {
        if base.is_none()
            && let Some(tree) = self.nest(added)?
        {
            return Ok(tree);
        }
        let index = PrivateIndex::empty(self)?;
        if let Some(base) = base {
            self.read_into(&index, base)?;
            let cleared = removed.iter().chain(added.iter().map(|entry| &entry.path));
            self.clear(&index, cleared)?;
        }
        let mut lines = Vec::new();
        for entry in added {
            if entry.kind == EntryKind::Folder {
                for below in self.tree_entries(&entry.oid, None)? {
                    let path = [entry.path.as_bytes(), b"/", below.path.as_bytes()].concat();
                    add_line(&mut lines, below.kind, &below.oid, &path);
                }
            } else {
                add_line(&mut lines, entry.kind, &entry.oid, entry.path.as_bytes());
            }
        }
        if !lines.is_empty() {
            let call = self.runner.git(WRITE).index(index.path()).stdin(lines);
            call.args(["update-index", "-z", "--add", "--replace", "--index-info"]).succeed()?;
        }
        self.write_out(&index)
    }

    pub(super) fn apply_patch(&self, base: &TreeId, patch: &[u8]) -> Result<Option<TreeId>, VcsError> {
        if patch.is_empty() {
            return Ok(Some(base.clone()));
        }
        let index = PrivateIndex::empty(self)?;
        self.read_into(&index, base)?;
        let call = self.runner.git("apply a patch").index(index.path()).stdin(patch).thorough();
        let output = call.args(["apply", "--cached", "-p1", "--whitespace=nowarn", "-"]).run()?;
        if output.code == Some(0) { self.write_out(&index).map(Some) } else { Ok(None) }
    }

    fn read_into(&self, index: &PrivateIndex, tree: &TreeId) -> Result<(), VcsError> {
        let call = self.runner.git(READ).index(index.path()).thorough();
        call.args(["read-tree", tree.as_str()]).succeed().map(drop)
    }

    fn clear<'p>(
        &self,
        index: &PrivateIndex,
        paths: impl Iterator<Item = &'p RepoPath>,
    ) -> Result<(), VcsError> {
        let list: Vec<u8> = paths.flat_map(|path| [path.as_bytes(), b"\0"].concat()).collect();
        if list.is_empty() {
            return Ok(());
        }
        let call = self.runner.git(WRITE).index(index.path()).env("GIT_LITERAL_PATHSPECS", "1").stdin(list);
        let call = call.args(["rm", "-r", "-f", "-q", "--cached", "--ignore-unmatch", "--sparse"]);
        call.args(["--pathspec-from-file=-", "--pathspec-file-nul"]).succeed().map(drop)
    }

    fn write_out(&self, index: &PrivateIndex) -> Result<TreeId, VcsError> {
        let call = self.runner.git(WRITE).index(index.path()).thorough();
        self.oid(&call.args(["write-tree", "--missing-ok"]).succeed()?, WRITE)
    }
}

pub(super) fn add_line(lines: &mut Vec<u8>, kind: EntryKind, oid: &Oid, path: &[u8]) {
    lines.extend_from_slice(format!("{} {oid}\t", kind.mode()).as_bytes());
    lines.extend_from_slice(path);
    lines.push(0);
}
