//! [`GitCli`]: git, by its own program.

mod batch;
mod before;
mod bring;
mod broken_refs;
mod command_words;
mod commits;
mod compare;
mod config_stamp;
mod diff;
mod discover;
mod environment;
mod git_version;
mod ground;
mod history;
mod import;
mod index_file;
mod list_and_patch;
mod lookups;
mod nest;
mod obstacles;
mod private_index;
mod process;
mod read_objects;
mod refs;
mod remote;
mod rule_files;
mod snapshot;
mod sorted_paths;
mod status;
mod switched_off;
mod trees;
mod user_index;
mod worktree;
mod write_objects;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use self::environment::Inheritance;
pub use self::git_version::GitVersion;
use self::process::{Prepare, Runner};
use self::switched_off::SwitchedOff;
use crate::git::vcs::VcsError;
use crate::system::Abort;
use crate::values::Oid;

/// How long git may take, and how much it may take in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct GitLimits {
    /// For what only looks something up or writes a little. Default: 60 s.
    pub quick: Duration,
    /// For what reads the whole worktree or a whole difference. Default: 10 min.
    pub thorough: Duration,
    /// For a snapshot of the worktree, with all that it needs of git. Default: 5 min.
    pub snapshot: Duration,
    /// The longest file that a snapshot takes, in bytes. Default: 100 MiB.
    pub file_bytes: u64,
    /// How many files that new ignore rules hide a snapshot takes nevertheless. Default: 5000.
    pub hidden_files: usize,
}

impl Default for GitLimits {
    fn default() -> Self {
        Self {
            quick: Duration::from_mins(1),
            thorough: Duration::from_mins(10),
            snapshot: Duration::from_mins(5),
            file_bytes: 100 << 20,
            hidden_files: 5000,
        }
    }
}

/// Git, by its own program. No setting of the user's changes what is found, and no hook of his runs.
///
/// Each call is one or a few processes, each in a process group of its own with a limit of time, without a terminal.
/// What decides the content of files on their way into git (`.gitattributes`, `core.autocrlf`, filters) is the user's,
/// because it decides what his own `git add` would store. A filter that lies in the worktree or is set there does not
/// run: the file is stored as it is.
///
/// No call asks anything of a repository inside the worktree but the commit at its HEAD. Git inherits no variable that
/// holds a secret, except where a call contacts a remote and [`remote_env`](GitCliBuilder::remote_env) names it.
///
/// Needs [`GitVersion::OLDEST`] or later, which [`discover`](Self::discover) finds out.
#[derive(Debug, Clone)]
pub struct GitCli {
    runner: Runner,
    git_dir: PathBuf,
    common_dir: PathBuf,
    /// The tree without entries: its name tells how long names are in this repository.
    empty_tree: Oid,
}

impl GitCli {
    /// Finds the worktree that `folder` is in.
    ///
    /// # Errors
    ///
    /// There is none; git cannot be started, is [too old](GitVersion::OLDEST) or refuses (a worktree of another owner).
    pub fn discover(folder: &Path) -> Result<Self, VcsError> {
        Self::builder().discover(folder)
    }

    /// Returns the settings that disable configured programs which an agent in the worktree could write, as keys and values.
    ///
    /// They are as of the last call that could have started a program. Pass them to any other git that runs outside of a
    /// sandbox.
    pub fn switched_off(&self) -> Vec<(OsString, OsString)> {
        self.runner.switched_off.programs()
    }

    /// Starts with the defaults.
    pub fn builder() -> GitCliBuilder {
        GitCliBuilder {
            program: "git".into(),
            environment: Vec::new(),
            inheritance: Inheritance::default(),
            limits: GitLimits::default(),
            abort: Abort::new(),
            prepare: Prepare::default(),
        }
    }
}

/// Says how git is started.
#[derive(Debug, Clone)]
#[must_use = "nothing is found before `discover`"]
pub struct GitCliBuilder {
    program: PathBuf,
    environment: Vec<(OsString, OsString)>,
    inheritance: Inheritance,
    limits: GitLimits,
    abort: Abort,
    prepare: Prepare,
}

impl GitCliBuilder {
    /// Starts another program. Default: `git`, as the absolute entries of the path say.
    pub fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = program.into();
        self
    }

    /// Sets a variable of git's environment, above all that is inherited.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Keeps variables of these names from git, besides those that hold a secret by their names or values.
    pub fn hide(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.inheritance.hidden.extend(names.into_iter().map(Into::into));
        self
    }

    /// Hands variables of these names to the calls that contact a remote, although they hold secrets: what a credential
    /// helper reads. The keys of Codex are never handed over.
    pub fn remote_env(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.inheritance.remote.extend(names.into_iter().map(Into::into));
        self
    }

    /// Ends git when this switch is pulled.
    pub fn abort(mut self, abort: Abort) -> Self {
        self.abort = abort;
        self
    }

    /// Changes each command before it is started, such as by tying it to the death of this process.
    pub fn prepare(mut self, prepare: impl Fn(&mut Command) + Send + Sync + 'static) -> Self {
        self.prepare = Prepare::of(prepare);
        self
    }

    /// Sets how long git may take.
    pub fn limits(mut self, limits: GitLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Finds the worktree that `folder` is in.
    ///
    /// # Errors
    ///
    /// There is none; git cannot be started, is [too old](GitVersion::OLDEST) or refuses (a worktree of another owner).
    pub fn discover(self, folder: &Path) -> Result<GitCli, VcsError> {
        let runner = Runner {
            program: self.program,
            environment: self.environment,
            inheritance: self.inheritance,
            limits: self.limits,
            abort: self.abort,
            prepare: self.prepare,
            root: folder.into(),
            switched_off: SwitchedOff::default(),
        };
        discover::discover(&runner, folder)
    }
}
