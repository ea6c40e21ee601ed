//! Finds the worktree that a folder is in.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use super::GitCli;
use super::ground::Ground;
use super::process::Runner;
use crate::Oid;
use crate::vcs::VcsError;

const STEP: &str = "find the worktree";
const TOP: &str = "--show-toplevel";
const GIT_DIR: &str = "--absolute-git-dir";
const COMMON_DIR: &str = "--git-common-dir";

pub(super) fn discover(mut runner: Runner, folder: &Path) -> Result<GitCli, VcsError> {
    if !folder.is_dir() {
        return Err(VcsError::NoWorktree { path: folder.to_owned(), reason: "no such folder".to_owned() });
    }
    let told = tell(&runner, &["--show-object-format", TOP, GIT_DIR, COMMON_DIR], folder)?;
    let mut lines = told.split(|byte| *byte == b'\n');
    let empty_tree = empty_tree(lines.next().unwrap_or_default())?;
    let paths: Vec<&[u8]> = lines.collect();
    let path = |bytes: &[u8]| PathBuf::from(OsString::from_vec(bytes.to_vec()));
    let [top, git_dir, common_dir] = match paths.as_slice() {
        [top, git_dir, common_dir] => [path(top), path(git_dir), path(common_dir)],
        // A path with a line feed in it: then one question per start.
        _ => [ask(&runner, TOP, folder)?, ask(&runner, GIT_DIR, folder)?, ask(&runner, COMMON_DIR, folder)?],
    };
    runner.root = top;
    runner.stand_on(Ground::of(&runner.root, &git_dir, &common_dir))?;
    Ok(GitCli { runner, git_dir, common_dir, empty_tree })
}

/// The tree without entries, which git knows without being told of it.
fn empty_tree(format: &[u8]) -> Result<Oid, VcsError> {
    let name = match format {
        b"sha1" => "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        b"sha256" => "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
        other => {
            let reason = format!("names of objects are {:?}", String::from_utf8_lossy(other));
            return Err(VcsError::Unreadable { step: STEP, reason });
        }
    };
    Ok(name.parse().expect("both are full names"))
}

fn ask(runner: &Runner, question: &str, folder: &Path) -> Result<PathBuf, VcsError> {
    tell(runner, &[question], folder).map(|path| OsString::from_vec(path).into())
}

/// What `git rev-parse` says, without its last line feed.
fn tell(runner: &Runner, questions: &[&str], folder: &Path) -> Result<Vec<u8>, VcsError> {
    let output = runner.git(STEP).args(["rev-parse", "--path-format=absolute"]).args(questions).run()?;
    if output.code != Some(0) {
        return Err(VcsError::NoWorktree { path: folder.to_owned(), reason: output.stderr });
    }
    let mut told = output.stdout;
    told.pop_if(|last| *last == b'\n');
    Ok(told)
}
