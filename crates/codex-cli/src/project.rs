//! [`Project`]: the repository that a command works in.

use std::ffi::OsStr;
use std::fs;
use std::path::{self, Path, PathBuf};

use codex_ledger::{LedgerFolder, is_git_dir};

use crate::arguments::{RunArguments, TrustOptions};
use crate::config::{Belief, Config, Environment, FILE_NAME, Flag, SettingsFile};
use crate::failure::{Failure, print, warning_line};
use crate::project_layer::{self, Asked, LayerChoice, LayerState};
use crate::render::{Line, Tone};
use crate::trust_setup::{Decision, Trusting};

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
        let Ok(dir) = fs::canonicalize(dir) else {
            // What is not there is in no project, least of all in that of the working directory.
            let root = path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
            return Self { root, kind: ProjectKind::Plain };
        };
        match dir.ancestors().find(|folder| is_git_dir(&folder.join(".git"))) {
            Some(root) => Self { root: root.to_owned(), kind: ProjectKind::Worktree },
            None => Self { root: dir, kind: ProjectKind::Plain },
        }
    }

    /// The settings in force here. Whatever of the file needs trust is asked about only if the file has such a thing.
    ///
    /// # Errors
    ///
    /// One of them cannot be understood, or what was said of trust cannot.
    pub(crate) fn settings(&self, said: &Said<'_>) -> Result<Settings, Failure> {
        let environment = Environment::of_process();
        // What is wrong with the variable or a flag is said whether there is a file or not.
        let trusting = Trusting::of(&self.root, said.trust, &environment, said.writable)?;
        let file = match said.file {
            Some(path) => Some(SettingsFile::named(&self.root, path)?),
            None => SettingsFile::of_project(&self.root)?,
        };
        let load = |belief| Config::load(file.clone(), belief, environment.clone(), said.flags.to_vec());
        if let (Some(_), Some(file)) = (said.file, &file) {
            // A file outside of the project belongs to the caller who named it.
            if file.below.is_some() && trusting.decide(file)?.belief() == Belief::Untrusted {
                return Err(Failure::SettingsInProject { path: file.path.clone() });
            }
            let mut config = load(Belief::Trusted)?;
            config.look_at_named(&self.root);
            return Ok(Settings { config, decision: Decision::Trusted });
        }
        let config = load(Belief::Untrusted)?;
        let decision = match &file {
            Some(file) if !config.claimed.is_empty() => trusting.decide(file)?,
            Some(_) | None => return Ok(Settings { config, decision: Decision::Trusted }),
        };
        if decision.belief() == Belief::Untrusted {
            return Ok(Settings { config, decision });
        }
        let mut trusted = load(Belief::Trusted)?;
        // Checks compare with what was looked at here, so this has to be what is trusted.
        let decision = trusting.decide_files(&trusted.look_at_named(&self.root))?;
        let config = if decision.belief() == Belief::Trusted { trusted } else { config };
        Ok(Settings { config, decision })
    }

    /// The settings in force here, after a line that says what of the file does not count, and one that says what it
    /// loosens.
    ///
    /// # Errors
    ///
    /// As those of [`settings`](Self::settings).
    pub(crate) fn config(&self, said: &Said<'_>) -> Result<Config, Failure> {
        let settings = self.settings(said)?;
        print(&settings.lines());
        Ok(settings.config)
    }

    /// Which files count that the project keeps for Codex, after the lines that say so.
    ///
    /// # Errors
    ///
    /// What was said of trust cannot be understood.
    pub(crate) fn layer(
        &self,
        arguments: &RunArguments,
        writable: &[PathBuf],
    ) -> Result<LayerChoice, Failure> {
        let state = self.layer_state(Asked::by(arguments), &arguments.trust, writable)?;
        if !arguments.quiet && !arguments.json {
            print(&state.lines());
        }
        Ok(state.choice.trusting_nested(arguments.trust.trust))
    }

    /// Which of those files are there and count.
    ///
    /// # Errors
    ///
    /// What was said of trust cannot be understood.
    pub(crate) fn layer_state(
        &self,
        asked: Asked<'_>,
        options: &TrustOptions,
        writable: &[PathBuf],
    ) -> Result<LayerState, Failure> {
        let trusting = Trusting::of(&self.root, options, &Environment::of_process(), writable)?;
        project_layer::decide(&self.root, asked, &trusting)
    }

    /// Whether turns are recorded here, or were. A link in the place of the ledger or of a folder above it does not count.
    pub(crate) fn has_ledger(&self) -> bool {
        LedgerFolder::look(&self.root) == LedgerFolder::Here
    }

    /// Whether the git directory may say that turns were recorded here; says yes where that takes git to find out.
    pub(crate) fn may_have_had_ledger(&self) -> bool {
        let dot = self.root.join(".git");
        self.kind == ProjectKind::Worktree && (dot.is_file() || dot.join("turns").exists())
    }
}

/// What a command line says of settings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said<'a> {
    /// Settings that flags make.
    pub(crate) flags: &'a [Flag],
    /// A file in the place of that of the project.
    pub(crate) file: Option<&'a Path>,
    pub(crate) trust: &'a TrustOptions,
    /// Folders that an agent may write to besides the project.
    pub(crate) writable: &'a [PathBuf],
}

impl<'a> Said<'a> {
    /// Takes what is said of trust, and nothing else.
    pub(crate) fn trust(trust: &'a TrustOptions) -> Self {
        Self { flags: &[], file: None, trust, writable: &[] }
    }
}

/// The settings in force, and whether the file of the project is trusted.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) config: Config,
    pub(crate) decision: Decision,
}

impl Settings {
    /// What a person has to know of the file before anything runs.
    pub(crate) fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let name =
            self.config.file().and_then(Path::file_name).map_or(FILE_NAME.into(), OsStr::to_string_lossy);
        let ignored: Vec<&str> = self.config.ignored().iter().map(|claimed| claimed.key.as_str()).collect();
        if !ignored.is_empty() {
            let (keys, reason) = (ignored.join(", "), self.decision.reason());
            lines.push(warning_line(&format!("ignored in {name}: {keys} ({reason})")));
        }
        let loosened: Vec<String> =
            self.config.loosened().map(|claimed| format!("{} = {}", claimed.key, claimed.value)).collect();
        if !loosened.is_empty() {
            let text = format!("{name} is trusted and loosens: {}", loosened.join(", "));
            lines.push(Line::new(Tone::Warning, &text));
        }
        lines
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
            let project = Project::of(&inner);
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
        let project = Project::of(Path::new("nowhere/deep"));
        assert!(project.root.is_absolute() && project.root.ends_with("nowhere/deep"), "{project:?}");
        assert_eq!(project.kind, ProjectKind::Plain);
    }

    #[test]
    fn without_git_it_is_the_directory_itself() {
        let scratch = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(scratch.path()).unwrap();
        let project = Project::of(&root);
        assert_eq!((project.root, project.kind), (root, ProjectKind::Plain));
    }
}
