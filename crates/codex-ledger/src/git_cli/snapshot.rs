//! Takes the worktree, or a folder of it, as a tree.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::GitCli;
use super::private_index::PrivateIndex;
use super::process::Call;
use crate::vcs::{Exclude, Snapshot, VcsError};
use crate::{PrivateDirs, RepoPath, TreeId, sha256_hex};

const STEP: &str = "read the worktree";
/// How often git is started to find what it will not take; where that is more than a few files, the fault is elsewhere.
const STARTS: usize = 400;
/// An index of fewer bytes is made again as fast as it is read.
const WORTH_KEEPING: u64 = 16 << 10;

impl GitCli {
    pub(super) fn take_snapshot(&self, exclude: &Exclude) -> Result<Snapshot, VcsError> {
        let index = PrivateIndex::copy_of(self, &self.git_dir.join("index"))?;
        let unreadable = self.add_all(&index, exclude)?;
        if index.may_have(&exclude.ledger_root) {
            self.remove_folder(&index, &exclude.ledger_root)?;
        }
        let written = self.runner.git(STEP).index(index.path()).args(["write-tree", "--missing-ok"]);
        let tree = self.oid(&written.thorough().succeed()?, STEP)?;
        Ok(Snapshot { tree, unreadable })
    }

    /// Adds everything; gives what cannot be read.
    fn add_all(&self, index: &PrivateIndex, exclude: &Exclude) -> Result<Vec<RepoPath>, VcsError> {
        let call = self.add(index).args(["--", "."]).arg(not(&exclude.ledger_root));
        if call.run()?.code == Some(0) {
            return Ok(Vec::new());
        }
        // Git gives up at the first file that vanishes under its hands, and at a few other things.
        let troubled = self.troubled(index, exclude)?;
        let (there, gone): (Vec<_>, Vec<_>) = troubled.into_iter().partition(|path| self.is_there(path));
        self.forget(index, &gone)?;
        let mut search = Search { starts: 0, unreadable: Vec::new() };
        self.add_one_by_one(index, &there, &mut search)?;
        Ok(search.unreadable)
    }

    /// Halves the list until what git will not take stands alone.
    fn add_one_by_one(
        &self,
        index: &PrivateIndex,
        paths: &[RepoPath],
        search: &mut Search,
    ) -> Result<(), VcsError> {
        if paths.is_empty() {
            return Ok(());
        }
        let call = self.add(index).env("GIT_LITERAL_PATHSPECS", "1").stdin(zero_ended(paths));
        let output = call.args(["--pathspec-from-file=-", "--pathspec-file-nul"]).run()?;
        search.starts += 1;
        if output.code == Some(0) {
            return Ok(());
        }
        if search.starts > STARTS {
            return Err(output.failed());
        }
        if let [path] = paths {
            if self.is_there(path) {
                search.unreadable.push(path.clone());
            } else {
                self.forget(index, std::slice::from_ref(path))?;
            }
            return Ok(());
        }
        let (one, other) = paths.split_at(paths.len() / 2);
        self.add_one_by_one(index, one, search)?;
        self.add_one_by_one(index, other, search)
    }

