//! [`Project`]: the repository that a command works in.

use std::fs;
use std::path::{Path, PathBuf};

use codex_ledger::Places;

use crate::config::{Config, Environment, Flag};
use crate::failure::Failure;

/// The repository that a command works in, found without git.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    /// The top of the worktree; without git, the directory itself.
    pub(crate) root: PathBuf,
    /// Whether there is a repository.
    pub(crate) kind: ProjectKind,
}

/// What a project is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProjectKind {
    /// The worktree of a git repository.
    Worktree,
    /// A directory without git.
    Plain,
}

impl Project {
    /// Finds the project that a directory is in.
    pub(crate) fn of(dir: &Path) -> Self {
        let dir = fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
        match dir.ancestors().find(|folder| is_git(&folder.join(".git"))) {
            Some(root) => Self { root: root.to_owned(), kind: ProjectKind::Worktree },
            None => Self { root: dir, kind: ProjectKind::Plain },
        }
    }

    /// The settings in force here.
    ///
    /// # Errors
    ///
    /// One of them cannot be understood.
    pub(crate) fn config(&self, flags: Vec<Flag>) -> Result<Config, Failure> {
        Ok(Config::load(&self.root, Environment::of_process(), flags)?)
    }

    /// Whether turns are recorded here, or were.
    pub(crate) fn has_ledger(&self) -> bool {
        let places = Places::below(&self.root);
        places.index().is_file() || places.turns().is_dir()
    }
}

/// Whether git would take this for its directory, or for a file that says where it is; others leave empty ones about.
fn is_git(path: &Path) -> bool {
    path.is_file() || path.join("HEAD").symlink_metadata().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_folder_of_that_name_makes_no_repository() {
        let scratch = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(scratch.path()).unwrap();
        fs::create_dir_all(root.join("work/inner/.git")).unwrap();
        let of = |folder: &str| Project::of(&root.join(folder));
        assert_eq!(
            (of("work/inner").root, of("work/inner").kind),
            (root.join("work/inner"), ProjectKind::Plain)
        );
        fs::create_dir(root.join("work/.git")).unwrap();
        fs::write(root.join("work/.git/HEAD"), "ref: refs/heads/main\n").unwrap();
        assert_eq!(
            (of("work/inner").root, of("work/inner").kind),
            (root.join("work"), ProjectKind::Worktree)
        );
        fs::remove_dir(root.join("work/inner/.git")).unwrap();
        fs::write(root.join("work/inner/.git"), "gitdir: elsewhere\n").unwrap();
        assert_eq!(of("work/inner").root, root.join("work/inner"));
    }
}
