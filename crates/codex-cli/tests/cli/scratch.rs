//! [`Scratch`]: a place of its own for one test: home, state, temporary folder and a repository.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use codex_fixtures::{FakeCodex, wait_until};
use serde_json::Value;

pub(crate) use crate::process::{Ran, new_command, state_folder};

/// How long a test waits for what must come at once.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// The thread of [`FakeScript::completed_turn`](codex_fixtures::FakeScript::completed_turn).
pub(crate) const THREAD: &str = "0199a213-81c0-7800-8aa1-bbab2a035a53";

pub(crate) struct Scratch {
    root: tempfile::TempDir,
    state: tempfile::TempDir,
}

impl Scratch {
    /// A folder with an empty git repository in `work`.
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        for folder in ["home", "codex-home", "tmp", "bin", "plain", "work/.git"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        fs::write(root.path().join("work/.git/HEAD"), "ref: refs/heads/main\n").unwrap();
        Self { root, state: state_folder() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        match (name, name.strip_prefix("state/")) {
            ("state", _) => self.state.path().to_owned(),
            (_, Some(below)) => self.state.path().join(below),
            (_, None) => self.root.path().join(name),
        }
    }

    /// The command under test, in the repository, with nothing of this machine's user.
    pub(crate) fn command(&self, program: Option<&Path>) -> Command {
        let mut command = new_command(env!("CARGO_BIN_EXE_codex-turns").as_ref());
        command
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("HOME", self.path("home"))
            .env("CODEX_HOME", self.path("codex-home"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("TMPDIR", self.path("tmp"))
            .current_dir(self.path("work"))
            .stdin(Stdio::null());
        if let Some(program) = program {
            command.env("CODEX_PATH", program);
        }
        command
    }

    /// Runs `codex-turns run ARGUMENTS` with the fake.
    pub(crate) fn run<A: AsRef<OsStr>>(
        &self,
        fake: &FakeCodex,
        arguments: impl IntoIterator<Item = A>,
    ) -> Ran {
        Ran::from(self.command(Some(&fake.path())).arg("run").args(arguments).output().unwrap())
    }

    /// Nothing is left: no process, no temporary file, no note of a start, no lock of a thread.
    pub(crate) fn assert_clean(&self, fake: &FakeCodex) {
        assert!(wait_until(SOON, || fake.living().is_empty()), "processes live: {:?}", fake.living());
        self.assert_no_files();
    }

    pub(crate) fn assert_no_files(&self) {
        for folder in ["tmp", "state/codex-turns/starts", "state/codex-turns/threads"] {
            let left: Vec<_> = fs::read_dir(self.path(folder)).into_iter().flatten().flatten().collect();
            assert!(left.is_empty(), "{folder} has {left:?}");
        }
    }

    /// Text with the paths of this test replaced, for snapshots.
    pub(crate) fn anonymous(&self, text: &str) -> String {
        let real = fs::canonicalize(self.root.path()).unwrap();
        text.replace(&real.display().to_string(), "SCRATCH")
            .replace(&self.root.path().display().to_string(), "SCRATCH")
            .replace(&self.state.path().display().to_string(), "SCRATCH/state")
    }

    /// The object that `--result result.json` has written.
    pub(crate) fn result(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("work/result.json")).unwrap()).unwrap()
    }
}