    fn add(&self, index: &PrivateIndex) -> Call<'_> {
        let call = self.runner.git(STEP).index(index.path()).thorough();
        call.args(["add", "-A", "--sparse", "--ignore-errors"])
    }

    /// The paths at which index and worktree still differ.
    fn troubled(&self, index: &PrivateIndex, exclude: &Exclude) -> Result<Vec<RepoPath>, VcsError> {
        let scope = [OsString::from("."), not(&exclude.ledger_root)];
        let call = self.runner.git(STEP).index(index.path()).thorough();
        let changed = call.args(["diff-files", "-z", "--name-only", "--ignore-submodules=dirty", "--"]);
        let changed = changed.args(&scope).succeed()?;
        let call = self.runner.git(STEP).index(index.path()).thorough();
        let untracked = call.args(["ls-files", "-z", "--others", "--exclude-standard", "--"]);
        let untracked = untracked.args(&scope).succeed()?;
        let both: BTreeSet<RepoPath> = paths(&changed).chain(paths(&untracked)).collect();
        Ok(both.into_iter().collect())
    }

    /// A pipe, a socket or a device in the place of a tracked file means that the file is gone.
    fn forget(&self, index: &PrivateIndex, gone: &[RepoPath]) -> Result<(), VcsError> {
        if gone.is_empty() {
            return Ok(());
        }
        let call = self.runner.git(STEP).index(index.path()).stdin(zero_ended(gone));
        call.args(["update-index", "-z", "--force-remove", "--stdin"]).succeed().map(drop)
    }

    /// Whether something stands at the path that git could store, readable or not.
    fn is_there(&self, path: &RepoPath) -> bool {
        let path = self.runner.root.join(OsStr::from_bytes(path.as_bytes()));
        fs::symlink_metadata(path)
            .is_ok_and(|metadata| metadata.is_file() || metadata.is_symlink() || metadata.is_dir())
    }

    fn remove_folder(&self, index: &PrivateIndex, folder: &RepoPath) -> Result<(), VcsError> {
        let call = self.runner.git(STEP).index(index.path()).env("GIT_LITERAL_PATHSPECS", "1");
        let call = call.args(["rm", "-r", "-f", "-q", "--cached", "--ignore-unmatch", "--sparse", "--"]);
        call.arg(OsStr::from_bytes(folder.as_bytes())).succeed().map(drop)
    }

    pub(super) fn take_folder(&self, folder: &RepoPath) -> Result<Option<TreeId>, VcsError> {
        if !self.is_there(folder) {
            return Ok(None);
        }
        let name = format!("kept-{}", &sha256_hex(folder.as_bytes())[..16]);
        let kept = PrivateDirs::indexes(&self.git_dir).join(name);
        if kept.exists() {
            // Objects that only an index names may be gone by now; then everything is read again.
            if let Ok(tree) = self.take_folder_with(PrivateIndex::copy_of(self, &kept)?, folder, &kept) {
                return Ok(tree);
            }
        }
        self.take_folder_with(PrivateIndex::empty(self)?, folder, &kept)
    }

    fn take_folder_with(
        &self,
        index: PrivateIndex,
        folder: &RepoPath,
        kept: &Path,
    ) -> Result<Option<TreeId>, VcsError> {
        // Attributes and settings that change content on its way in would hide what was changed.
        let call = self.runner.git(STEP).index(index.path()).env("GIT_LITERAL_PATHSPECS", "1").thorough();
        let call = call.env("GIT_ATTR_SOURCE", self.empty_tree.as_str()).args(["-c", "core.autocrlf=false"]);
        let call = call.args(["-c", "core.trustctime=true", "-c", "core.checkStat=default"]);
        let call = call.args(["-c", "core.attributesFile=/dev/null", "add", "-A", "-f", "--sparse", "--"]);
        call.arg(OsStr::from_bytes(folder.as_bytes())).succeed()?;
        let prefix = [b"--prefix=", folder.as_bytes(), b"/"].concat();
        let call = self.runner.git(STEP).index(index.path()).arg("write-tree");
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
        let written = self.runner.git(STEP).index(index.path()).args(["write-tree", "--missing-ok"]);
        let tree = self.oid(&written.succeed()?, STEP)?;
        Ok(self.tree_entry(&tree, path)?.map(|entry| entry.oid))
    }
}

/// A search for what git will not take.
struct Search {
    starts: usize,
    unreadable: Vec<RepoPath>,
}

/// The pathspec that leaves a path out.
fn not(path: &RepoPath) -> OsString {
    let mut spec = OsString::from(":(top,exclude,literal)");
    spec.push(OsStr::from_bytes(path.as_bytes()));
    spec
}

/// Paths that are ended by zero bytes. A name that ends with a slash is that of a nested repository.
pub(super) fn paths(bytes: &[u8]) -> impl Iterator<Item = RepoPath> {
    bytes
        .split(|byte| *byte == 0)
        .filter_map(|path| RepoPath::from_bytes(path.strip_suffix(b"/").unwrap_or(path)).ok())
}

fn zero_ended(paths: &[RepoPath]) -> Vec<u8> {
    paths.iter().flat_map(|path| [path.as_bytes(), b"\0"].concat()).collect()
}
