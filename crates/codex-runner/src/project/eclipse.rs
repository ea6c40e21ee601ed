//! Refuses turns that belong to the ledger of another project.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use codex_ledger::git::{
    EntryKind, ReadObjects as _, Refs as _, Worktree as _, is_git_dir, share_repository,
};
use codex_ledger::values::RepoPath;
use codex_ledger::{Cause, LedgerError};

use super::{Project, ProjectPlace};
use crate::environment::Environment;
use crate::runner_error::RunnerError;

impl Project {
    /// Checks that the turns of this project do not belong to the ledger of another one: an agent can plant a `.git` in a folder of
    /// a project that records turns, or replace the folder by a link to another repository.
    ///
    /// # Errors
    ///
    /// They do, or git fails. A nested repository that has a ledger of its own, such as a submodule, is fine, and so is a linked
    /// worktree.
    pub fn must_not_be_eclipsed(&self, dir: &Path) -> Result<(), RunnerError> {
        // A link on the way is in the name that the caller gave, which may be relative.
        must_not(&self.place, &self.environment, &self.said.dir)?;
        must_not(&self.place, &self.environment, dir)
    }
}

fn must_not(place: &ProjectPlace, environment: &Environment, dir: &Path) -> Result<(), RunnerError> {
    let root = &place.root;
    for outer in recording(root.ancestors().skip(1)) {
        if !share_repository(root, outer) && (!place.has_ledger() || is_tracked(environment, outer, root)?) {
            return Err(RunnerError::Eclipsed { root: root.clone(), outer: outer.to_owned() });
        }
    }
    let typed = typed(environment, dir);
    for outer in recording(typed.ancestors()) {
        if fs::canonicalize(outer).is_ok_and(|real| !root.starts_with(real)) {
            return Err(RunnerError::LeadsOut {
                typed: typed.clone(),
                root: root.clone(),
                outer: outer.to_owned(),
            });
        }
    }
    Ok(())
}

/// Returns the folders that are the root of a project which records turns.
fn recording<'p>(folders: impl Iterator<Item = &'p Path>) -> impl Iterator<Item = &'p Path> {
    folders.filter(|folder| {
        let place = ProjectPlace::worktree((*folder).to_owned());
        is_git_dir(&folder.join(".git")) && (place.has_ledger() || place.may_have_had_ledger())
    })
}

/// Returns a folder as the caller named it, with the links on the way to it. A shell knows those of the working directory.
fn typed(environment: &Environment, dir: &Path) -> PathBuf {
    let here = environment.folder();
    let of_shell = environment.get("PWD").map(PathBuf::from);
    let of_shell = of_shell
        .filter(|path| path.is_absolute() && fs::canonicalize(path).ok() == fs::canonicalize(here).ok());
    of_shell.unwrap_or_else(|| here.to_owned()).join(dir)
}

/// Returns whether the last commit of a repository contains a path as a folder, not as a submodule.
fn is_tracked(environment: &Environment, outer: &Path, folder: &Path) -> Result<bool, RunnerError> {
    const STEP: &str = "read the outer project";
    let failed = |source| RunnerError::Ledger(LedgerError::of_git(STEP, source));
    let git = match environment.git().discover(outer).map_err(failed) {
        Ok(git) => git,
        Err(RunnerError::Ledger(error)) if error.cause() == Cause::Repository => {
            return Err(RunnerError::Ledger(error));
        }
        Err(_) => return Ok(false),
    };
    let inner = folder.strip_prefix(git.worktree_root()).ok();
    let Some(path) = inner.and_then(|path| RepoPath::from_bytes(path.as_os_str().as_bytes()).ok()) else {
        return Ok(false);
    };
    let Some(head) = git.head().map_err(failed)? else { return Ok(false) };
    let tree = git.tree_of(&head).map_err(failed)?;
    Ok(git.entry(&tree, &path).map_err(failed)?.is_some_and(|entry| entry.kind == EntryKind::Folder))
}
