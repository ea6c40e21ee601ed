//! Adds objects, by git.

use super::GitCli;
use super::commits::by;
use super::private_index::PrivateIndex;
use crate::git::vcs::{Commit, TreeEntry, VcsError, WriteObjects};
use crate::values::{Oid, RepoPath, TreeId};

impl WriteObjects for GitCli {
    fn write_blob(&self, bytes: &[u8]) -> Result<Oid, VcsError> {
        const STEP: &str = "write a blob";
        let call = self.runner.git(STEP).args(["hash-object", "-w", "-t", "blob", "--no-filters", "--stdin"]);
        self.oid(&call.stdin(bytes).thorough().succeed()?, STEP)
    }

    fn tree_with(&self, base: Option<&TreeId>, entries: &[TreeEntry]) -> Result<TreeId, VcsError> {
        self.change_tree(base, &[], entries)
    }

    fn tree_without(&self, base: &TreeId, paths: &[RepoPath]) -> Result<TreeId, VcsError> {
        self.change_tree(Some(base), paths, &[])
    }

    fn apply(&self, base: &TreeId, patch: &[u8]) -> Result<Option<TreeId>, VcsError> {
        if patch.is_empty() {
            return Ok(Some(base.clone()));
        }
        let index = PrivateIndex::empty(self)?;
        self.read_into(&index, base)?;
        let call = self.runner.git("apply a patch").index(index.path()).stdin(patch).thorough();
        let output = call.args(["apply", "--cached", "-p1", "--whitespace=nowarn", "-"]).run()?;
        if output.code == Some(0) { self.write_out(&index).map(Some) } else { Ok(None) }
    }

    fn commit_tree(&self, commit: &Commit) -> Result<Oid, VcsError> {
        const STEP: &str = "write a commit";
        let call = self.runner.git(STEP).args(["commit-tree", "--no-gpg-sign", commit.tree.as_str()]);
        let parents = commit.parents.iter().flat_map(|parent| ["-p", parent.as_str()]);
        let call = by(call.args(parents).args(["-F", "-"]), &commit.identity, commit.when);
        self.oid(&call.stdin(commit.message.as_str()).succeed()?, STEP)
    }
}
