//! Reads trees, and makes trees out of others.

use super::GitCli;
use super::private_index::PrivateIndex;
use super::process::Call;
use crate::git::vcs::{EntryKind, ReadObjects as _, TreeEntry, VcsError};
use crate::values::{Oid, RepoPath, TreeId};

const READ: &str = "read a tree";
const WRITE: &str = "write a tree";

impl GitCli {
    pub(super) fn ls_tree(&self) -> Call<'_> {
        self.runner.git(READ).env("GIT_LITERAL_PATHSPECS", "1").args(["ls-tree", "-z", "--full-tree"])
    }

    /// `<mode> <kind> <oid>\t<path>\0`
    pub(super) fn read_entries(&self, bytes: &[u8]) -> Result<Vec<TreeEntry>, VcsError> {
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
                for below in self.entries(&entry.oid, None)? {
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

    pub(super) fn read_into(&self, index: &PrivateIndex, tree: &TreeId) -> Result<(), VcsError> {
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

    pub(super) fn write_out(&self, index: &PrivateIndex) -> Result<TreeId, VcsError> {
        let call = self.runner.git(WRITE).index(index.path()).thorough();
        self.oid(&call.args(["write-tree", "--missing-ok"]).succeed()?, WRITE)
    }
}

pub(super) fn add_line(lines: &mut Vec<u8>, kind: EntryKind, oid: &Oid, path: &[u8]) {
    lines.extend_from_slice(format!("{} {oid}\t", kind.mode()).as_bytes());
    lines.extend_from_slice(path);
    lines.push(0);
}
