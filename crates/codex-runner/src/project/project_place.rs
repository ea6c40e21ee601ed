//! [`ProjectPlace`]: the repository that a folder is in, found without git.

use std::fs;
use std::path::{self, Path, PathBuf};

use codex_ledger::git::is_git_dir;
use codex_ledger::record::LedgerFolder;

/// The repository that a folder is in, found without git and without settings.
///
/// ```
/// use codex_runner::{ProjectKind, ProjectPlace};
///
/// let scratch = tempfile::tempdir()?;
/// let place = ProjectPlace::of(scratch.path());
/// assert_eq!((place.root, place.kind), (scratch.path().canonicalize()?, ProjectKind::Plain));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProjectPlace {
    /// The top of the worktree; without git, the folder itself.
    pub root: PathBuf,
    /// Whether there is a repository.
    pub kind: ProjectKind,
}

/// Says what a project is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is a repository or there is none")]
pub enum ProjectKind {
    /// The worktree of a git repository.
    Worktree,
    /// A folder without git.
    Plain,
}

impl ProjectPlace {
    /// Finds the project that a folder is in.
    pub fn of(dir: &Path) -> Self {
        let Ok(dir) = fs::canonicalize(dir) else {
            // A missing folder is in no project, least of all in that of the working directory.
            let root = path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
            return Self { root, kind: ProjectKind::Plain };
        };
        match dir.ancestors().find(|folder| is_git_dir(&folder.join(".git"))) {
            Some(root) => Self { root: root.to_owned(), kind: ProjectKind::Worktree },
            None => Self { root: dir, kind: ProjectKind::Plain },
        }
    }

    /// Takes the root of a worktree.
    pub(crate) fn worktree(root: PathBuf) -> Self {
        Self { root, kind: ProjectKind::Worktree }
    }

    /// Returns whether turns are recorded here, or were. A link in the place of the ledger or of a folder above it does not
    /// count.
    pub fn has_ledger(&self) -> bool {
        LedgerFolder::look(&self.root) == LedgerFolder::Here
    }

    /// Returns whether the git directory may say that turns were recorded here; yes if that takes git to find out.
    pub(crate) fn may_have_had_ledger(&self) -> bool {
        let dot = self.root.join(".git");
        self.kind == ProjectKind::Worktree && (dot.is_file() || dot.join("turns").exists())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What git calls the top of the worktree.
    fn top(folder: &Path) -> Option<PathBuf> {
        let words = ["rev-parse", "--show-toplevel"];
        let output = git(folder).args(words).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        output.status.success().then(|| PathBuf::from(text.trim_end()))
    }

    #[expect(clippy::disallowed_methods, reason = "the test asks git itself")]
    fn git(folder: &Path) -> std::process::Command {
        let mut command = std::process::Command::new("git");
        command.current_dir(folder).env_remove("GIT_DIR").env_remove("GIT_WORK_TREE");
        command
    }

    #[test]
    fn the_top_is_where_git_sees_it() {
        let scratch = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(scratch.path()).unwrap();
        let inner = root.join("work/inner");
        let dot = inner.join(".git");
        fs::create_dir_all(&dot).unwrap();
        let init = git(&root.join("work")).args(["init", "-q"]).status().unwrap();
        assert!(init.success());
        let agree = |expected: &Path, what: &str| {
            let project = ProjectPlace::of(&inner);
            assert_eq!((project.root.as_path(), project.kind), (expected, ProjectKind::Worktree), "{what}");
            assert_eq!(top(&inner).as_deref(), Some(expected), "{what}");
        };
        let outer = root.join("work");
        agree(&outer, "an empty folder");
        fs::write(dot.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        agree(&outer, "without objects");
        fs::create_dir(dot.join("objects")).unwrap();
        agree(&outer, "without refs");
        fs::create_dir(dot.join("refs")).unwrap();
        agree(&inner, "a repository");
        fs::write(dot.join("HEAD"), "0123456789012345678901234567890123456789\n").unwrap();
        agree(&inner, "an object is checked out");
        fs::write(dot.join("HEAD"), "something\n").unwrap();
        agree(&outer, "nothing that could be checked out");
        fs::remove_dir_all(&dot).unwrap();
        fs::write(&dot, "gitdir: ../.git\n").unwrap();
        agree(&inner, "a file that says where it is");
    }

    #[test]
    fn what_is_not_there_is_in_no_project() {
        // Tests run in a repository.
        let project = ProjectPlace::of(Path::new("nowhere/deep"));
        assert!(project.root.is_absolute() && project.root.ends_with("nowhere/deep"), "{project:?}");
        assert_eq!(project.kind, ProjectKind::Plain);
    }

    #[test]
    fn without_git_it_is_the_directory_itself() {
        let scratch = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(scratch.path()).unwrap();
        let project = ProjectPlace::of(&root);
        assert_eq!((project.root, project.kind), (root, ProjectKind::Plain));
    }
}
