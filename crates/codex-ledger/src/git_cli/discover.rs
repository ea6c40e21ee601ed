//! Finds the worktree that a folder is in.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use super::GitCli;
use super::process::Runner;
use crate::Oid;
use crate::vcs::VcsError;

const STEP: &str = "find the worktree";

pub(super) fn discover(mut runner: Runner, folder: &Path) -> Result<GitCli, VcsError> {
    if !folder.is_dir() {
        return Err(VcsError::NoWorktree { path: folder.to_owned(), reason: "no such folder".to_owned() });
    }
    runner.root = ask(&runner, "--show-toplevel", folder)?;
    let git_dir = ask(&runner, "--absolute-git-dir", folder)?;
    let common_dir = ask(&runner, "--git-common-dir", folder)?;
    let empty_tree = runner.git(STEP).args(["hash-object", "-t", "tree", "--stdin"]).stdin([]).succeed()?;
    let empty_tree = Oid::from_bytes(empty_tree.trim_ascii())
        .map_err(|error| VcsError::Unreadable { step: STEP, reason: error.to_string() })?;
    Ok(GitCli { runner, git_dir, common_dir, empty_tree })
}

/// One question per start: a path may have line feeds in it, so that several answers could not be told apart.
fn ask(runner: &Runner, question: &str, folder: &Path) -> Result<PathBuf, VcsError> {
    let output = runner.git(STEP).args(["rev-parse", "--path-format=absolute", question]).run()?;
    if output.code != Some(0) {
        return Err(VcsError::NoWorktree { path: folder.to_owned(), reason: output.stderr });
    }
    let mut path = output.stdout;
    path.pop_if(|last| *last == b'\n');
    Ok(OsString::from_vec(path).into())
}
