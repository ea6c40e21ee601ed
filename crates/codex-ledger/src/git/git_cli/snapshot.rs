//! Takes the worktree, or a folder of it, as a tree.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::GitCli;
use super::bring::{Bringing, Content, STEP};
use super::private_index::PrivateIndex;
use super::sorted_paths::is_there;
use crate::git::vcs::{Exclude, ReadObjects as _, VcsError};
use crate::values::{RepoPath, TreeId};

/// An index of fewer bytes is made again as fast as it is read.
const WORTH_KEEPING: u64 = 16 << 10;

impl GitCli {
    /// Writes an index without the ledger as a tree.
    pub(super) fn write_snapshot(
        &self,
        index: &PrivateIndex,
        exclude: &Exclude,
        content: Content<'_>,
    ) -> Result<TreeId, VcsError> {
        if !index.remove(&exclude.ledger_root)? {
            self.remove_folder(index, &exclude.ledger_root, content)?;
        }
        let call = content.govern(self.runner.git(STEP).index(index.path()), self);
        let written = call.args(["write-tree", "--missing-ok"]);
        self.oid(&written.thorough().succeed()?, STEP)
    }

    fn remove_folder(
        &self,
        index: &PrivateIndex,
        folder: &RepoPath,
        content: Content<'_>,
    ) -> Result<(), VcsError> {
        let call = self.runner.git(STEP).index(index.path()).env("GIT_LITERAL_PATHSPECS", "1");
        let call = content.govern(call, self);
        let call = call.args(["rm", "-r", "-f", "-q", "--cached", "--ignore-unmatch", "--sparse", "--"]);
        call.arg(OsStr::from_bytes(folder.as_bytes())).succeed().map(drop)
    }

    pub(super) fn take_folder_with(
        &self,
        index: PrivateIndex,
        folder: &RepoPath,
        kept: &Path,
    ) -> Result<Option<TreeId>, VcsError> {
        let mut files = BTreeSet::new();
        list_files(&self.runner.root, folder, &mut files)?;
        let mut bringing = Bringing::new(self, &index, Content::Raw);
        bringing.bring_folder(folder, files)?;
        if let [first, ..] = bringing.unreadable.as_slice() {
            return Err(VcsError::Unreadable { step: STEP, reason: format!("{first} cannot be read") });
        }
        let prefix = [b"--prefix=", folder.as_bytes(), b"/"].concat();
        let call = Content::Raw.govern(self.runner.git(STEP).index(index.path()), self).arg("write-tree");
        let written = call.arg(OsStr::from_bytes(&prefix)).thorough().run()?;
        if written.code != Some(0) && written.stderr.contains("not found") {
            // Nothing is in there, or what stands there is no folder.
            return self.take_what_stands_at(&index, folder);
        }
        let tree = self.oid(&written.ok()?, STEP)?;
        if fs::metadata(index.path()).is_ok_and(|index| index.len() >= WORTH_KEEPING) {
            index.keep_as(kept)?;
        }
        Ok(Some(tree))
    }

    fn take_what_stands_at(&self, index: &PrivateIndex, path: &RepoPath) -> Result<Option<TreeId>, VcsError> {
        let call = Content::Raw.govern(self.runner.git(STEP).index(index.path()), self);
        let tree = self.oid(&call.args(["write-tree", "--missing-ok"]).succeed()?, STEP)?;
        Ok(self.entry(&tree, path)?.map(|entry| entry.oid))
    }
}

/// Lists what git could store at and below a path. What is called `.git` it never stores.
fn list_files(root: &Path, path: &RepoPath, files: &mut BTreeSet<RepoPath>) -> Result<(), VcsError> {
    let full = root.join(OsStr::from_bytes(path.as_bytes()));
    let failed = |source| VcsError::Io { step: STEP, path: full.clone(), source };
    if !full.is_dir() || full.is_symlink() {
        if is_there(root, path) {
            files.insert(path.clone());
        }
        return Ok(());
    }
    for entry in fs::read_dir(&full).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let below = [path.as_bytes(), b"/", name.as_bytes()].concat();
        if let Ok(below) = RepoPath::from_bytes(below)
            && !is_of_git(name.as_bytes())
        {
            list_files(root, &below, files)?;
        }
    }
    Ok(())
}

/// Whether git takes a name for that of its own folder, on this system or another.
fn is_of_git(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.trim_ascii_end().strip_suffix(b".").unwrap_or(&name);
    name == b".git" || name.starts_with(b"git~")
}
