//! Finds the worktree that a folder is in.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use super::GitCli;
use super::git_version::GitVersion;
use super::ground::Ground;
use super::process::Runner;
use crate::git::git_dir::git_dirs;
use crate::git::vcs::{VcsError, is_of_configuration};
use crate::values::Oid;

const STEP: &str = "find the worktree";
/// The youngest option of git that is used here. A git without it fails, and no command looks at the tree that it names here.
const ATTRIBUTES: &str = "--attr-source=4b825dc642cb6eb9a060e54bf8d69288fbee4904";
/// How git ends where it does not know an option.
const USAGE: i32 = 129;
const TOP: &str = "--show-toplevel";
const GIT_DIR: &str = "--absolute-git-dir";
const COMMON_DIR: &str = "--git-common-dir";

pub(super) fn discover(runner: &Runner, folder: &Path) -> Result<GitCli, VcsError> {
    find(runner.clone(), folder).map_err(|error| obstructed(runner, folder, error))
}

fn find(mut runner: Runner, folder: &Path) -> Result<GitCli, VcsError> {
    if !folder.is_dir() {
        return Err(VcsError::NoWorktree { path: folder.to_owned(), reason: "no such folder".to_owned() });
    }
    let told = tell(&runner, &["--show-object-format", TOP, GIT_DIR, COMMON_DIR], folder)?;
    let mut lines = told.split(|byte| *byte == b'\n');
    let empty_tree = match empty_tree(lines.next().unwrap_or_default()) {
        Ok(tree) => tree,
        // A git that does not know an option of `rev-parse` prints it.
        Err(error) => return Err(too_old(&runner)?.unwrap_or(error)),
    };
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
    let call = runner.git(STEP).args([ATTRIBUTES, "rev-parse", "--path-format=absolute"]);
    let output = call.args(questions).run()?;
    if output.code == Some(USAGE) && output.stderr.contains(ATTRIBUTES) {
        let found = version(runner)?;
        return Err(VcsError::TooOld { found });
    }
    if output.code != Some(0) {
        return Err(VcsError::NoWorktree { path: folder.to_owned(), reason: output.stderr });
    }
    let mut told = output.stdout;
    told.pop_if(|last| *last == b'\n');
    Ok(told)
}

/// Returns the error that names the release, if that is older than any that works here.
fn too_old(runner: &Runner) -> Result<Option<VcsError>, VcsError> {
    let found = version(runner)?;
    let is_old = GitVersion::read(&found).is_some_and(|version| version < GitVersion::OLDEST);
    Ok(is_old.then_some(VcsError::TooOld { found }))
}

/// What git says of itself.
fn version(runner: &Runner) -> Result<String, VcsError> {
    let answer = runner.git("ask git for its version").arg("--version").runs_nothing().succeed()?;
    Ok(String::from_utf8_lossy(answer.trim_ascii()).into_owned())
}

/// Names the file of the worktree that the configuration includes and git cannot use, if that is why it failed.
fn obstructed(runner: &Runner, folder: &Path, error: VcsError) -> VcsError {
    let reason = match &error {
        VcsError::NoWorktree { reason: said, .. } | VcsError::Failed { stderr: said, .. }
            if is_of_configuration(said) =>
        {
            said.clone()
        }
        // A pipe in the place of the file, which git waits for.
        VcsError::TimedOut { .. } => error.to_string(),
        VcsError::NoWorktree { .. }
        | VcsError::Failed { .. }
        | VcsError::Start { .. }
        | VcsError::TooOld { .. }
        | VcsError::Aborted { .. }
        | VcsError::Unreadable { .. }
        | VcsError::Io { .. }
        | VcsError::Obstructed { .. } => return error,
    };
    match included_from_worktree(runner, folder) {
        Some(path) => {
            let path = path.canonicalize().unwrap_or(path);
            VcsError::Obstructed { step: STEP, path, reason }
        }
        None => error,
    }
}

/// The first file that the configuration of the repository includes and an agent in the worktree can write. Found without
/// the configuration, which git cannot read.
fn included_from_worktree(runner: &Runner, folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    let (root, (git_dir, common_dir)) =
        folder.ancestors().find_map(|folder| Some((folder, git_dirs(folder)?)))?;
    let ground = Ground::of(root, &git_dir, &common_dir);
    let runner = Runner { root: "/".into(), ..runner.clone() };
    let mut files = [common_dir.join("config"), git_dir.join("config.worktree")].into_iter();
    files.find_map(|file| included_by(&runner, &file).into_iter().find(|path| ground.leads_through(path)))
}

/// The files that a file of the configuration includes.
fn included_by(runner: &Runner, file: &Path) -> Vec<PathBuf> {
    let call = runner.git(STEP).args(["config", "--no-includes", "-z", "--file"]).arg(file);
    let call = call.args(["--get-regexp", r"^include(if\..*)?\.path$"]).runs_nothing();
    let (Ok(listed), Some(folder)) = (call.succeed(), file.parent()) else { return Vec::new() };
    let target = |pair: &[u8]| {
        let end = memchr::memchr(b'\n', pair)?;
        Some(folder.join(OsString::from_vec(pair[end + 1..].to_vec())))
    };
    listed.split(|byte| *byte == 0).filter_map(target).collect()
}
