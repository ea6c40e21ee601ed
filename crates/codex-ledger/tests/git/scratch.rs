//! [`Scratch`]: a repository that nobody's configuration reaches.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use codex_ledger::GitCli;
use codex_ledger::git::{Exclude, GitCliBuilder, Worktree as _};
use codex_ledger::values::Oid;
use tempfile::TempDir;

/// Where the ledger lies in a worktree.
pub(crate) const LEDGER: &str = "ai/agentic-pipeline";

const ENVIRONMENT: &[(&str, &str)] = &[
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_AUTHOR_NAME", "A"),
    ("GIT_AUTHOR_EMAIL", "a@example.com"),
    ("GIT_AUTHOR_DATE", "2025-01-01T00:00:00Z"),
    ("GIT_COMMITTER_NAME", "C"),
    ("GIT_COMMITTER_EMAIL", "c@example.com"),
    ("GIT_COMMITTER_DATE", "2025-01-01T00:00:00Z"),
    ("LC_ALL", "C"),
];

/// A folder with a repository `main` in it, and room for others beside it.
pub(crate) struct Scratch {
    folder: TempDir,
    pub(crate) root: PathBuf,
}

impl Scratch {
    /// A repository without a commit.
    pub(crate) fn unborn() -> Self {
        Self::with(&[])
    }

    /// A repository with one commit.
    pub(crate) fn new() -> Self {
        let scratch = Self::unborn();
        scratch.write("README.md", "hello\n");
        scratch.commit_all("first");
        scratch
    }

    /// A repository without a commit, made with these options.
    pub(crate) fn with(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("main");
        let scratch = Self { folder, root };
        let at = scratch.root.to_str().unwrap().to_owned();
        run(scratch.folder.path(), &[&["init", "-q", "-b", "main"], options, &[&at]].concat(), &[]);
        scratch
    }

    /// A path beside the repository.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    /// Git with a configuration of its own, for any repository.
    pub(crate) fn builder() -> GitCliBuilder {
        let environment = ENVIRONMENT.iter().filter(|(name, _)| name.starts_with("GIT_CONFIG"));
        environment.fold(GitCli::builder(), |builder, (name, value)| builder.env(name, value))
    }

    pub(crate) fn cli(&self) -> GitCli {
        Self::builder().discover(&self.root).unwrap()
    }

    pub(crate) fn cli_at(folder: &Path) -> GitCli {
        Self::builder().discover(folder).unwrap()
    }

    /// Runs git here and gives what it prints.
    pub(crate) fn git(&self, args: &[&str]) -> Vec<u8> {
        run(&self.root, args, &[])
    }

    /// The same as one line of text.
    pub(crate) fn line(&self, args: &[&str]) -> String {
        String::from_utf8(self.git(args)).unwrap().trim_end().to_owned()
    }

    pub(crate) fn oid(&self, revision: &str) -> Oid {
        self.line(&["rev-parse", "--verify", revision]).parse().unwrap()
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        self.write_bytes(path.as_bytes(), content);
    }

    pub(crate) fn write_bytes(&self, path: &[u8], content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn path(&self, path: &[u8]) -> PathBuf {
        self.root.join(OsStr::from_bytes(path))
    }

    /// Commits everything, and gives the commit.
    pub(crate) fn commit_all(&self, message: &str) -> Oid {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.oid("HEAD")
    }

    /// The tree that `git add -A` and `git write-tree` make of the worktree without the ledger.
    pub(crate) fn tree_by_git(&self) -> Oid {
        let index = self.beside("index-of-git");
        let own = self.line(&["rev-parse", "--path-format=absolute", "--git-path", "index"]);
        if Path::new(&own).exists() {
            fs::copy(own, &index).unwrap();
        }
        let index = [("GIT_INDEX_FILE", index.to_str().unwrap())];
        run(&self.root, &["add", "-A"], &index);
        run(&self.root, &["rm", "-rqf", "--cached", "--ignore-unmatch", "--", LEDGER], &index);
        String::from_utf8(run(&self.root, &["write-tree"], &index)).unwrap().trim().parse().unwrap()
    }
}

pub(crate) fn exclude() -> Exclude {
    Exclude::ledger_root(LEDGER.parse().unwrap())
}

pub(crate) fn snapshot(cli: &GitCli) -> Oid {
    let snapshot = cli.snapshot(&exclude()).unwrap();
    assert_eq!(snapshot.unreadable, []);
    snapshot.tree
}

/// Runs git in a folder; it has to end well.
pub(crate) fn run(folder: &Path, args: &[&str], environment: &[(&str, &str)]) -> Vec<u8> {
    let output = try_run(folder, args, environment);
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[expect(clippy::disallowed_methods, reason = "the one place of these tests that starts git by itself")]
pub(crate) fn try_run(folder: &Path, args: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new("git");
    command.args([
        "-c",
        "protocol.file.allow=always",
        "-c",
        "commit.gpgSign=false",
        "-c",
        "core.safecrlf=false",
    ]);
    command.args(args).current_dir(folder);
    command.envs(ENVIRONMENT.iter().copied()).envs(environment.iter().copied());
    command.output().unwrap()
}
